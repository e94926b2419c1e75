import { globSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { createPackage } from '@electron/asar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { binaryOf, HEADER_BYTES } from './binaries.ts';
import { differences, foreignBinaries, listPacked, parseExpected, type PackedFile } from './contents.ts';
import { fuseSentinel, readFuses, wrongFuses } from './fuses.ts';
import { sizesOf, tooLarge } from './sizes.ts';
import { linux, mac } from './systems.ts';

/** The one package that brings programs for all systems. */
const runtime = resolve(import.meta.dirname, '../../node_modules/onnxruntime-node/bin/napi-v6');

it('tells the system and processor of every library of ONNX Runtime', async () => {
  const libraries = globSync('*/*/*', { cwd: runtime });
  expect(libraries.length).toBeGreaterThan(8);
  for (const library of libraries) {
    const [system, processor] = library.split(/[/\\]/);
    const head = (await readFile(join(runtime, library))).subarray(0, HEADER_BYTES);
    expect(binaryOf(head), library).toEqual({ system, processor });
  }
  expect(binaryOf(await readFile(join(import.meta.dirname, 'fpm')))).toBeUndefined();
});

describe('what is inside a package', () => {
  let tree: string;
  beforeEach(async () => {
    tree = await mkdtemp(join(tmpdir(), 'tessera-tree-'));
    await put('archive/package.json');
    await put('archive/out/main/index.js');
    await put('app/tessera');
    await put('app/resources/models/weights/s.safetensors');
    await put(
      'app/resources/app.asar.unpacked/node_modules/onnxruntime-node/libonnxruntime.so.1',
      library('linux/x64'),
    );
  });
  afterEach(async () => {
    await rm(tree, { recursive: true });
  });

  const library = (system: string): string => globSync(`${system}/libonnxruntime.*1*`, { cwd: runtime })[0] ?? '';
  const expected = parseExpected(
    `[resources]
     models/weights/*.safetensors
     app.asar.unpacked/node_modules/onnxruntime-node/*
     [resources/app.asar]
     package.json
     out/main/index.js  `,
    false,
  );

  async function put(path: string, from?: string): Promise<void> {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    if (from === undefined) await writeFile(join(tree, path), path);
    else await cp(join(runtime, from), join(tree, path));
  }

  async function list(): Promise<PackedFile[]> {
    await createPackage(join(tree, 'archive'), join(tree, 'app/resources/app.asar'));
    return listPacked(linux, join(tree, 'app'), join(tree, 'app'), join(tree, 'opened'));
  }

  it('is as expected, archive and Electron’s own files told apart', async () => {
    const files = await list();
    expect(differences(linux, files, expected)).toEqual([]);
    expect(await foreignBinaries(linux, files)).toEqual([]);
    expect(files.map(({ path }) => basename(path))).toContain('tessera');
  });

  it('is refused for a file that nobody expects, in the archive or beside it', async () => {
    await put('archive/models/training/train.py');
    await put('app/resources/node');
    expect(differences(linux, await list(), expected)).toEqual([
      'Unexpected: resources/node',
      'Unexpected: resources/app.asar/models/training/train.py',
    ]);
  });

  it('is refused where a file is missing', async () => {
    await rm(join(tree, 'app/resources/models'), { recursive: true });
    expect(differences(linux, await list(), expected)).toEqual(['Missing: resources/models/weights/*.safetensors']);
  });

  it('is refused for another system’s library, whatever it is called', async () => {
    await put('app/resources/models/weights/x.safetensors', library('darwin/arm64'));
    await put('app/resources/models/weights/y.safetensors', library('linux/arm64'));
    expect(await foreignBinaries(linux, await list())).toEqual([
      'Foreign: resources/models/weights/x.safetensors is for darwin arm64',
      'Foreign: resources/models/weights/y.safetensors is for linux arm64',
    ]);
  });

  it('is refused for a library that was left in the archive', async () => {
    await put('archive/out/main/addon.node', library('linux/x64'));
    expect(await foreignBinaries(linux, await list())).toEqual([
      'Not unpacked: resources/app.asar/out/main/addon.node cannot be loaded from the archive',
    ]);
  });

  it('is measured without Electron’s own files, and refused where it is too much', () => {
    const file = { path: 'resources/app.asar/out/main/index.js', onDisk: '', bytes: 2_000_000 };
    const electron = { path: 'tessera', onDisk: '', bytes: 200_000_000 };
    const sizes = sizesOf(linux, [file, electron]);
    expect(sizes).toEqual([['main and workers', 2_000_000]]);
    expect(tooLarge(sizes)).toEqual([]);
    expect(tooLarge(sizes, 1_000_000)).toEqual(['Too large: 2.0 MB beside Electron, where 1 MB are allowed']);
  });
});

it('may lack only what its own system alone can bring', () => {
  const text = '[Contents/Resources]\n? codec/**\nLICENSE.txt';
  expect(differences(mac, [], parseExpected(text, true))).toEqual(['Missing: Contents/Resources/LICENSE.txt']);
  expect(differences(mac, [], parseExpected(text, false))).toHaveLength(2);
});

it('names each fuse that is not as wanted', () => {
  const program = (states: string): Buffer =>
    Buffer.concat([Buffer.from(`code${fuseSentinel}`), Buffer.from([1, states.length]), Buffer.from(states)]);
  expect(wrongFuses(readFuses(program('01001100')))).toEqual([]);
  expect(wrongFuses(readFuses(program('11001000')))).toEqual([
    'The fuse runAsNode is on.',
    'The fuse onlyLoadAppFromAsar is off.',
  ]);
  expect(() => readFuses(Buffer.from('a program'))).toThrow('no fuses');
});
