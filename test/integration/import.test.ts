import { readFileSync } from 'node:fs';
import { appendFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultForm } from '../../models/graph/build.ts';
import { sha256Of } from '../../models/graph/describe.ts';
import { findImported, idOf, importModel, listImported, loadImported } from '../../models/import/imported-models.ts';
import { buildLayerGraph } from '../../models/import/layer-graph.ts';
import type { LayerNetwork } from '../../models/import/layer-network.ts';
import { runPlainly } from '../../models/import/plain-run.ts';
import { readNcnn } from '../../models/import/read-ncnn.ts';
import { graphOf } from '../../models/load-graph.ts';
import { valueOf } from '../helpers/codec-pass.ts';
import { outcomeOf, temporaryFolder, testEnhancer } from '../helpers/enhancer.ts';
import { pictureSamples, readSamples, writePicture, type PictureOptions } from '../helpers/photos.ts';
import { compactBin, compactParam, compactResult, randomCompact } from '../helpers/reference-ncnn.ts';
import type { Compact, CompactOptions } from '../helpers/reference-ncnn.ts';
import { largestDifference, randomPicture, runGraph } from '../helpers/reference-run.ts';

/** Half a step of rounding, and what float32 sums differ by. */
const rounding = 0.5 + 0.02;
const rounding16 = 0.5 + 1;

const base: CompactOptions = { scale: 4, channels: 8, seed: 11, half: true, residual: true, enlarged: true };
const shapes: readonly (CompactOptions & { readonly name: string })[] = [
  { ...base, name: '×4, everything in it' },
  { ...base, name: '×3, float32 weights', scale: 3, half: false },
  { ...base, name: '×2, Eltwise sums', scale: 2, eltwise: true },
  { ...base, name: '×4, a plain chain', residual: false, enlarged: false },
  { ...base, name: '×2, one slope for all', scale: 2, sharedSlope: true, residual: false },
  { ...base, name: '×4, channels of whole blocks', channels: 32 },
];

async function writeModel(folder: string, compact: Compact, name: string): Promise<string> {
  const path = join(folder, `${name}.param`);
  await writeFile(path, compactParam(compact));
  await writeFile(join(folder, `${name}.bin`), compactBin(compact));
  return path;
}

describe.each(shapes)('a network of ncnn, $name', (options) => {
  const compact = randomCompact(options);
  const read = readNcnn({ param: compactParam(compact), bin: compactBin(compact) });
  if (!read.ok) throw new Error(read.error.message);
  const network = read.value;

  describe.each(['valid', 'same'] as const)('padding %s', (padding) => {
    test.each([3, 1] as const)('rounds what plain loops compute, channels %i', async (channels) => {
      const image = randomPicture(15, 12, channels, 255, 1);
      const result = await runGraph(graphOf(network, { precision: 'fp32', padding, channels }), image);
      const wanted = compactResult(compact, image, padding, 255).samples;
      expect(new Set(Array.from(wanted)).size).toBeGreaterThan(100);
      expect(largestDifference(result, wanted)).toBeLessThan(rounding);
    });

    test('rounds what plain loops compute, 16 bits', async () => {
      const image = randomPicture(15, 12, 3, 65535, 2);
      const result = await runGraph(graphOf(network, { precision: 'fp32', padding, sampleBits: 16 }), image);
      expect(largestDifference(result, compactResult(compact, image, padding, 65535).samples)).toBeLessThan(rounding16);
    });
  });

  test.each(['valid', 'same'] as const)('is the same network for kernels of blocks, padding %s', async (padding) => {
    const image = randomPicture(15, 12, 3, 255, 6);
    const graph = graphOf(network, { precision: 'fp32', padding, blockedChannels: true });
    expect(graph.haloPx).toBe(3);
    const result = await runGraph(graph, image);
    expect(largestDifference(result, compactResult(compact, image, padding, 255).samples)).toBeLessThan(rounding);
  });

  test('takes BGR and gives BGR', async () => {
    const image = randomPicture(9, 10, 3, 255, 3);
    const turned = { ...image, samples: image.samples.map((_, at) => image.samples[at - (at % 3) + 2 - (at % 3)]!) };
    const rgb = await runGraph(graphOf(network, { precision: 'fp32' }), image);
    const bgr = await runGraph(graphOf(network, { precision: 'fp32', channelOrder: 'bgr' }), turned);
    expect(
      largestDifference(
        bgr.map((_, at) => bgr[at - (at % 3) + 2 - (at % 3)]!),
        rgb,
      ),
    ).toBe(0);
  });
});

