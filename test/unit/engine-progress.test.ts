import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProgressEstimator } from '../../main/engine/progress.ts';

const megapixel = 1_000_000;

/** Works through photos of a megapixel at a steady pace; calls back ten times a second. */
function steady(
  photos: number,
  msPerPhoto: (index: number) => number,
  each: (estimator: ProgressEstimator, nowMs: number) => void,
): ProgressEstimator {
  const estimator = new ProgressEstimator();
  estimator.expect(photos);
  let nowMs = 1_000_000;
  for (let index = 0; index < photos; index++) {
    estimator.start(`${index}`, megapixel, nowMs);
    const ms = msPerPhoto(index);
    for (let spent = 100; spent <= ms; spent += 100) {
      nowMs += 100;
      estimator.advance(`${index}`, spent / ms);
      each(estimator, nowMs);
    }
    estimator.settle(`${index}`, true);
  }
  return estimator;
}

describe('the progress of a batch', () => {
  it('tells rate and time left of steady work', () => {
    steady(
      60,
      () => 1000,
      (estimator, nowMs) => {
        const { fraction, pixelsPerSecond, remainingMs } = estimator.at(nowMs);
        const spentMs = nowMs - 1_000_000;
        expect(fraction).toBeCloseTo(Math.min(0.9999, spentMs / 60_000), 6);
        expect(pixelsPerSecond).toBeCloseTo(megapixel, -2);
        if (spentMs >= 1_500) expect(remainingMs).toBeCloseTo(60_000 - spentMs, -2);
        else expect(remainingMs).toBeUndefined();
      },
    );
  });

  it('lets the time left glide when the pace changes tenfold, and finds the new one', () => {
    let before: number | undefined;
    let worst = 0;
    const atChange: number[] = [];
    steady(
      60,
      (index) => (index < 30 ? 200 : 2000),
      (estimator, nowMs) => {
        const { remainingMs } = estimator.at(nowMs);
        if (before !== undefined && remainingMs !== undefined) worst = Math.max(worst, Math.abs(remainingMs - before));
        before = remainingMs;
        if (nowMs === 1_006_000) atChange.push(remainingMs ?? NaN);
        if (nowMs === 1_046_000) atChange.push(remainingMs ?? NaN);
      },
    );
    // Six seconds in, it still believes in 6 s; forty seconds later, 20 s are really left.
    expect(atChange[0]).toBeLessThan(7_000);
    expect(Math.abs((atChange[1] ?? NaN) - 20_000)).toBeLessThan(5_000);
    // A tenth of a second never moves it by more than one.
    expect(worst).toBeLessThan(1_000);
  });

  it('lets the time left glide when much more work is found', () => {
    const left: number[] = [];
    steady(
      60,
      () => 1000,
      (estimator, nowMs) => {
        if (nowMs === 1_010_000) estimator.expect(600);
        left.push(estimator.at(nowMs).remainingMs ?? NaN);
      },
    );
    // From 50 s to 590 s: not at once, but within twenty seconds.
    expect(Math.abs((left[99] ?? NaN) - (left[98] ?? NaN))).toBeLessThan(30_000);
    expect(left[300]).toBeGreaterThan(540_000);
  });

  it('forgets a night that the computer slept through', () => {
    let asleepMs = 0;
    let left = NaN;
    steady(
      200,
      () => 1000,
      (estimator, nowMs) => {
        if (nowMs === 1_100_000) {
          for (let hour = 0; hour < 8; hour++) estimator.at(nowMs + (asleepMs += 3_600_000));
        }
        left = estimator.at(nowMs + asleepMs).remainingMs ?? NaN;
        if (nowMs === 1_190_000) expect(Math.abs(left - 10_000)).toBeLessThan(2_000);
      },
    );
    expect(left).toBeLessThan(1000);
  });

  it('weighs photos by their pixels', () => {
    const estimator = new ProgressEstimator();
    estimator.expect(2, 4 * megapixel);
    estimator.start('small', megapixel, 0);
    estimator.settle('small', true);
    expect(estimator.at(100).fraction).toBeCloseTo(0.25);
    estimator.start('large', 3 * megapixel, 100);
    estimator.advance('large', 0.5);
    expect(estimator.at(200).fraction).toBeCloseTo(0.625);
  });

  it('counts photos of unknown size as the average of the known', () => {
    const estimator = new ProgressEstimator();
    estimator.expect(4);
    estimator.start('a', 3 * megapixel, 0);
    estimator.start('b', megapixel, 0);
    estimator.settle('a', true);
    expect(estimator.at(1).fraction).toBeCloseTo(3 / 8);
  });

  it('does not take skipped photos for speed', () => {
    const estimator = new ProgressEstimator();
    estimator.expect(101);
    estimator.start('work', megapixel, 0);
    for (let index = 0; index < 100; index++) estimator.settle(`skipped ${index}`, false);
    estimator.advance('work', 0.5);
    expect(estimator.at(10_000).pixelsPerSecond).toBeCloseTo(50_000);
    expect(estimator.at(10_000).fraction).toBeGreaterThan(0.9);
  });

  it('keeps a photo where it was when it is tried again', () => {
    const estimator = new ProgressEstimator();
    estimator.expect(1);
    estimator.start('a', megapixel, 0);
    estimator.advance('a', 0.6);
    estimator.advance('a', 0.2);
    estimator.start('a', megapixel, 10);
    estimator.advance('a', 0.1);
    expect(estimator.fractionOf('a')).toBe(0.6);
    expect(estimator.at(20).fraction).toBeCloseTo(0.6);
  });

  it('says nothing of the time left before there is work to tell it from', () => {
    const estimator = new ProgressEstimator();
    expect(estimator.at(0)).toEqual({ fraction: 0, pixelsPerSecond: 0, remainingMs: undefined });
    estimator.expect(3);
    estimator.start('a', megapixel, 0);
    expect(estimator.at(60_000)).toEqual({ fraction: 0, pixelsPerSecond: 0, remainingMs: undefined });
  });
});

