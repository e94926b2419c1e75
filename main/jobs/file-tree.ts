/** Looking at files and folders, with failures as values. */
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Failure, Result } from '../engine/errors.ts';
import { failure, success } from '../engine/errors.ts';
import { compareNames } from './photo-files.ts';

export type ReadFailureCode = 'input-missing' | 'unreadable';

export type FileKind = 'file' | 'folder' | 'other';

/** What a folder's entry or a file's status says it is. */
export function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory'>): FileKind {
  return entry.isDirectory() ? 'folder' : entry.isFile() ? 'file' : 'other';
}

/** What lies at a path, links followed; `input-missing` where nothing does. */
export async function kindAt(path: string): Promise<Result<FileKind, Failure<ReadFailureCode>>> {
  try {
    return success(kindOf(await stat(path)));
  } catch (error) {
    return unreadable(error);
  }
}

/** A folder's entries in natural order. */
export async function list(folder: string): Promise<Result<Dirent[], Failure<ReadFailureCode>>> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return success(entries.sort((a, b) => compareNames(a.name, b.name)));
  } catch (error) {
    return unreadable(error);
  }
}

function unreadable(error: unknown): Result<never, Failure<ReadFailureCode>> {
  const errno = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (errno === 'ENOENT' || errno === 'ENOTDIR') {
    return failure('input-missing', 'There is no such file or folder. Check the spelling.', { errno });
  }
  const why = errno === 'EACCES' || errno === 'EPERM' ? 'You may not read this: check its permissions.' : '';
  return failure('unreadable', why === '' ? `The system cannot read this (${errno}).` : why, { errno });
}

/** A path with its links resolved; as it is where that fails, so that the failure shows where the file is used. */
export async function realOrGiven(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return path;
  }
}

/** A folder's absolute path with its links resolved, those of its parents where it does not exist yet. */
export async function realFolder(path: string): Promise<string> {
  const absolute = resolve(path);
  const real = await realOrGiven(absolute);
  if (real !== absolute || dirname(absolute) === absolute || (await kindAt(absolute)).ok) return real;
  return join(await realFolder(dirname(absolute)), basename(absolute));
}
