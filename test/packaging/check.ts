/**
 * `npm run dist:check`: packs the app for Linux, and holds what is inside to what is expected.
 *
 *     npm run dist:check               the .deb and the .tar.gz, and the end-to-end specs on what was packed
 *     npm run dist:check -- --quick    the packed folder alone, without archives and specs
 *
 * Where Electron cannot be had, a stub is packed in its place; all other files are those of a real package.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appFolder, differences, foreignBinaries, listPacked, parseExpected } from './contents.ts';
import { readFuses, wrongFuses } from './fuses.ts';
import { buildApp, packForLinux, root } from './pack.ts';
import { sizesOf, sizeTable, tooLarge } from './sizes.ts';
import { needProgram } from './tools.ts';

const isQuick = process.argv.includes('--quick');
const output = join(root, 'dist/check');
// Outside the repository, so that no package of it is found by accident.
const place = await mkdtemp(join(tmpdir(), 'tessera-packed-'));
const tree = join(place, 'tree');
const opened = join(place, 'app');
try {
  const faults = await check();
  for (const fault of faults) console.error(fault);
  console.log(faults.length === 0 ? 'The package is as expected.' : `${faults.length} faults in the package.`);
  process.exitCode = faults.length === 0 && (isQuick || specsPass()) ? 0 : 1;
} finally {
  await rm(place, { recursive: true, force: true });
}

async function check(): Promise<string[]> {
  if (!isQuick) needProgram('dpkg-deb', 'dpkg');
  buildApp();
  const isReal = await packForLinux(isQuick ? ['dir'] : ['deb', 'tar.gz'], output);
  console.log(isReal ? 'Packed with Electron.' : 'Packed with a stub in Electron’s place, which cannot run.');
  await layOut();
  const files = await listPacked(tree, opened);
  const lists = isQuick ? ['linux.txt'] : ['linux.txt', 'deb.txt'];
  const expected = lists.map((list) => readFile(join(import.meta.dirname, 'expected', list), 'utf8'));
  const sizes = sizesOf(files);
  console.log(`\nWhat ${files.length} files take:\n${sizeTable(sizes)}\n`);
  return [
    ...differences(files, (await Promise.all(expected)).flatMap(parseExpected)),
    ...(await foreignBinaries(files, { system: 'linux', processor: 'x64' })),
    ...tooLarge(sizes),
    ...wrongFuses(readFuses(await readFile(join(tree, appFolder, 'tessera')))),
    ...unloadable(),
  ];
}

/** Puts the package where it would be installed, below `tree`. */
async function layOut(): Promise<void> {
  if (isQuick) {
    await mkdir(join(tree, appFolder), { recursive: true });
    await cp(join(output, 'linux-unpacked'), join(tree, appFolder), { recursive: true });
    return;
  }
  for (const name of (await readdir(output)).filter((each) => /\.(deb|tar\.gz)$/.test(each))) {
    const path = join(output, name);
    console.log(`  ${name.padEnd(32)} ${((await stat(path)).size / 1e6).toFixed(2).padStart(7)} MB`);
    if (name.endsWith('.deb')) execFileSync('dpkg-deb', ['--extract', path, tree]);
  }
}

/** What cannot be loaded with nothing but the package in sight. */
function unloadable(): string[] {
  const probe = spawnSync(process.execPath, [join(import.meta.dirname, 'load-probe.ts'), opened], { encoding: 'utf8' });
  if (probe.status === 0) return [];
  return [`The packed app does not load.\n${probe.stderr.trim()}`];
}

function specsPass(): boolean {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const env = {
    ...process.env,
    TESSERA_PACKED_APP: opened,
    TESSERA_PACKED_RESOURCES: join(tree, appFolder, 'resources'),
  };
  return (
    spawnSync(process.execPath, [vitest, 'run', '--project', 'e2e'], { cwd: root, env, stdio: 'inherit' }).status === 0
  );
}
