import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalog, findModel } from '../../models/catalog.ts';
import { figuresOf } from '../../models/figures.ts';
import { defaultForm, buildGraph } from '../../models/graph/build.ts';
import { describeWeights } from '../../models/graph/describe.ts';
import { haloOf } from '../../models/graph/halo.ts';
import { quickSrNetFrom } from '../../models/graph/network.ts';
import { parseSafetensors } from '../../models/graph/safetensors.ts';
import { defaultWeightsFolder, loadGraph } from '../../models/load-graph.ts';
import { checkOf } from '../helpers/reference-checks.ts';
import { randomNetwork, writeReferenceNetwork } from '../helpers/reference-weights.ts';

describe('the catalogue', () => {
  test('lists exactly the files in the weights folder', async () => {
    const files = (await readdir(defaultWeightsFolder)).filter((name) => name.endsWith('.safetensors'));
    expect(catalog.map((entry) => entry.weightsFile).toSorted()).toEqual(files.toSorted());
  });

  test('has an id for each model', () => {
    expect(new Set(catalog.map((entry) => entry.id)).size).toBe(catalog.length);
    for (const entry of catalog) expect(findModel(entry.id)).toBe(entry);
    expect(findModel('no-such-model')).toBeUndefined();
  });

  test('shows figures of the very weights that they were measured on', () => {
    for (const entry of catalog) expect(entry.figures).toEqual(figuresOf(entry.sha256));
    expect(figuresOf('0'.repeat(64))).toBeUndefined();
  });

  test.each(catalog)('says of $id what its file says', async (entry) => {
    const file = await readFile(`${defaultWeightsFolder}${entry.weightsFile}`);
    expect(entry).toMatchObject(describeWeights(file));
  });

  test.each(catalog)('has the known result of $id that integer arithmetic gives', async (entry) => {
    const file = await readFile(`${defaultWeightsFolder}${entry.weightsFile}`);
    expect(entry.check).toEqual(checkOf(file, entry.haloPx));
  });
});

describe('the halo', () => {
  test.each([
    ['S', 2, false, 4],
    ['M', 5, false, 7],
    ['L', 11, true, 13],
  ] as const)('of size %s is one pixel a convolution', (_, hidden, anchored, halo) => {
    const file = writeReferenceNetwork(randomNetwork({ scale: 2, anchored, channels: 8, hidden, seed: 1 }));
    const network = quickSrNetFrom(parseSafetensors(file));
    for (const precision of ['int8', 'fp32'] as const) {
      expect(haloOf(buildGraph(network, { ...defaultForm, precision }))).toBe(halo);
    }
  });
});

describe('loading a graph', () => {
  const entry = catalog[0]!;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-weights-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  test('gives the halo and, without padding, the margin', async () => {
    expect(await loadGraph({ modelId: entry.id })).toMatchObject({ haloPx: entry.haloPx, marginPx: entry.haloPx });
    expect(await loadGraph({ entry }, { padding: 'same' })).toMatchObject({ haloPx: entry.haloPx, marginPx: 0 });
  });

  test('refuses an unknown model and 16 bits in int8', async () => {
    await expect(loadGraph({ modelId: 'no-such-model' })).rejects.toMatchObject({ code: 'model-unknown' });
    await expect(loadGraph({ entry }, { sampleBits: 16 })).rejects.toMatchObject({ code: 'form-unavailable' });
  });

  test('refuses weights that are missing, and weights that are not the catalogue’s', async () => {
    await expect(loadGraph({ entry }, {}, folder)).rejects.toMatchObject({ code: 'weights-unreadable' });
    const changed = await readFile(`${defaultWeightsFolder}${entry.weightsFile}`);
    changed[changed.length - 1]! ^= 1;
    await writeFile(join(folder, entry.weightsFile), changed);
    await expect(loadGraph({ entry }, {}, folder)).rejects.toMatchObject({ code: 'weights-changed' });
  });
});
