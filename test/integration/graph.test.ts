import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { loadTileModel } from '../../main/engine/adapters/ort-model.ts';
import { catalog } from '../../models/catalog.ts';
import { quickSrNetFrom } from '../../models/graph/network.ts';
import { parseSafetensors } from '../../models/graph/safetensors.ts';
import type { GraphForm } from '../../models/graph/build.ts';
import { defaultWeightsFolder, graphOf } from '../../models/load-graph.ts';
import { integerResult } from '../helpers/reference-integer.ts';
import { referenceResult } from '../helpers/reference-quicksrnet.ts';
import type { ReferenceImage } from '../helpers/reference-quicksrnet.ts';
import {
  randomNetwork,
  randomSamples,
  readReferenceNetwork,
  writeReferenceNetwork,
} from '../helpers/reference-weights.ts';

/** Runs one form of a network, given as a weights file, on a picture. */
async function infer(
  file: Uint8Array,
  form: Partial<GraphForm>,
  image: ReferenceImage,
): Promise<Uint8Array | Uint16Array> {
  const graph = graphOf(quickSrNetFrom(parseSafetensors(file)), form);
  const loaded = await loadTileModel(graph, { provider: 'cpu', threads: 1 });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const { height, width, channels } = image;
  const samples = graph.bytesPerSample === 1 ? Uint8Array.from(image.samples) : Uint16Array.from(image.samples);
  const cut = 2 * graph.marginPx;
  const output = new Uint8Array((height - cut) * (width - cut) * graph.scale ** 2 * channels * graph.bytesPerSample);
  const tile = loaded.value.bind({ heightPx: height, widthPx: width }, new Uint8Array(samples.buffer), output);
  const ran = await tile.run();
  if (!ran.ok) throw new Error(JSON.stringify(ran.error));
  await loaded.value.dispose();
  return graph.bytesPerSample === 1 ? output : new Uint16Array(output.buffer);
}

function picture(height: number, width: number, channels: 1 | 3, white: number, seed: number): ReferenceImage {
  return { height, width, channels, samples: randomSamples(height * width * channels, white, seed) };
}

function largestDifference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let largest = one.length === other.length ? 0 : Infinity;
  for (let n = 0; n < one.length; n++) largest = Math.max(largest, Math.abs(one[n]! - other[n]!));
  return largest;
}

/** Half a step of rounding, and what float32 sums differ by. */
const rounding = 0.5 + 0.02;

const shapes = [
  { name: 'S ×2', scale: 2, anchored: false, channels: 32, hidden: 2 },
  { name: 'S ×3', scale: 3, anchored: false, channels: 32, hidden: 2 },
  { name: 'M ×4', scale: 4, anchored: false, channels: 32, hidden: 5 },
  { name: 'L ×2', scale: 2, anchored: true, channels: 64, hidden: 3 },
  { name: 'L ×3', scale: 3, anchored: true, channels: 64, hidden: 3 },
  { name: 'L ×4', scale: 4, anchored: true, channels: 64, hidden: 3 },
];
const paddings = ['valid', 'same'] as const;
const weightBits = [8, 7] as const;

describe.each(shapes)('random weights of $name', (shape) => {
  const network = randomNetwork({ ...shape, seed: 7 });
  const file = writeReferenceNetwork(network);

  describe.each(paddings)('padding %s', (padding) => {
    test.each([3, 1] as const)('fp32, 8 bits, %i channels: rounds what plain loops compute', async (channels) => {
      const image = picture(19, 23, channels, 255, 1);
      const result = await infer(file, { precision: 'fp32', padding, channels }, image);
      expect(largestDifference(result, referenceResult(network, image, padding, 255).samples)).toBeLessThan(rounding);
    });

    test.each([3, 1] as const)('fp32, 16 bits, %i channels: rounds what plain loops compute', async (channels) => {
      const image = picture(19, 23, channels, 65535, 2);
      const result = await infer(file, { precision: 'fp32', padding, channels, sampleBits: 16 }, image);
      expect(largestDifference(result, referenceResult(network, image, padding, 65535).samples)).toBeLessThan(1.5);
    });

    test.each(weightBits)('int8 with weights of %i bits: equals integer arithmetic in every byte', async (bits) => {
      for (const channels of [3, 1] as const) {
        const image = picture(19, 23, channels, 255, 3);
        const result = await infer(file, { precision: 'int8', padding, channels, weightBits: bits }, image);
        expect(largestDifference(result, integerResult(network, image, padding, bits))).toBe(0);
      }
    });
  });
});

describe.each(catalog)('weights of $id', (entry) => {
  test('fp32 rounds what plain loops compute, int8 equals integer arithmetic', async () => {
    const file = await readFile(`${defaultWeightsFolder}${entry.weightsFile}`);
    const network = readReferenceNetwork(file);
    const side = 2 * entry.haloPx;
    const image = picture(side + 3, side + 4, 3, 255, 4);
    const fp32 = await infer(file, { precision: 'fp32' }, image);
    expect(largestDifference(fp32, referenceResult(network, image, 'valid', 255).samples)).toBeLessThan(rounding);
    const int8 = await infer(file, { precision: 'int8' }, image);
    expect(largestDifference(int8, integerResult(network, image, 'valid', 8))).toBe(0);
  });
});
