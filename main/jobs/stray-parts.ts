/** Half-written results, which lie beside the finished ones under hidden names, and stay there after a power cut. */
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { isAlive } from './scratch.ts';

/** Untouched for so long, a part is nobody's: another machine of the same name may be writing into the same folder. */
const STRAY_AFTER_MS = 60 * 60 * 1000;

/** The name of a photo's result until it is finished: of the scratch folder, which is one process's own. */
export function partName(scratchFolder: string, photoId: string): string {
  return `.${basename(scratchFolder)}-${photoId}.part`;
}

/** Removes the parts that processes of this machine left in a folder when they were ended without warning. */
export async function removeStrayParts(folder: string): Promise<void> {
  const prefix = `.tessera-spool-${hostname()}-`;
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(prefix) || !name.endsWith('.part')) continue;
    const owner = /^\d+(?=-)/.exec(name.slice(prefix.length))?.[0];
    if (owner === undefined || isAlive(Number(owner))) continue;
    const path = join(folder, name);
    const changedMs = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity,
    );
    if (Date.now() - changedMs > STRAY_AFTER_MS) await rm(path, { force: true }).catch(() => undefined);
  }
}