test('PReLU is written as convolutions where the kernels keep whole blocks of channels, and only there', () => {
  const operators = (channels: number, blockedChannels: boolean): readonly string[] => {
    const compact = randomCompact({ ...base, channels });
    const read = readNcnn({ param: compactParam(compact), bin: compactBin(compact) });
    if (!read.ok) throw new Error(read.error.message);
    const form = { ...defaultForm, precision: 'fp32', blockedChannels } as const;
    return buildLayerGraph(read.value, form).nodes.map(({ operator }) => operator);
  };
  expect(operators(32, true)).not.toContain('PRelu');
  expect(operators(8, true)).toContain('PRelu');
  expect(operators(32, false)).toContain('PRelu');
});

test('plain loops of the product say what plain loops of the test say', () => {
  for (const options of shapes) {
    const compact = randomCompact(options);
    const read = readNcnn({ param: compactParam(compact), bin: compactBin(compact) });
    if (!read.ok) throw new Error(read.error.message);
    const image = randomPicture(7, 9, 3, 255, 4);
    const plain = runPlainly(read.value, { heightPx: 7, widthPx: 9, pixels: Uint8Array.from(image.samples) });
    expect(largestDifference(plain, compactResult(compact, image, 'same', 255).samples)).toBeLessThan(1e-9);
  }
});

