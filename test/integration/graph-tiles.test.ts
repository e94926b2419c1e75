import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quickSrNetFrom } from '../../models/graph/network.ts';
import { parseSafetensors } from '../../models/graph/safetensors.ts';
import { graphOf } from '../../models/load-graph.ts';
import type { LoadedGraph } from '../../models/load-graph.ts';
import { cutOut, largestDifference, randomPicture, runGraph } from '../helpers/reference-run.ts';
import { randomNetwork, writeReferenceNetwork } from '../helpers/reference-weights.ts';

const file = writeReferenceNetwork(randomNetwork({ scale: 3, anchored: true, channels: 16, hidden: 2, seed: 3 }));
const network = quickSrNetFrom(parseSafetensors(file));

/** In int8 every byte is the same; in fp32 sums may be added up in another order, which may tip a rounding. */
const forms = [
  { precision: 'int8', sampleBits: 8, allowed: 0 },
  { precision: 'fp32', sampleBits: 8, allowed: 1 },
  { precision: 'fp32', sampleBits: 16, allowed: 2 },
] as const;

/** The result's pixels that a tile at (x, y) of the source gives, and the same pixels of the whole result. */
async function compareTile(graph: LoadedGraph, tile: { x: number; y: number; width: number; height: number }) {
  const { marginPx, scale, bytesPerSample } = graph;
  const image = randomPicture(30, 34, 3, 2 ** (8 * bytesPerSample) - 1, 6);
  const whole = await runGraph(graph, image);
  const samples = cutOut(image, tile);
  const part = await runGraph(graph, { height: tile.height, width: tile.width, channels: 3, samples });
  const keptOfWhole = cutOut(
    { width: (image.width - 2 * marginPx) * scale, channels: 3, samples: whole },
    {
      x: tile.x * scale,
      y: tile.y * scale,
      width: (tile.width - 2 * marginPx) * scale,
      height: (tile.height - 2 * marginPx) * scale,
    },
  );
  return largestDifference(part, keptOfWhole);
}

describe.each(forms)('$precision, $sampleBits bits', ({ precision, sampleBits, allowed }) => {
  const white = 2 ** sampleBits - 1;
  const valid = graphOf(network, { precision, sampleBits, padding: 'valid' });
  const same = graphOf(network, { precision, sampleBits, padding: 'same' });

  test('a tile of a photo gives the pixels that the whole photo gives there', async () => {
    const smallest = 2 * valid.marginPx + 1;
    const side = (length: number) =>
      fc
        .integer({ min: smallest, max: length })
        .chain((size) => fc.record({ start: fc.integer({ min: 0, max: length - size }), size: fc.constant(size) }));
    await fc.assert(
      fc.asyncProperty(side(34), side(30), async (across, down) => {
        const tile = { x: across.start, y: down.start, width: across.size, height: down.size };
        expect(await compareTile(valid, tile)).toBeLessThanOrEqual(allowed);
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  test('without padding the result is the interior of the result with padding', async () => {
    const image = randomPicture(19, 21, 3, white, 7);
    const cut = valid.marginPx * valid.scale;
    const padded = { width: 21 * same.scale, channels: 3, samples: await runGraph(same, image) };
    const width = 21 * same.scale - 2 * cut;
    const height = 19 * same.scale - 2 * cut;
    const interior = cutOut(padded, { x: cut, y: cut, width, height });
    expect(largestDifference(await runGraph(valid, image), interior)).toBeLessThanOrEqual(allowed);
  });

  test('a pixel reaches as far as the halo and no farther', async () => {
    const before = randomPicture(15, 15, 3, white, 8);
    const { haloPx, scale } = same;
    const centre = 7;
    const after = { ...before, samples: before.samples.slice() };
    for (let channel = 0; channel < 3; channel++) after.samples[(centre * 15 + centre) * 3 + channel]! ^= white;
    const results = [await runGraph(same, before), await runGraph(same, after)] as const;
    let reachPx = 0;
    for (const [n, value] of results[0].entries()) {
      if (value === results[1][n]) continue;
      const pixel = Math.floor(n / 3);
      const x = Math.floor((pixel % (15 * scale)) / scale);
      const y = Math.floor(pixel / (15 * scale) / scale);
      reachPx = Math.max(reachPx, Math.abs(x - centre), Math.abs(y - centre));
    }
    expect(reachPx).toBe(haloPx);
  });
});
