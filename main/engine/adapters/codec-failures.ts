/** Why a photo could not be read or written, as far as can be seen from outside the codec. */
import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { failure, success, type Failure, type Result } from '../errors.ts';
import type { PhotoInfo } from '../ports.ts';

type CodecFailureCode =
  | 'file-missing'
  | 'file-unreadable'
  | 'file-empty'
  | 'source-changed'
  | 'not-a-file'
  | 'not-an-image'
  | 'animated'
  | 'too-many-pixels'
  | 'depth-unsupported'
  | 'damaged-image'
  | 'decoder-memory'
  | 'encode-failed'
  | 'disk-full'
  | 'folder-gone'
  | 'several-pages'
  | 'codec-ended';
export type CodecFailure = Failure<CodecFailureCode>;

/** Less free than this, and a disk counts as full. */
const FULL_DISK_BYTES = 16 * 1024 ** 2;

/** The codec's errors are text alone: what can be seen from outside (a source that is gone, a full disk) goes first. */
export function failureOf(
  error: unknown,
  source: string,
  target: string,
  otherwise: CodecFailure,
): Result<never, CodecFailure> {
  const file = checkFile(source);
  if (!file.ok) return file;
  const free = freeBytes(dirname(target));
  if (free === undefined) {
    return failure('folder-gone', 'The folder that this was written to was removed or renamed. Try again.', {
      path: target,
      cause: text(error),
    });
  }
  if (free < FULL_DISK_BYTES) {
    return failure('disk-full', 'The disk is full. Free some space and try again.', {
      path: target,
      cause: text(error),
    });
  }
  return { ok: false, error: { ...otherwise, details: { cause: text(error) } } };
}

function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
/** Whether a file is still the one whose header was read. */
export function checkUnchanged(path: string, info: FileFacts): Result<void, CodecFailure> {
  const file = checkFile(path);
  if (!file.ok) return file;
  const { fileBytes, modifiedMs } = file.value;
  if (fileBytes === info.fileBytes && modifiedMs === info.modifiedMs) return success(undefined);
  return failure('source-changed', 'This photo was changed after its turn came. Try again.');
}

type FileFacts = Pick<PhotoInfo, 'fileBytes' | 'modifiedMs'>;

/** Synchronous, because each asynchronous step of a worker waits for the tile that is being inferred. */
export function checkFile(path: string): Result<FileFacts, CodecFailure> {
  try {
    const found = statSync(path);
    if (!found.isFile()) return failure('not-a-file', 'This is not a file.');
    if (found.size === 0) return failure('file-empty', 'This file is empty (0 bytes).');
    return success({ fileBytes: found.size, modifiedMs: found.mtimeMs });
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing
      ? failure('file-missing', 'This file is gone. It may have been moved or renamed.')
      : failure('file-unreadable', 'This file cannot be opened. Check its permissions.', { cause: text(error) });
  }
}

/** What an error says. */
export function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
