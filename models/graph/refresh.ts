/**
 * Writes `models/catalog-entries.ts` from the files in `models/weights`. Run after weights were added or replaced:
 *
 *     node models/graph/refresh.ts
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { describeWeights } from './describe.ts';

const weightsFolder = new URL('../weights/', import.meta.url);
const ending = '.safetensors';

const files = (await readdir(weightsFolder)).filter((name) => name.endsWith(ending)).sort();
const entries = [];
for (const file of files) {
  const facts = describeWeights(await readFile(new URL(file, weightsFolder)));
  entries.push({ id: file.slice(0, -ending.length), ...facts });
}
const source = `// Written by models/graph/refresh.ts from the files in models/weights. Do not edit.
import type { WeightsFacts } from './graph/describe.ts';

export const catalogEntries: readonly (WeightsFacts & { readonly id: string })[] = ${JSON.stringify(entries, null, 2)};
`;
await writeFile(new URL('../catalog-entries.ts', import.meta.url), source);
