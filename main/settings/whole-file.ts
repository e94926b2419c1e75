import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Failure, Result } from '../engine/errors.ts';
import { failure, success } from '../engine/errors.ts';

/**
 * Writes a text file as a whole or not at all, and makes its folder where there is none.
 *
 * @param what stands in the sentence of the failure, such as `The settings`
 */
export async function writeWhole(
  path: string,
  text: string,
  what: string,
): Promise<Result<void, Failure<'settings-unwritable'>>> {
  // Beside the file, since a rename is whole only within one file system.
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return success(undefined);
  } catch (error) {
    // Where even this fails, the first error is the one that tells why.
    await rm(temporary, { force: true }).catch(() => undefined);
    const message = `${what} could not be saved (${errnoOf(error)}). Check that ${dirname(path)} may be written to.`;
    return failure('settings-unwritable', message, { path });
  }
}

/** What the system calls an error, such as `ENOENT`. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
