import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTileModel } from '../../main/engine/adapters/ort-model.ts';
import { meanPixel, type BorderFill } from '../../main/engine/border.ts';
import type { TileModel } from '../../main/engine/ports.ts';
import { catalog } from '../../models/catalog.ts';
import { loadGraph } from '../../models/load-graph.ts';
import { pictureSamples } from '../helpers/photos.ts';
import { tilePicture, untiled } from '../helpers/tile-picture.ts';

const entry = catalog.find(({ id }) => id === 'quicksrnet-l-x4')!;
const { haloPx } = entry;

async function open(padding: 'valid' | 'same'): Promise<TileModel> {
  const graph = await loadGraph({ entry }, { precision: 'int8', padding });
  const model = await loadTileModel(graph, { provider: 'cpu', threads: 1 });
  if (!model.ok) throw new Error(model.error.message);
  return model.value;
}

interface Case {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly tilePx: number;
  readonly border: 'reflect' | 'mean' | 'edge';
  readonly seed: number;
}

/** Samples in which the picture that was tiled with a VALID graph differs from the one run whole with a SAME graph. */
async function differing(valid: TileModel, same: TileModel, { border, tilePx, ...picture }: Case): Promise<number> {
  const pixels = pictureSamples(picture) as Uint8Array;
  const fill: BorderFill = border === 'mean' ? { kind: 'constant', pixel: meanPixel(3, 1) } : { kind: border };
  const budget = { sourceBytes: 1e9, outputBytes: 1e9 };
  const { result } = await tilePicture(pixels, picture, valid, { tiling: 'dilated', tilePx, haloPx, fill, budget });
  const whole = await untiled(pixels, picture, same, haloPx, fill);
  return whole.reduce((count, value, at) => count + Number(value !== result[at]), 0);
}

const borders = fc.constantFrom('reflect', 'mean', 'edge');
const tiles = fc.integer({ min: 2 * haloPx + 16, max: 200 });
/** Mostly small, where borders fold and tiles are few; now and then larger. */
const side = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 260 }));

describe('int8 on this machine', () => {
  it('gives the same bytes tiled and untiled, for any size, tile and border', async () => {
    const [valid, same] = [await open('valid'), await open('same')];
    const cases = fc.record({ widthPx: side, heightPx: side, tilePx: tiles, border: borders, seed: fc.nat() });
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        expect(await differing(valid, same, one)).toBe(0);
      }),
      { numRuns: 40, examples: [[{ widthPx: 1, heightPx: 1, tilePx: 42, border: 'reflect', seed: 1 }]] },
    );
  });

  it.each([
    { widthPx: 2000, heightPx: 1, tilePx: 42, border: 'reflect', seed: 3 },
    { widthPx: 1, heightPx: 2000, tilePx: 90, border: 'edge', seed: 4 },
    { widthPx: 1201, heightPx: 997, tilePx: 352, border: 'mean', seed: 5 },
  ] as const)('does so for $widthPx × $heightPx', async (one) => {
    expect(await differing(await open('valid'), await open('same'), one)).toBe(0);
  });
});
