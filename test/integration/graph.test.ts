import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { catalog } from '../../models/catalog.ts';
import type { GraphForm } from '../../models/graph/build.ts';
import { quickSrNetFrom } from '../../models/graph/network.ts';
import { parseSafetensors } from '../../models/graph/safetensors.ts';
import { defaultWeightsFolder, graphOf } from '../../models/load-graph.ts';
import { integerResult } from '../helpers/reference-integer.ts';
import { referenceResult } from '../helpers/reference-quicksrnet.ts';
import type { ReferenceImage } from '../helpers/reference-quicksrnet.ts';
import { largestDifference, randomPicture, runGraph } from '../helpers/reference-run.ts';
import { randomNetwork, readReferenceNetwork, writeReferenceNetwork } from '../helpers/reference-weights.ts';

/** Runs one form of a network, given as a weights file, on a picture. */
function infer(file: Uint8Array, form: Partial<GraphForm>, image: ReferenceImage): Promise<Uint8Array | Uint16Array> {
  return runGraph(graphOf(quickSrNetFrom(parseSafetensors(file)), form), image);
}

/** Half a step of rounding, and what float32 sums differ by. */
const rounding = 0.5 + 0.02;
const rounding16 = 0.5 + 1;

const shapes = [
  { name: 'S ×2', scale: 2, anchored: false, channels: 32, hidden: 2 },
  { name: 'S ×3', scale: 3, anchored: false, channels: 32, hidden: 2 },
  { name: 'M ×4', scale: 4, anchored: false, channels: 32, hidden: 5 },
  { name: 'L ×2', scale: 2, anchored: true, channels: 64, hidden: 3 },
  { name: 'L ×3', scale: 3, anchored: true, channels: 64, hidden: 3 },
  { name: 'L ×4', scale: 4, anchored: true, channels: 64, hidden: 3 },
];

describe.each(shapes)('random weights of $name', (shape) => {
  const network = randomNetwork({ ...shape, seed: 7 });
  const file = writeReferenceNetwork(network);

  describe.each(['valid', 'same'] as const)('padding %s', (padding) => {
    describe.each([3, 1] as const)('channels %i', (channels) => {
      test('fp32, 8 bits: rounds what plain loops compute', async () => {
        const image = randomPicture(17, 20, channels, 255, 1);
        const result = await infer(file, { precision: 'fp32', padding, channels }, image);
        expect(largestDifference(result, referenceResult(network, image, padding, 255).samples)).toBeLessThan(rounding);
      });

      test('fp32, 16 bits: rounds what plain loops compute', async () => {
        const image = randomPicture(17, 20, channels, 65535, 2);
        const result = await infer(file, { precision: 'fp32', padding, channels, sampleBits: 16 }, image);
        const wanted = referenceResult(network, image, padding, 65535).samples;
        expect(largestDifference(result, wanted)).toBeLessThan(rounding16);
      });

      test('int8: equals integer arithmetic', async () => {
        const image = randomPicture(17, 20, channels, 255, 3);
        const result = await infer(file, { precision: 'int8', padding, channels }, image);
        expect(largestDifference(result, integerResult(network, image, padding))).toBe(0);
      });
    });
  });

  test('pixels as BGR come out as BGR', async () => {
    const image = randomPicture(17, 20, 3, 255, 4);
    const result = await infer(file, { precision: 'fp32', channelOrder: 'bgr' }, image);
    const wanted = referenceResult(network, image, 'valid', 255, 'bgr').samples;
    expect(largestDifference(result, wanted)).toBeLessThan(rounding);
  });
});

test('a last layer for grey is what grey pictures go through in int8, and nothing else', async () => {
  const network = randomNetwork({ scale: 3, anchored: false, channels: 32, hidden: 1, seed: 14 });
  const other = randomNetwork({ scale: 3, anchored: false, channels: 32, hidden: 1, seed: 15 }).layers.at(-1)!;
  const [weight, bias] = [other.weight.slice(0, 9 * 32 * 9), other.bias.slice(0, 9)];
  const withGrey = { ...network, grey: { outputs: 9, inputs: 32, weight, bias } };
  const [grey, colour] = [randomPicture(9, 10, 1, 255, 16), randomPicture(9, 10, 3, 255, 17)];
  const [file, plain] = [writeReferenceNetwork(withGrey), writeReferenceNetwork(network)];
  const int8 = await infer(file, { precision: 'int8', channels: 1 }, grey);
  expect(largestDifference(int8, integerResult(withGrey, grey, 'valid'))).toBe(0);
  expect(largestDifference(int8, integerResult(network, grey, 'valid'))).toBeGreaterThan(20);
  for (const form of [{ precision: 'fp32', channels: 1 }, { precision: 'int8' }, { precision: 'fp32' }] as const) {
    const image = 'channels' in form ? grey : colour;
    expect(largestDifference(await infer(file, form, image), await infer(plain, form, image))).toBe(0);
  }
});

test('outputs without a weight, with and without a bias, give their bias in int8', async () => {
  const network = randomNetwork({ scale: 2, anchored: true, channels: 8, hidden: 1, seed: 12 });
  for (const [index, { inputs, weight, bias }] of network.layers.entries()) {
    weight.fill(0, 0, 2 * inputs * 9);
    weight.fill(1e-9, 2 * inputs * 9, 3 * inputs * 9);
    bias.set([0, 0.3, index === 1 ? -0.2 : 0.4]);
  }
  const file = writeReferenceNetwork(network);
  const image = randomPicture(9, 10, 3, 255, 13);
  const int8 = await infer(file, { precision: 'int8' }, image);
  expect(largestDifference(int8, integerResult(network, image, 'valid'))).toBe(0);
  const fp32 = await infer(file, { precision: 'fp32' }, image);
  expect(largestDifference(int8, fp32)).toBeLessThan(12);
});

describe.each(catalog)('weights of $id', (entry) => {
  test('fp32 rounds what plain loops compute, int8 equals integer arithmetic', async () => {
    const file = await readFile(`${defaultWeightsFolder}${entry.weightsFile}`);
    const network = readReferenceNetwork(file);
    const side = 2 * entry.haloPx;
    const image = randomPicture(side + 3, side + 4, 3, 255, 5);
    const fp32 = await infer(file, { precision: 'fp32' }, image);
    expect(largestDifference(fp32, referenceResult(network, image, 'valid', 255).samples)).toBeLessThan(rounding);
    const int8 = await infer(file, { precision: 'int8' }, image);
    expect(largestDifference(int8, integerResult(network, image, 'valid'))).toBe(0);
  });
});
