import { expect, it } from 'vitest';
import { fastestTiles, limitsAround, type RawLimits } from '../../main/tune/raw-limit.ts';

function limits(pixelsPerSecond: number, tileMs: number): RawLimits {
  const figures = { tile: { widthPx: 64, heightPx: 64 }, provider: 'cpu', pixelsPerSecond, tileMs } as const;
  return { best: figures, planned: { ...figures, pixelsPerSecond: 2 * pixelsPerSecond } };
}

it('takes the limit before and after a batch by the mean time a pixel', () => {
  // A pixel in 1/2 s before and in 1/6 s after: in 1/3 s by the mean.
  const { best, planned } = limitsAround(limits(2, 10), limits(6, 30));
  expect(best.pixelsPerSecond).toBeCloseTo(3, 12);
  expect(planned.pixelsPerSecond).toBeCloseTo(6, 12);
  expect(best.tileMs).toBe(20);
});

it('takes the fastest tiles, the fastest first', () => {
  const figures = [3, 5, 1, 4].map((speed) => {
    const tile = { widthPx: 100 * speed, heightPx: 64 };
    return { tile, provider: 'cpu', pixelsPerSecond: speed, tileMs: 1 } as const;
  });
  expect(fastestTiles(figures, 2).map(({ widthPx }) => widthPx)).toEqual([500, 400]);
});
