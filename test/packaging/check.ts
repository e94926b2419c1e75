/**
 * `npm run dist:check`: packs the app, and holds what is inside to what is expected.
 *
 *     npm run dist:check               all, with the .deb, the .tar.gz and the end-to-end specs on what was packed
 *     npm run dist:check -- --quick    the packed folders alone, without archives and specs; downloads nothing
 *
 * Where Electron cannot be had, in the quick form, and for Windows and macOS, a stub is packed in its place. All files
 * but Electron's own are those of a real package; the specs run them on the stand-in of test/electron-host.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differences, foreignBinaries, listPacked, parseExpected } from './contents.ts';
import { readFuses, wrongFuses } from './fuses.ts';
import { buildApp, electronCanBeHad, pack, root } from './pack.ts';
import { sizeLine, sizesOf, sumOf, tooLarge } from './sizes.ts';
import { linux, mac, windows, type PackageLayout } from './systems.ts';
import { needProgram } from './tools.ts';

const isQuick = process.argv.includes('--quick');
const output = join(root, 'dist/check');
// Outside the repository, so that no package of it is found by accident.
const place = await mkdtemp(join(tmpdir(), 'tessera-packed-'));
try {
  process.exitCode = (await everything()) ? 0 : 1;
} finally {
  await rm(place, { recursive: true, force: true });
}

async function everything(): Promise<boolean> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.warn(
      'Packages are checked on Linux x64 alone: it builds a .deb, and loads what is inside. Nothing was checked.',
    );
    // The gate runs the quick form on every system.
    return isQuick;
  }
  const withElectron = !isQuick && electronCanBeHad();
  if (!withElectron) console.log('A stub, which cannot run, is packed in Electron’s place.');
  buildApp();
  let faults = await checkLinux(withElectron);
  for (const layout of [windows, mac]) {
    await pack(layout, ['dir'], join(output, layout.name), false);
    const app = join(output, layout.name, layout.unpacked);
    faults = [...faults, ...(await look(layout, app, app, [`${layout.name}.txt`]))];
  }
  for (const fault of faults) console.error(fault);
  console.log(faults.length === 0 ? 'The packages are as expected.' : `Faults in the packages: ${faults.length}`);
  return faults.length === 0 && (isQuick || specsPass());
}

async function checkLinux(withElectron: boolean): Promise<string[]> {
  const folder = join(output, linux.name);
  if (isQuick) {
    await pack(linux, ['dir'], folder, withElectron);
    const app = join(folder, linux.unpacked);
    return [...(await look(linux, app, app, ['Linux.txt'])), ...unloadable()];
  }
  const extract = needProgram('dpkg-deb', 'dpkg');
  await pack(linux, ['deb', 'tar.gz'], folder, withElectron);
  const tree = join(place, 'tree');
  for (const name of (await readdir(folder)).filter((each) => /\.(deb|tar\.gz)$/.test(each))) {
    console.log(sizeLine([name, (await stat(join(folder, name))).size]));
    if (name.endsWith('.deb')) execFileSync(extract, ['--extract', join(folder, name), tree]);
  }
  return [...(await look(linux, tree, installedApp(), ['Linux.txt', 'deb.txt'])), ...unloadable()];
}

/** Where the .deb puts the app. */
function installedApp(): string {
  return join(place, 'tree/opt/Tessera');
}

/** The archive's contents, together with what is unpacked. */
function openedArchive(layout: PackageLayout): string {
  return join(place, `opened-${layout.name}`);
}

/** Says what takes the room, and returns what is wrong inside. */
async function look(layout: PackageLayout, tree: string, app: string, lists: readonly string[]): Promise<string[]> {
  const files = await listPacked(layout, tree, app, openedArchive(layout));
  const texts = await Promise.all(lists.map((list) => readFile(join(import.meta.dirname, 'expected', list), 'utf8')));
  const expected = texts.flatMap((text) => parseExpected(text, layout !== linux));
  const sizes = sizesOf(layout, files);
  console.log(`\nFor ${layout.name} ${layout.binary.processor}, ${files.length} files:`);
  for (const size of sizes) console.log(sizeLine(size));
  console.log(`${sizeLine(['without Electron’s own files', sumOf(sizes)])}\n`);
  const program = await readFile(join(app, layout.program));
  const faults = [
    ...differences(layout, files, expected),
    ...(await foreignBinaries(layout, files)),
    ...tooLarge(sizes),
    ...wrongFuses(readFuses(program)),
  ];
  return faults.map((fault) => `${layout.name}: ${fault}`);
}

/** What cannot be loaded with nothing but the package in sight. */
function unloadable(): string[] {
  const words = [join(import.meta.dirname, 'load-probe.ts'), openedArchive(linux)];
  const probe = spawnSync(process.execPath, words, { encoding: 'utf8' });
  return probe.status === 0 ? [] : [`The packed app does not load.\n${probe.stderr.trim()}`];
}

function specsPass(): boolean {
  const words = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'e2e'];
  const env = {
    ...process.env,
    TESSERA_PACKED_APP: openedArchive(linux),
    TESSERA_PACKED_RESOURCES: join(installedApp(), linux.resources),
  };
  return spawnSync(process.execPath, words, { cwd: root, env, stdio: 'inherit' }).status === 0;
}
