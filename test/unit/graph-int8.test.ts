import { describe, expect, test } from 'vitest';
import { catalog } from '../../models/catalog.ts';
import { buildGraph, defaultForm } from '../../models/graph/build.ts';
import type { OnnxGraph } from '../../models/graph/onnx.ts';
import { defaultWeightsFolder, loadNetwork } from '../../models/load-graph.ts';

/** For each output of each convolution, what two weights of one sign that kernels add together come to at most. */
function largestPairs({ tensors }: OnnxGraph): readonly (readonly number[])[] {
  const layers = tensors.filter(({ name }) => /^conv\.\d+\.weight$/u.test(name));
  return layers.map(({ shape, values }) => {
    const [outputs, inputs, rows, columns] = shape as [number, number, number, number];
    const area = rows * columns;
    return Array.from({ length: outputs }, (_, output) => {
      const sums = Array.from({ length: (inputs / 2) * area }, (_, n) => {
        const at = (output * inputs + 2 * Math.floor(n / area)) * area + (n % area);
        const [one, other] = [Number(values[at]), Number(values[at + area])];
        return Math.max(Math.max(0, one) + Math.max(0, other), Math.max(0, -one) + Math.max(0, -other));
      });
      return Math.max(...sums);
    });
  });
}

describe.each(catalog)('8-bit weights of $id', (entry) => {
  test.each([
    { channels: 3, channelOrder: 'rgb' },
    { channels: 3, channelOrder: 'bgr' },
    { channels: 1, channelOrder: 'rgb' },
  ] as const)(
    'of $channels channels, $channelOrder: no pair overflows 16 bits, and each output uses them',
    async (form) => {
      const network = await loadNetwork(entry, defaultWeightsFolder);
      const layers = largestPairs(buildGraph(network, { ...defaultForm, ...form }));
      expect(layers.length).toBe(network.layers.length);
      // Two products with a byte: 255 · 128 is less than 2¹⁵.
      for (const pairs of layers) expect(Math.max(...pairs)).toBeLessThanOrEqual(128);
      // A larger step than is needed would cost sharpness. The last layer has idle outputs, and whole steps with an anchor.
      for (const pairs of layers.slice(0, -1)) expect(Math.min(...pairs)).toBeGreaterThanOrEqual(126);
    },
  );
});
