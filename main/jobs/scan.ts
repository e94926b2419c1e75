/** Files, folders and globs in; one photo after the other out. */
import { join, relative, resolve, sep } from 'node:path';
import picomatch from 'picomatch';
import type { Failure, Result } from '../engine/errors.ts';
import { success } from '../engine/errors.ts';
import type { FileKind, ReadFailureCode } from './file-tree.ts';
import { kindAt, kindOf, list, realOrGiven } from './file-tree.ts';
import { faultOfName, isHidden } from './photo-files.ts';
import type { PassedOverCode } from './photo-files.ts';

export interface ScanRequest {
  /** Files, folders and globs as they were typed. */
  readonly inputs: readonly string[];
  /** Whether folders are searched to their depths. */
  readonly recursive: boolean;
  /** Where results go; passed over where it lies inside a searched folder. */
  readonly outFolder?: string;
  /** Folders of this name hold earlier results; passed over unless they are asked for by name. */
  readonly resultFolderName?: string;
  /** What relative inputs start from; the process's working folder where left out. */
  readonly cwd?: string;
}

/** A photo that was found. */
export interface ScannedPhoto {
  readonly kind: 'photo';
  /** Absolute, by the way it was reached. */
  readonly path: string;
  /** Absolute, with every link on the way resolved. */
  readonly realPath: string;
  /** The folder that holds it, seen from the input that it came from; empty for that input's own photos. */
  readonly relativeFolder: string;
}

export type ScanEntry =
  | ScannedPhoto
  | { readonly kind: 'passed-over'; readonly path: string; readonly reason: Failure<PassedOverCode> }
  | { readonly kind: 'failed'; readonly path: string; readonly failure: Failure<ScanFailureCode> };

type ScanFailureCode = ReadFailureCode | 'input-empty' | 'link-broken' | 'not-a-file';

/**
 * Finds photos, one folder at a time, in the inputs' order and within a folder by natural order, files before folders.
 * A photo that is reached twice is given once. A file that was named is always given, whatever it is called.
 *
 * What cannot be read is a `failed` entry of its own, and the rest goes on.
 */
export async function* scan(request: ScanRequest): AsyncGenerator<ScanEntry> {
  const cwd = request.cwd ?? process.cwd();
  const out = request.outFolder === undefined ? undefined : await realOrGiven(resolve(cwd, request.outFolder));
  const { resultFolderName, recursive } = request;
  const walk: Walk = { photos: new Set(), out, resultFolderName, folderDepth: recursive ? Infinity : 0 };
  for (const input of request.inputs) {
    const path = resolve(cwd, input);
    const kind = await kindAt(path);
    if (kind.ok && kind.value === 'folder') yield* searchNamed(walk, path);
    else if (kind.ok && kind.value === 'file') yield give(walk, path, await realOrGiven(path), '');
    else if (kind.ok) yield failed(path, 'not-a-file', 'This is neither a file nor a folder.');
    else if (kind.error.code === 'input-missing' && isGlob(input)) yield* searchGlob(walk, cwd, input);
    else yield { kind: 'failed', path, failure: kind.error };
  }
}

/** What one scan knows from beginning to end. */
interface Walk {
  /** Real paths of the photos that were given. */
  readonly photos: Set<string>;
  /** Real path of the folder for results. */
  readonly out: string | undefined;
  readonly resultFolderName: string | undefined;
  /** How deep a named folder is searched. */
  readonly folderDepth: number;
}

/** A folder to search, and how. */
interface Place {
  readonly root: string;
  readonly path: string;
  /** How many levels of folders below it are searched too. */
  readonly depth: number;
  /** Real paths of folders that were searched from the same root: links may lead back to them. */
  readonly seen: Set<string>;
  /** Only what matches is asked for; the rest is not worth a word. */
  readonly glob?: { matches(path: string): boolean; readonly takesFolders: boolean };
}

/** A folder that was asked for by name; says so where it holds nothing. */
async function* searchNamed(walk: Walk, path: string): AsyncGenerator<ScanEntry> {
  let empty = true;
  for await (const entry of search(walk, { root: path, path, depth: walk.folderDepth, seen: new Set() })) {
    empty &&= entry.kind === 'passed-over' && entry.reason.code !== 'duplicate';
    yield entry;
  }
  if (empty) yield passedOver(path, 'folder-empty', 'There are no photos in this folder.');
}

