/** What is inside a packed app, and whether that is what was expected. */
import { open, readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { extractAll, listPackage, statFile } from '@electron/asar';
import picomatch from 'picomatch';
import { binaryOf, HEADER_BYTES } from './binaries.ts';
import { isElectronsOwn, type PackageLayout } from './systems.ts';

/** A file of the package. */
export interface PackedFile {
  /**
   * From the app's folder, and what is inside the archive after `app.asar/`; from the root, with a slash before it,
   * for what is installed outside the app's folder.
   */
  readonly path: string;
  /** Where its bytes can be read. */
  readonly onDisk: string;
  readonly bytes: number;
}

/**
 * Lists an installed tree, the archive opened.
 *
 * @param tree the folder that stands for the root of the system
 * @param app the app's folder in it, or the tree itself
 * @param opened a folder to extract the archive into; it then holds the whole app, unpacked files too
 */
export async function listPacked(
  { resources }: PackageLayout,
  tree: string,
  app: string,
  opened: string,
): Promise<PackedFile[]> {
  const archive = join(app, resources, 'app.asar');
  extractAll(archive, opened);
  const files: PackedFile[] = [];
  for (const entry of await readdir(tree, { recursive: true, withFileTypes: true })) {
    const onDisk = join(entry.parentPath, entry.name);
    if (entry.isDirectory() || onDisk === archive) continue;
    const isInside = onDisk.startsWith(app + sep);
    const path = isInside ? slashed(relative(app, onDisk)) : `/${slashed(relative(tree, onDisk))}`;
    files.push({ path, onDisk, bytes: (await stat(onDisk)).size });
  }
  for (const name of listPackage(archive, { isPack: false })) {
    const entry = statFile(archive, name.slice(1));
    // Unpacked ones were found beside the archive.
    if (!('size' in entry) || entry.unpacked) continue;
    const path = `${resources}/app.asar${slashed(name)}`;
    files.push({ path, onDisk: join(opened, name), bytes: entry.size });
  }
  return files;
}

const slashed = (path: string): string => path.split(sep).join('/');

/** A line of an expected list. */
export interface Expectation {
  readonly pattern: string;
  /** For what only the system that the package is for can put into it. */
  readonly isOptional: boolean;
}

/**
 * Reads an expected list: one pattern a line, under the folder that the last `[folder]` named. `#` begins a comment,
 * `?` a pattern that no file need meet where `mayLack` is true.
 */
export function parseExpected(text: string, mayLack: boolean): Expectation[] {
  let folder = '';
  const expected: Expectation[] = [];
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('[')) folder = line.slice(1, -1);
    else if (line.startsWith('?')) expected.push({ pattern: `${folder}/${line.slice(1).trim()}`, isOptional: mayLack });
    else expected.push({ pattern: `${folder}/${line}`, isOptional: false });
  }
  return expected;
}

/** One sentence for each file that nothing expects, and for each expectation that no file meets. */
export function differences(
  layout: PackageLayout,
  files: readonly PackedFile[],
  expected: readonly Expectation[],
): string[] {
  const matchers = expected.map((each) => ({ ...each, matches: picomatch(each.pattern, { dot: true }), met: false }));
  const faults: string[] = [];
  for (const { path } of files) {
    if (isElectronsOwn(path, layout)) continue;
    const meeting = matchers.filter(({ matches }) => matches(path));
    for (const matcher of meeting) matcher.met = true;
    if (meeting.length === 0) faults.push(`Unexpected: ${path}`);
  }
  for (const { pattern, isOptional, met } of matchers) if (!met && !isOptional) faults.push(`Missing: ${pattern}`);
  return faults;
}

/** One sentence for each program or library that its system cannot load, or cannot load from where it is. */
export async function foreignBinaries({ binary }: PackageLayout, files: readonly PackedFile[]): Promise<string[]> {
  const faults: string[] = [];
  for (const file of files) {
    const found = binaryOf(await headOf(file.onDisk));
    if (found === undefined) continue;
    if (found.system !== binary.system || found.processor !== binary.processor) {
      faults.push(`Foreign: ${file.path} is for ${found.system} ${found.processor}`);
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
