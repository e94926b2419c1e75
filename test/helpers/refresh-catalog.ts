/**
 * Writes `models/catalog-entries.ts` from the files in `models/weights`. Run after weights were added or replaced:
 *
 *     node test/helpers/refresh-catalog.ts
 *
 * It stands among the tests because the results that int8 is checked against on every machine come from the integer
 * reference here, not from the graphs that they check.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describeWeights } from '../../models/graph/describe.ts';
import { checkOf } from './reference-checks.ts';

const models = resolve(import.meta.dirname, '../../models');
const ending = '.safetensors';

const files = (await readdir(`${models}/weights`)).filter((name) => name.endsWith(ending)).sort();
const entries = [];
for (const name of files) {
  const file = await readFile(`${models}/weights/${name}`);
  const facts = describeWeights(file);
  entries.push({ id: name.slice(0, -ending.length), ...facts, check: checkOf(file, facts.haloPx) });
}
const source = `// Written by test/helpers/refresh-catalog.ts from the files in models/weights. Do not edit.
import type { CatalogEntry } from './catalog.ts';

export const catalogEntries: readonly Omit<CatalogEntry, 'family' | 'precisions' | 'figures' | 'weightsFile'>[] = ${JSON.stringify(entries, null, 2)};
`;
const target = `${models}/catalog-entries.ts`;
await writeFile(target, await format(source, { ...(await resolveConfig(target)), filepath: target }));