async function* searchGlob(walk: Walk, cwd: string, input: string): AsyncGenerator<ScanEntry> {
  const { base, glob } = picomatch.scan(slashed(input));
  const isMatch = picomatch(glob, { nocase: true, nonegate: true });
  const root = resolve(cwd, base);
  const matches = (path: string): boolean => isMatch(slashed(relative(root, path)));
  // Below `**` every folder matches; its photos are what is meant.
  const deep = glob.includes('**');
  const depth = deep ? Infinity : glob.split('/').length - 1;
  let found = false;
  for await (const entry of search(walk, {
    root,
    path: root,
    depth,
    seen: new Set(),
    glob: { matches, takesFolders: !deep },
  })) {
    found ||= entry.kind !== 'passed-over' || entry.reason.code === 'duplicate';
    yield entry;
  }
  if (!found) yield failed(input, 'input-empty', 'No photo matches this pattern. Check its spelling.');
}

async function* search(walk: Walk, at: Place): AsyncGenerator<ScanEntry> {
  const real = await realOrGiven(at.path);
  if (at.seen.has(real)) {
    yield passedOver(at.path, 'folder-seen', 'The folder was searched before; a link leads to it.');
    return;
  }
  at.seen.add(real);
  const listed = await list(at.path);
  if (!listed.ok) {
    yield { kind: 'failed', path: at.path, failure: listed.error };
    return;
  }
  const folders: string[] = [];
  for (const entry of listed.value) {
    const path = join(at.path, entry.name);
    const kind = entry.isSymbolicLink() ? await kindAt(path) : success(kindOf(entry));
    if (kind.ok && kind.value === 'folder') folders.push(path);
    else yield* judgeFile(walk, at, path, kind, entry.isSymbolicLink() ? undefined : join(real, entry.name));
  }
  for (const path of folders) yield* judgeFolder(walk, at, path);
}

/** Gives a file of a searched folder, or says why not. */
async function* judgeFile(
  walk: Walk,
  at: Place,
  path: string,
  kind: Result<FileKind, Failure<ReadFailureCode>>,
  realPath: string | undefined,
): AsyncGenerator<ScanEntry> {
  if (at.glob?.matches(path) === false) return;
  const fault = faultOfName(nameOf(path));
  if (fault !== undefined) yield { kind: 'passed-over', path, reason: fault };
  else if (!kind.ok) yield failed(path, 'link-broken', 'This link leads to a file that is not there.');
  else if (kind.value === 'other') yield failed(path, 'not-a-file', 'This is neither a file nor a folder.');
  else yield give(walk, path, realPath ?? (await realOrGiven(path)), relative(at.root, at.path));
}

/** Searches a folder of a searched folder, or says why not. */
async function* judgeFolder(walk: Walk, at: Place, path: string): AsyncGenerator<ScanEntry> {
  if (nameOf(path) === walk.resultFolderName || (await realOrGiven(path)) === walk.out) {
    yield passedOver(path, 'own-output', 'This is the folder for the results.');
  } else if (isHidden(nameOf(path))) {
    if (at.glob === undefined) yield passedOver(path, 'hidden', 'The folder is hidden.');
  } else if (at.glob?.takesFolders === true && at.glob.matches(path)) yield* searchNamed(walk, path);
  else if (at.depth > 0) yield* search(walk, { ...at, path, depth: at.depth - 1 });
  else if (at.glob === undefined) yield passedOver(path, 'folder-not-searched', 'Folders inside were not asked for.');
}

function give(walk: Walk, path: string, realPath: string, relativeFolder: string): ScanEntry {
  if (walk.photos.has(realPath)) return passedOver(path, 'duplicate', 'The photo was found before, by another way.');
  walk.photos.add(realPath);
  return { kind: 'photo', path, realPath, relativeFolder };
}

function isGlob(input: string): boolean {
  return picomatch.scan(slashed(input)).isGlob;
}

/** With the slashes that globs are written with. */
function slashed(path: string): string {
  return sep === '\\' ? path.replaceAll('\\', '/') : path;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf(sep) + 1);
}

function passedOver(path: string, code: PassedOverCode, message: string): ScanEntry {
  return { kind: 'passed-over', path, reason: { code, message } };
}

function failed(path: string, code: ScanFailureCode, message: string): ScanEntry {
  return { kind: 'failed', path, failure: { code, message } };
}
