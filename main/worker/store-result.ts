import {
  closeSync,
  existsSync,
  fsync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { failure, success, type Result } from '../engine/errors.ts';
import type { OutputSpec } from '../engine/ports.ts';
import type { StorePaths } from './protocol.ts';
import { isSystemError } from './system-failure.ts';

/**
 * Gives a finished file its name: synced first, then linked or renamed, so that under the final name there is either
 * nothing, what was there before, or the whole result.
 *
 * Quick calls are synchronous: each asynchronous step would wait for the tile that is being inferred.
 */
export async function storeResult(
  source: string,
  output: OutputSpec,
  { temporaryPath, claimPath }: StorePaths,
): Promise<Result<void>> {
  // Names are compared before, but links of all kinds can make two names one file.
  if (existsSync(output.path) && existsSync(source) && identityOf(output.path) === identityOf(source)) {
    return failure('output-is-source', 'The result would take the photo’s own place. Choose another folder or name.', {
      path: output.path,
    });
  }
  await sync(temporaryPath, 'r+');
  writeFileSync(claimPath, identityOf(temporaryPath));
  if (output.mayOverwrite) {
    renameSync(temporaryPath, output.path);
  } else {
    try {
      // A hard link never replaces a file, where a rename would; it is the one step that cannot race.
      linkSync(temporaryPath, output.path);
    } catch (error) {
      if (isSystemError(error) && error.code === 'EEXIST') return existsFailure(output.path);
      // File systems without hard links (FAT, some network drives).
      if (existsSync(output.path)) return existsFailure(output.path);
      renameSync(temporaryPath, output.path);
    }
  }
  // The name itself is durable only once its folder is; Windows cannot open folders and does not need it.
  if (process.platform !== 'win32') await sync(dirname(output.path), 'r');
  return success(undefined);
}

/**
 * Whether an earlier try, whose worker died before it could tell, has already stored this result: the file under the
 * target's name is the very one that was about to get it.
 */
export function isStored(output: OutputSpec, { claimPath }: StorePaths): boolean {
  return (
    existsSync(claimPath) && existsSync(output.path) && readFileSync(claimPath, 'utf8') === identityOf(output.path)
  );
}

function identityOf(path: string): string {
  const { dev, ino, size } = statSync(path, { bigint: true });
  return `${dev}:${ino}:${size}`;
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
