/**
 * Loads every package that a packed app names, seeing nothing but the packed app itself.
 *
 *     node test/packaging/load-probe.ts APP
 *
 * Ends with 1 and a line for each package that is missing or was taken from elsewhere.
 */
import { globSync, readFileSync } from 'node:fs';
import { isBuiltin, registerHooks } from 'node:module';
import { join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const [app = '.'] = process.argv.slice(2);
const faults: string[] = [];

for (const file of globSync('out/main/**/*.js', { cwd: app })) {
  const imported = ts.preProcessFile(readFileSync(join(app, file), 'utf8'), true, true).importedFiles;
  const packages = imported
    .map(({ fileName }) => fileName)
    .filter((name) => !name.startsWith('.') && !isBuiltin(name) && name !== 'electron');
  for (const name of packages) await load(name, file);
}
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);

async function load(name: string, from: string): Promise<void> {
  const parent = pathToFileURL(join(app, from)).href;
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      // The import below is this file's; it is resolved as if the app's file had written it.
      const own = context.parentURL === import.meta.url;
      const found = next(specifier, own ? { ...context, parentURL: parent } : context);
      const isInside = found.url.startsWith('node:') || fileURLToPath(found.url).startsWith(app + sep);
      if (!isInside) faults.push(`${from} needs ${specifier}, which was found only at ${found.url}`);
      return found;
    },
  });
  try {
    await import(name);
  } catch (error) {
    faults.push(`${from} needs ${name}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    hooks.deregister();
  }
}
