/** Files that a command writes when its work is done: tried before it begins. */
import { lstat, mkdir, open, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failure, success, type Result } from '../engine/errors.ts';

/**
 * Whether a file can be written, found out by opening it: rights alone do not tell. Makes its folder, and leaves what
 * the file holds.
 *
 * @returns `file-unwritable` with the system's reason
 */
export async function checkResultFile(path: string): Promise<Result<void>> {
  return unlessRefused(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    // The name itself: a link to a file that is not there yet is somebody's, and stays.
    const isNew = await lstat(path).then(
      () => false,
      () => true,
    );
    await (await open(path, 'a')).close();
    if (isNew) await rm(path);
  });
}

/**
 * Writes a file, in the place of what was there.
 *
 * @returns `file-unwritable` with the system's reason
 */
export async function writeResultFile(path: string, text: string): Promise<Result<void>> {
  return unlessRefused(path, () => writeFile(path, text));
}

async function unlessRefused(path: string, work: () => Promise<void>): Promise<Result<void>> {
  try {
    await work();
    return success(undefined);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failure('file-unwritable', `${path} cannot be written (${reason}). Name another place.`, { path });
  }
}
