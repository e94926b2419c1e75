import { describe, expect, test } from 'vitest';
import { catalog } from '../../models/catalog.ts';
import { buildGraph, defaultForm } from '../../models/graph/build.ts';
import type { OnnxGraph } from '../../models/graph/onnx.ts';
import { defaultWeightsFolder, loadNetwork } from '../../models/load-graph.ts';

/** What two products of a byte and a weight may come to in kernels that add them in 16 bits. */
const holds = { least: -(2 ** 15), most: 2 ** 15 - 1 };

/** The least and the largest sum of two products that any picture can bring about, over all convolutions of a graph. */
function extremesOf({ tensors }: OnnxGraph): { least: number; most: number; convolutions: number } {
  const extremes = { least: 0, most: 0, convolutions: 0 };
  for (const { shape, values } of tensors.filter(({ name }) => /^conv\.\d+\.weight$/u.test(name))) {
    const [outputs, inputs, rows, columns] = shape as [number, number, number, number];
    const area = rows * columns;
    for (let pair = 0; pair < (outputs * inputs) / 2; pair++) {
      for (let place = 0; place < area; place++) {
        const two = [values[2 * pair * area + place], values[(2 * pair + 1) * area + place]].map(Number);
        const sumOf = (sign: 1 | -1): number => two.reduce((sum, value) => sum + Math.max(0, sign * value), 0) * 255;
        extremes.least = Math.min(extremes.least, -sumOf(-1));
        extremes.most = Math.max(extremes.most, sumOf(1));
      }
    }
    extremes.convolutions += 1;
  }
  return extremes;
}

describe.each(catalog)('8-bit weights of $id', (entry) => {
  test.each([
    { channels: 3, channelOrder: 'rgb' },
    { channels: 3, channelOrder: 'bgr' },
    { channels: 1, channelOrder: 'rgb' },
  ] as const)('of $channels channels, $channelOrder: no pair of products overflows 16 bits', async (form) => {
    const network = await loadNetwork(entry, defaultWeightsFolder);
    const { least, most, convolutions } = extremesOf(buildGraph(network, { ...defaultForm, ...form }));
    expect(convolutions).toBe(network.layers.length);
    expect(least).toBeGreaterThanOrEqual(holds.least);
    expect(most).toBeLessThanOrEqual(holds.most);
    // The range is used: a larger step than is needed would cost sharpness.
    expect(Math.max(most, -least)).toBeGreaterThan(holds.most - 2 * 255);
  });
});
