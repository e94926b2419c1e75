import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Precision } from '../../models/graph/build.ts';
import { quickSrNetFrom } from '../../models/graph/network.ts';
import { parseSafetensors } from '../../models/graph/safetensors.ts';
import { graphOf } from '../../models/load-graph.ts';
import type { LoadedGraph } from '../../models/load-graph.ts';
import { cutOut, largestDifference, randomPicture, runGraph } from '../helpers/reference-run.ts';
import { randomNetwork, writeReferenceNetwork } from '../helpers/reference-weights.ts';

const file = writeReferenceNetwork(randomNetwork({ scale: 3, anchored: true, channels: 16, hidden: 2, seed: 3 }));
const network = quickSrNetFrom(parseSafetensors(file));

/** In int8 every byte is the same; in fp32 sums may be added up in another order, which may tip a rounding. */
const allowed: Readonly<Record<Precision, number>> = { int8: 0, fp32: 1 };

/** The result's pixels that a tile at (x, y) of the source gives, and the same pixels of the whole result. */
async function compareTile(graph: LoadedGraph, tile: { x: number; y: number; width: number; height: number }) {
  const image = randomPicture(30, 34, 3, 255, 6);
  const { marginPx, scale } = graph;
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

describe.each(['int8', 'fp32'] as const)('%s', (precision) => {
  const valid = graphOf(network, { precision, padding: 'valid' });
  const same = graphOf(network, { precision, padding: 'same' });

  test('a tile of a photo gives the pixels that the whole photo gives there', async () => {
    const smallest = 2 * valid.marginPx + 1;
    const side = (length: number) =>
      fc
        .integer({ min: smallest, max: length })
        .chain((size) => fc.record({ start: fc.integer({ min: 0, max: length - size }), size: fc.constant(size) }));
    await fc.assert(
      fc.asyncProperty(side(34), side(30), async (across, down) => {
        const tile = { x: across.start, y: down.start, width: across.size, height: down.size };
        expect(await compareTile(valid, tile)).toBeLessThanOrEqual(allowed[precision]);
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  test('without padding the result is the interior of the result with padding', async () => {
    const image = randomPicture(19, 21, 3, 255, 7);
    const cut = valid.marginPx * valid.scale;
    const padded = { width: 21 * same.scale, channels: 3, samples: await runGraph(same, image) };
    const width = 21 * same.scale - 2 * cut;
    const height = 19 * same.scale - 2 * cut;
    const interior = cutOut(padded, { x: cut, y: cut, width, height });
    expect(largestDifference(await runGraph(valid, image), interior)).toBeLessThanOrEqual(allowed[precision]);
  });

  test('a pixel reaches as far as the halo and no farther', async () => {
    const before = randomPicture(15, 15, 3, 255, 8);
    const { haloPx, scale } = same;
    const centre = 7;
    const after = { ...before, samples: before.samples.slice() };
    for (let channel = 0; channel < 3; channel++) after.samples[(centre * 15 + centre) * 3 + channel]! ^= 255;
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