describe('an imported model', () => {
  test('is a description and its two files, found by its id', async () => {
    await using folder = await temporaryFolder();
    const path = await writeModel(folder.path, randomCompact(base), 'Real ESRGAN (x4)');
    const models = join(folder.path, 'models');
    expect(listImported(models)).toEqual([]);
    const result = await importModel({ path, folder: models, licence: 'BSD-3-Clause' });
    expect(result).toMatchObject({
      ok: true,
      value: { id: 'real-esrgan-x4', scale: 4, haloPx: 3, licence: 'BSD-3-Clause', name: 'Real ESRGAN (x4)' },
    });
    expect(listImported(models)).toEqual([result.ok && result.value]);
    expect((await readdir(models)).map((name) => name.replace(/\.[0-9a-f]{16}\./, '.*.')).sort()).toEqual(
      ['json', '*.param', '*.bin'].map((end) => `real-esrgan-x4.${end}`).sort(),
    );
    expect(findImported(models, '../models/real-esrgan-x4')).toBeUndefined();
    expect(idOf('C:\\x/---.param')).toBe('model');
  });

  test('leaves nothing behind when it is refused', async () => {
    await using folder = await temporaryFolder();
    const path = await writeModel(folder.path, randomCompact(base), 'short');
    await writeFile(path.replace('.param', '.bin'), compactBin(randomCompact(base)).subarray(0, 100));
    const models = join(folder.path, 'models');
    expect(await importModel({ path, folder: models })).toMatchObject({
      ok: false,
      error: { code: 'weights-truncated' },
    });
    expect(await importModel({ path: join(folder.path, 'none.param'), folder: models })).toMatchObject({
      ok: false,
      error: { code: 'model-unreadable' },
    });
    expect((await importModel({ path: 'model.onnx', folder: models })).ok).toBe(false);
    expect(await readdir(folder.path)).toEqual(['short.bin', 'short.param']);
  });

  test('replaces the one of the same id, and leaves nothing of that', async () => {
    await using folder = await temporaryFolder();
    const models = join(folder.path, 'models');
    const [first, second] = [randomCompact(base), randomCompact({ ...base, seed: 12 })];
    await importModel({ path: await writeModel(folder.path, first, 'tiny'), folder: models });
    const taken = await importModel({ path: await writeModel(folder.path, second, 'tiny'), folder: models });
    expect(loaded(models)).toEqual(networkOf(second));
    expect(await readdir(models)).toHaveLength(3);
    // The same again: its files are those that are there.
    expect(await importModel({ path: join(folder.path, 'tiny.param'), folder: models })).toEqual(taken);
    expect(loaded(models)).toEqual(networkOf(second));
    expect(await readdir(models)).toHaveLength(3);
  });

  test('which lies there as it was stored before, under its id alone, is still read, and replaced', async () => {
    await using folder = await temporaryFolder();
    const models = join(folder.path, 'models');
    const [first, second] = [randomCompact(base), randomCompact({ ...base, seed: 12 })];
    await storeAsBefore(models, first);
    expect(loaded(models)).toEqual(networkOf(first));
    await importModel({ path: await writeModel(folder.path, second, 'tiny'), folder: models });
    expect(loaded(models)).toEqual(networkOf(second));
    expect(await readdir(models)).toHaveLength(3);
  });

  test.runIf(process.platform === 'linux').each(['as it is stored now', 'as it was stored before'])(
    'stays what it was where another of its id finds the disk full (%s)',
    async (form) => {
      await using folder = await temporaryFolder();
      const models = join(folder.path, 'models');
      const [first, second] = [randomCompact(base), randomCompact({ ...base, seed: 12 })];
      if (form === 'as it was stored before') await storeAsBefore(models, first);
      else await importModel({ path: await writeModel(folder.path, first, 'tiny'), folder: models });
      const [path, before] = [await writeModel(folder.path, second, 'tiny'), (await readdir(models)).sort()];
      // Room for the weights, and none for the description: a file that takes nothing, as on a full disk.
      await symlink('/dev/full', join(models, `tiny.json.${process.pid}.tmp`));
      const refused = await importModel({ path, folder: models });
      expect(refused).toMatchObject({ ok: false, error: { code: 'models-unwritable' } });
      expect(loaded(models)).toEqual(networkOf(first));
      expect((await readdir(models)).sort()).toEqual(before);
    },
  );

  test.each(['../tiny.bin', 'sub/tiny.bin', '..\\tiny.bin'])(
    'whose description names a file elsewhere is not listed (%s)',
    async (bin) => {
      await using folder = await temporaryFolder();
      const path = await writeModel(folder.path, randomCompact(base), 'tiny');
      await importModel({ path, folder: folder.path });
      const described = join(folder.path, 'tiny.json');
      const facts = JSON.parse(readFileSync(described, 'utf8')) as { readonly files: object };
      await writeFile(described, JSON.stringify({ ...facts, files: { ...facts.files, bin } }));
      expect(listImported(folder.path)).toEqual([]);
    },
  );

  test.each(['json', 'no file at all'])('whose description is damaged is not listed (%s)', async (kind) => {
    await using folder = await temporaryFolder();
    if (kind === 'json') await writeFile(join(folder.path, 'bad.json'), '{"version":1}');
    expect(listImported(folder.path)).toEqual([]);
  });

  test('enlarges photos through queue, pool and workers as the untiled network does: colour, grey, alpha, 16 bits', async () => {
    await using folder = await temporaryFolder();
    const compact = randomCompact(base);
    const path = await writeModel(folder.path, compact, 'tiny');
    const taken = await importModel({ path, folder: folder.path });
    if (!taken.ok) throw new Error(taken.error.message);
    // int8 is what the settings ask for; there is none of an imported model, and the outcome says what was computed.
    const spec = { modelId: 'tiny', precision: 'int8', tilePx: 24 } as const;
    await using enhancer = await testEnhancer({ spec, importedFolder: folder.path });
    const size = { widthPx: 61, heightPx: 47 };
    const oneChannel = { ...size, channels: 1 } as const;
    const photos = await Promise.all([
      writePicture(folder.path, 'colour.png', size),
      writePicture(folder.path, 'grey.png', oneChannel),
      writePicture(folder.path, 'alpha.png', { ...size, channels: 4 }),
      writePicture(folder.path, 'deep.png', { ...size, depth: 16 }),
    ]);
    const jobs = await enhancer.run(photos);
    for (const job of jobs) expect(outcomeOf(job).precision).toBe('fp32');
    const [colour, grey, alpha, deep] = photos.map((photo) => enhancer.outputOf(photo)) as [
      string,
      string,
      string,
      string,
    ];
    expect(largestDifference(await readSamples(colour), untiled(compact, size))).toBeLessThan(rounding);
    expect(largestDifference(await readSamples(grey), untiled(compact, oneChannel))).toBeLessThan(rounding);
    const wanted16 = untiled(compact, { ...size, depth: 16 });
    const samples16 = new Uint16Array(Uint8Array.from(await readSamples(deep, 16)).buffer);
    expect(largestDifference(samples16, wanted16)).toBeLessThan(rounding16);
    expect((await readSamples(alpha)).length).toBe(61 * 47 * 16 * 4);
  });

  test('whose weights were replaced fails each photo with a sentence, and harms no worker', async () => {
    await using folder = await temporaryFolder();
    const path = await writeModel(folder.path, randomCompact(base), 'tiny');
    const models = join(folder.path, 'models');
    await importModel({ path, folder: models });
    const [bin] = (await readdir(models)).filter((name) => name.endsWith('.bin'));
    await appendFile(join(models, bin!), 'x');
    await using enhancer = await testEnhancer({ spec: { modelId: 'tiny' }, importedFolder: models, workers: 1 });
    const photo = await writePicture(folder.path, 'a.png', { widthPx: 20, heightPx: 20 });
    const [job] = await enhancer.run([photo]);
    expect(job?.state).toMatchObject({ kind: 'failed', failure: { code: 'weights-changed' } });
    expect(readFileSync(photo).length).toBeGreaterThan(0);
  });
});

