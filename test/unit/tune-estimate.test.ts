import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePlan, type Plan } from '../../main/engine/plan.ts';
import { forecastBatchMs, type BatchForecast } from '../../main/tune/estimate.ts';

function planOf(tilePx: number, widthPx = 1000, heightPx = 1000): Plan {
  const budget = { sourceBytes: 1e9, outputBytes: 1e9 };
  const image = { widthPx, heightPx };
  const plan = makePlan({ image, scale: 4, tiling: 'dilated', tilePx, haloPx: 13, bytesPerPixel: 3, budget });
  if (!plan.ok) throw new Error(plan.error.message);
  return plan.value;
}

const free = { copyMs: 0, codecMs: 0 };
const forecast = (wish: Partial<BatchForecast>) =>
  forecastBatchMs({
    plan: planOf(276),
    crew: { workers: 2, threads: 1 },
    cores: 2,
    tileMs: 10,
    costs: free,
    photos: 1,
    ...wish,
  });

describe('the forecast of a batch', () => {
  it('is tiles × their time on one worker', () => {
    expect(forecast({ crew: { workers: 1, threads: 1 } })).toBe(16 * 10);
  });

  it('shares strips among workers, and knows that the last ones may stand idle', () => {
    // Four strips of four tiles: two each; three workers need as long as two.
    expect(forecast({})).toBe(80);
    expect(forecast({ crew: { workers: 3, threads: 1 }, cores: 3 })).toBe(80);
    expect(forecast({ crew: { workers: 4, threads: 1 }, cores: 4 })).toBe(40);
  });

  it('adds what it costs to cut and join tiles', () => {
    expect(forecast({ costs: { copyMs: 32, codecMs: 0 } })).toBe(80 + 16);
  });

  it('hides the codec behind inference where a core is free, and adds it where none is', () => {
    const costs = { copyMs: 0, codecMs: 40 };
    const one = { workers: 1, threads: 1 };
    // Eleven photos' codec fits into the second core; the last one's does not.
    expect(forecast({ crew: one, cores: 2, costs, photos: 12 })).toBe(12 * 160 + 40);
    // No core is free: eleven photos' codec is shared by both.
    expect(forecast({ cores: 2, costs, photos: 12 })).toBe(12 * 80 + (11 * 40) / 2 + 40);
    // Threads are cores too.
    expect(forecast({ crew: { workers: 1, threads: 2 }, cores: 2, costs, photos: 12, tileMs: 5 })).toBe(
      12 * 80 + (11 * 40) / 2 + 40,
    );
  });

  it('never falls when a tile takes longer or photos are added, and never beats perfect sharing', () => {
    const size = fc.integer({ min: 50, max: 3000 });
    fc.assert(
      fc.property(
        size,
        size,
        fc.integer({ min: 100, max: 512 }),
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 1, max: 12 }),
        (widthPx, heightPx, tilePx, workers, photos) => {
          const plan = planOf(tilePx, widthPx, heightPx);
          const wish = { plan, crew: { workers, threads: 1 }, cores: 16, costs: { copyMs: 5, codecMs: 20 }, photos };
          const ms = forecast(wish);
          expect(forecast({ ...wish, tileMs: 11 })).toBeGreaterThanOrEqual(ms);
          expect(forecast({ ...wish, photos: photos + 1 })).toBeGreaterThanOrEqual(ms);
          expect(ms).toBeGreaterThanOrEqual((photos * (plan.tileCount * 10 + 5)) / workers - 1e-6);
        },
      ),
    );
  });
});
