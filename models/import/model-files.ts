/** The two files of an ncnn model: read, and kept in the folder of imported models. */
import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imported, refused } from './outcome.ts';
import type { Imported } from './outcome.ts';

/** One thing for each of the two files. */
export interface Both<T> {
  readonly param: T;
  readonly bin: T;
}

/** Reads both, from where they lie. */
export function readBoth({ param, bin }: Both<string>): Imported<Both<Buffer>> {
  try {
    return imported({ param: readFileSync(param), bin: readFileSync(bin) });
  } catch (error) {
    const missing = error instanceof Error && 'path' in error ? String(error.path) : param;
    return refused(
      'model-unreadable',
      `${missing} cannot be read. A model is two files of one name, .param and .bin, side by side.`,
      { path: missing },
    );
  }
}

/** Reads a person's model by its `.param` file. */
export function readModel(path: string): Imported<Both<Buffer>> {
  const bin = path.replace(/\.param$/i, '.bin');
  if (bin !== path) return readBoth({ param: path, bin });
  return refused('model-unreadable', `${path} is not a .param file. Choose the .param file of an ncnn model.`, {
    path,
  });
}

/** What files of a model are stored as before their names carried a hash. */
export function plainNames(id: string): Both<string> {
  return { param: `${id}.param`, bin: `${id}.bin` };
}

/** Enough of a hash that no two contents of one model share a name. */
const HASH_LETTERS = 16;

/** What files of a model are stored as: names that other contents never have, so that nothing is written over. */
export function namesOf(id: string, { param, bin }: Both<string>): Both<string> {
  return {
    param: `${id}.${param.slice(0, HASH_LETTERS)}.param`,
    bin: `${id}.${bin.slice(0, HASH_LETTERS)}.bin`,
  };
}

/** Writes under another name first, so that there is never half a file. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content, { flush: true });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Removes a model's files, but for those that another description names too. What cannot be removed stays. */
export async function removeBoth(folder: string, names: Both<string>, kept?: Both<string>): Promise<void> {
  const gone = [names.param, names.bin].filter((name) => name !== kept?.param && name !== kept?.bin);
  await Promise.allSettled(gone.map((name) => rm(join(folder, name), { force: true })));
}