/** The network of the model `tiny`, as it is loaded. */
function loaded(folder: string): LayerNetwork {
  const found = findImported(folder, 'tiny');
  if (found === undefined) throw new Error('Expected a model');
  return valueOf(loadImported(found));
}

function networkOf(compact: Compact): LayerNetwork {
  return valueOf(readNcnn({ param: compactParam(compact), bin: compactBin(compact) }));
}

/** Stores a model `tiny` as Tessera did before its files' names carried a hash. */
async function storeAsBefore(folder: string, compact: Compact): Promise<void> {
  const [param, bin] = [compactParam(compact), compactBin(compact)];
  const sha256 = { param: sha256Of(Buffer.from(param)), bin: sha256Of(bin) };
  const facts = { version: 1, name: 'tiny', scale: 4, haloPx: 3, parameters: 1, licence: 'not stated', sha256 };
  await mkdir(folder);
  await writeModel(folder, compact, 'tiny');
  await writeFile(join(folder, 'tiny.json'), JSON.stringify(facts));
}

/** The whole photo with its reflected border, as one tile of plain loops. */
function untiled(compact: Compact, options: PictureOptions): ArrayLike<number> {
  const { widthPx, heightPx, channels = 3, depth = 8 } = options;
  if (channels !== 1 && channels !== 3) throw new Error('Expected grey or colour');
  const samples = pictureSamples(options);
  const reflected = (at: number, size: number): number => (at < 0 ? -at : at >= size ? 2 * size - 2 - at : at);
  const [width, height] = [widthPx + 6, heightPx + 6];
  const padded = Float64Array.from({ length: width * height * channels }, (_, at) => {
    const x = reflected((Math.floor(at / channels) % width) - 3, widthPx);
    const y = reflected(Math.floor(at / channels / width) - 3, heightPx);
    return samples[(y * widthPx + x) * channels + (at % channels)]!;
  });
  const image = { height, width, channels, samples: padded };
  return compactResult(compact, image, 'valid', depth === 8 ? 255 : 65_535).samples;
}
