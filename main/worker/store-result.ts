import { closeSync, existsSync, fsync, fsyncSync, linkSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { failure, success, type Result } from '../engine/errors.ts';
import type { OutputSpec } from '../engine/ports.ts';
import { isClaimed, writeClaim } from './claim.ts';
import type { StorePaths } from './protocol.ts';
import { isSystemError } from './system-failure.ts';

/**
 * Gives a finished file its name: synced first, then linked or renamed, so that under the final name there is either
 * nothing, what was there before, or the whole result.
 *
 * Quick calls are synchronous: each asynchronous step would wait for the tile that is being inferred.
 *
 * @param link makes a hard link; on some file systems it cannot
 * @returns nothing, or `output-is-source`, `file-exists` or `cancelled`; throws what the file system refuses
 */
export async function storeResult(
  source: string,
  output: OutputSpec,
  { temporaryPath, claimPath }: StorePaths,
  signal: AbortSignal,
  link: typeof linkSync = linkSync,
): Promise<Result<void>> {
  // Names are compared before, but links of all kinds can make two names one file.
  if (isSameFile(output.path, source)) {
    return failure('output-is-source', 'The result would take the photo’s own place. Choose another folder or name.', {
      path: output.path,
    });
  }
  await sync(temporaryPath, 'r+');
  // On a slow disk that took a while.
  if (signal.aborted) return failure('cancelled', 'Cancelled.');
  writeClaim(claimPath, temporaryPath);
  if (output.mayOverwrite) {
    renameSync(temporaryPath, output.path);
  } else {
    try {
      // A hard link never replaces a file, where a rename would; it is the one step that cannot race.
      link(temporaryPath, output.path);
    } catch (error) {
      if (isSystemError(error) && error.code === 'EEXIST') return existsFailure(output.path);
      // File systems without hard links (FAT, some network drives).
      if (existsSync(output.path)) return existsFailure(output.path);
      renameSync(temporaryPath, output.path);
    }
  }
  await syncFolder(dirname(output.path));
  return success(undefined);
}

/**
 * Makes a name durable, which it is only once its folder is. The result is in place by now: a folder that may not be
 * read, or whose file system cannot do this, makes nobody's photo fail. Windows cannot open folders and does not need it.
 */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await sync(folder, 'r').catch(() => undefined);
}

/** As `syncFolder`, for the few times that a folder is made: at once, since each step would wait for a tile. */
export function syncNewFolder(folder: string): void {
  if (process.platform === 'win32') return;
  try {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // As above.
  }
}

/**
 * Whether an earlier try, whose worker died before it could tell, has already stored this result: the file under the
 * target's name is the very one that was about to get it.
 */
export function isStored(output: OutputSpec, { claimPath }: StorePaths): boolean {
  return isClaimed(output.path, claimPath);
}

/** Whether two names lead to one file, by links of any kind. */
function isSameFile(path: string, other: string): boolean {
  if (!existsSync(path) || !existsSync(other)) return false;
  const [one, two] = [statSync(path, { bigint: true }), statSync(other, { bigint: true })];
  return one.dev === two.dev && one.ino === two.ino && one.size === two.size;
}

const fsyncAsync = promisify(fsync);

async function sync(path: string, flags: string): Promise<void> {
  const descriptor = openSync(path, flags);
  try {
    await fsyncAsync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function existsFailure(path: string): Result<never> {
  return failure('file-exists', 'A file of that name is there already. It was left as it is.', { path });
}