describe('whatever happens in a batch', () => {
  const id = fc.integer({ min: 0, max: 6 }).map(String);
  const event = fc.oneof(
    fc.record({ kind: fc.constant('start' as const), id, pixels: fc.nat(1e9) }),
    fc.record({ kind: fc.constant('advance' as const), id, fraction: fc.double({ min: -1, max: 2 }) }),
    fc.record({ kind: fc.constant('settle' as const), id, worked: fc.boolean() }),
    fc.record({
      kind: fc.constant('expect' as const),
      photos: fc.nat(20),
      pixels: fc.option(fc.nat(1e10), { nil: undefined }),
    }),
  );
  const waits = fc.oneof(fc.nat(300), fc.nat(1e5), fc.nat(1e9));
  const story = fc.array(fc.tuple(event, waits), { maxLength: 60 });

  function tell(
    estimator: ProgressEstimator,
    what: typeof event extends fc.Arbitrary<infer E> ? E : never,
    nowMs: number,
  ) {
    if (what.kind === 'start') estimator.start(what.id, what.pixels, nowMs);
    else if (what.kind === 'advance') estimator.advance(what.id, what.fraction);
    else if (what.kind === 'settle') estimator.settle(what.id, what.worked);
    else estimator.expect(what.photos, what.pixels);
  }

  it('progress never goes back, stays below 1 until the end and is 1 at the end', () => {
    fc.assert(
      fc.property(story, (events) => {
        const estimator = new ProgressEstimator();
        let nowMs = 0;
        let before = 0;
        for (const [what, waitMs] of events) {
          tell(estimator, what, nowMs);
          nowMs += waitMs;
          const { fraction } = estimator.at(nowMs);
          expect(fraction).toBeGreaterThanOrEqual(before);
          expect(fraction).toBeLessThan(1);
          before = fraction;
        }
        estimator.end();
        expect(estimator.at(nowMs)).toMatchObject({ fraction: 1 });
        expect(estimator.at(nowMs + 1000)).toMatchObject({ fraction: 1 });
      }),
    );
  });

  it('rate and time left are finite and not negative, and nothing is left at the end', () => {
    fc.assert(
      fc.property(story, (events) => {
        const estimator = new ProgressEstimator();
        let nowMs = 0;
        for (const [what, waitMs] of events) {
          tell(estimator, what, nowMs);
          nowMs += waitMs;
          const { pixelsPerSecond, remainingMs = 0 } = estimator.at(nowMs);
          expect(Number.isFinite(pixelsPerSecond) && pixelsPerSecond >= 0).toBe(true);
          expect(Number.isFinite(remainingMs) && remainingMs >= 0).toBe(true);
        }
        estimator.start('last', 1, nowMs);
        estimator.end();
        expect(estimator.at(nowMs).remainingMs).toBe(0);
      }),
    );
  });
});
