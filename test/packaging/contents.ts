/** What is inside a packed app, and whether that is what was expected. */
import { open, readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { extractAll, listPackage, statFile } from '@electron/asar';
import picomatch from 'picomatch';
import { binaryOf, HEADER_BYTES, type Binary } from './binaries.ts';

/** A file of the package. */
export interface PackedFile {
  /** From the root of what is installed; what is inside the archive follows `app.asar/`. */
  readonly path: string;
  /** Where its bytes can be read. */
  readonly onDisk: string;
  readonly bytes: number;
}

/** Where the app lies in an installed tree. */
export const appFolder = 'opt/Tessera';
const resources = `${appFolder}/resources`;

/**
 * Lists an installed tree, the archive opened.
 *
 * @param tree the folder that stands for the root of the system
 * @param opened a folder to extract the archive into; it then holds the whole app, unpacked files too
 */
export async function listPacked(tree: string, opened: string): Promise<PackedFile[]> {
  const archive = join(tree, resources, 'app.asar');
  extractAll(archive, opened);
  const files: PackedFile[] = [];
  for (const entry of await readdir(tree, { recursive: true, withFileTypes: true })) {
    const onDisk = join(entry.parentPath, entry.name);
    if (entry.isDirectory() || onDisk === archive) continue;
    files.push({ path: slashed(relative(tree, onDisk)), onDisk, bytes: (await stat(onDisk)).size });
  }
  for (const name of listPackage(archive, { isPack: false })) {
    const entry = statFile(archive, name.slice(1));
    // Unpacked ones were found beside the archive.
    if (!('size' in entry) || entry.unpacked) continue;
    files.push({ path: `${resources}/app.asar${slashed(name)}`, onDisk: join(opened, name), bytes: entry.size });
  }
  return files;
}

const slashed = (path: string): string => path.split(sep).join('/');

/** Whether a file came with Electron, and not with us: all that lies beside `resources`. */
export function isElectronsOwn(path: string): boolean {
  return path.startsWith(`${appFolder}/`) && !path.startsWith(`${resources}/`);
}

/**
 * The patterns of an expected list: one a line, under the folder that the last `[folder]` named; `#` begins a comment.
 */
export function parseExpected(text: string): string[] {
  let folder = '';
  const patterns: string[] = [];
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) folder = line.slice(1, -1);
    else patterns.push(`${folder}/${line}`);
  }
  return patterns;
}

/** One sentence for each file that no pattern expects, and for each pattern that no file meets. */
export function differences(files: readonly PackedFile[], patterns: readonly string[]): string[] {
  const matchers = patterns.map((pattern) => ({ pattern, matches: picomatch(pattern, { dot: true }), met: false }));
  const faults: string[] = [];
  for (const { path } of files) {
    if (isElectronsOwn(path)) continue;
    const meeting = matchers.filter(({ matches }) => matches(path));
    for (const matcher of meeting) matcher.met = true;
    if (meeting.length === 0) faults.push(`Unexpected: ${path}`);
  }
  for (const { pattern, met } of matchers) if (!met) faults.push(`Missing: ${pattern}`);
  return faults;
}

/** One sentence for each program or library that this system cannot load, or cannot load from where it is. */
export async function foreignBinaries(files: readonly PackedFile[], wanted: Binary): Promise<string[]> {
  const faults: string[] = [];
  for (const file of files) {
    const binary = binaryOf(await headOf(file.onDisk));
    if (binary === undefined) continue;
    if (binary.system !== wanted.system || binary.processor !== wanted.processor) {
      faults.push(`Foreign: ${file.path} is for ${binary.system} ${binary.processor}`);
    }
    if (file.path.includes('/app.asar/')) faults.push(`Not unpacked: ${file.path} cannot be loaded from the archive`);
  }
  return faults;
}

async function headOf(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    const head = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await handle.read(head, 0, HEADER_BYTES, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
