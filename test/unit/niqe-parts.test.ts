import { describe, expect, it } from 'vitest';
import { BlockMeter, FEATURE_COUNT } from '../../main/engine/quality/block.ts';
import { gamma } from '../../main/engine/quality/gamma.ts';
import { fitGeneralisedGaussian } from '../../main/engine/quality/generalised-gaussian.ts';
import { readLuma } from '../../main/engine/quality/luma.ts';
import { Moments, squaredDistance } from '../../main/engine/quality/moments.ts';
import { NiqeMeter } from '../../main/engine/quality/niqe.ts';
import { pristineModel } from '../../main/engine/quality/pristine.ts';
import { measured } from '../helpers/niqe.ts';
import { pictureSamples } from '../helpers/photos.ts';
import { referenceFeatures } from '../helpers/reference-niqe.ts';

describe('the fit of an asymmetric generalised Gaussian', () => {
  /** The moments of the density exp(−(|x| ÷ width)^shape), by adding up thin slices of it. */
  function slices(shape: number, left: number, right: number) {
    const sums = {
      count: 0,
      negativeCount: 0,
      negativeSquares: 0,
      positiveCount: 0,
      positiveSquares: 0,
      magnitudes: 0,
    };
    let total = 0;
    const step = 0.0005;
    for (let at = 0; at < 160_000; at += 1) {
      const distance = (at + 0.5) * step;
      const [negative, positive] = [left, right].map((width) => Math.exp(-((distance / width) ** shape)));
      sums.count += negative! + positive!;
      sums.negativeCount += negative!;
      sums.negativeSquares += negative! * distance ** 2;
      sums.positiveCount += positive!;
      sums.positiveSquares += positive! * distance ** 2;
      sums.magnitudes += (negative! + positive!) * distance;
      total += (positive! - negative!) * distance;
    }
    return { sums, mean: total / sums.count };
  }

  it.each([
    [2, 1, 1],
    [1, 0.5, 0.5],
    [0.8, 0.3, 0.6],
    [2.6, 1.2, 0.7],
    [5, 1, 2],
  ])('finds shape %d and widths %d and %d', (shape, left, right) => {
    const { sums, mean } = slices(shape, left, right);
    const fitted = fitGeneralisedGaussian(sums)!;
    expect(fitted.shape).toBeCloseTo(shape, 2);
    expect(fitted.leftWidth).toBeCloseTo(left, 2);
    expect(fitted.rightWidth).toBeCloseTo(right, 2);
    expect(fitted.mean).toBeCloseTo(mean, 2);
  });

  it('has nothing to fit where one side is empty', () => {
    const flat = {
      count: 9,
      negativeCount: 0,
      negativeSquares: 0,
      positiveCount: 0,
      positiveSquares: 0,
      magnitudes: 0,
    };
    expect(fitGeneralisedGaussian(flat)).toBeUndefined();
    expect(fitGeneralisedGaussian({ ...flat, positiveCount: 3, positiveSquares: 3, magnitudes: 3 })).toBeUndefined();
  });
});

describe('the arithmetic below', () => {
  it.each([
    [0.1, 9.513_507_698_668_732],
    [0.5, Math.sqrt(Math.PI)],
    [1, 1],
    [5, 24],
    [15, 87_178_291_200],
  ])('knows Γ(%d)', (x, value) => {
    expect(gamma(x) / value).toBeCloseTo(1, 12);
  });

  it('sums up mean and covariance as if all vectors were at hand', () => {
    const vectors = Array.from({ length: 50 }, (_, at) =>
      Float64Array.of(1e6 + Math.sin(at), at % 7, Math.cos(at * at) + at / 10),
    );
    const moments = new Moments(3);
    for (const vector of vectors) moments.add(vector);
    const mean = [0, 1, 2].map((i) => vectors.reduce((sum, vector) => sum + vector[i]!, 0) / 50);
    const covariance = moments.covariance();
    for (let i = 0; i < 3; i += 1) {
      expect(moments.mean[i]).toBeCloseTo(mean[i]!, 8);
      for (let j = 0; j < 3; j += 1) {
        const product = vectors.reduce((sum, v) => sum + (v[i]! - mean[i]!) * (v[j]! - mean[j]!), 0) / 49;
        expect(covariance[i * 3 + j]).toBeCloseTo(product, 8);
      }
    }
  });

  it('measures a distance in the units of a covariance', () => {
    // The inverse of [[2, 1], [1, 2]] is [[2, −1], [−1, 2]] ÷ 3.
    expect(squaredDistance(Float64Array.of(2, 1, 1, 2), Float64Array.of(1, 0))).toBeCloseTo(2 / 3, 12);
    expect(squaredDistance(Float64Array.of(2, 1, 1, 2), Float64Array.of(3, -1))).toBeCloseTo(26 / 3, 12);
    expect(() => squaredDistance(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 0))).toThrow(RangeError);
  });

  it('takes luma from colour and from grey alike, from 16 to 235', () => {
    const luma = new Uint8Array(3);
    readLuma(Uint8Array.of(0, 0, 0, 255, 255, 255, 100, 100, 100), 3, luma);
    expect([...luma]).toEqual([16, 235, 102]);
    readLuma(Uint8Array.of(0, 255, 100), 1, luma);
    expect([...luma]).toEqual([16, 235, 102]);
    const exact = new Float64Array(1);
    readLuma(Uint8Array.of(255, 0, 0), 3, exact);
    expect(exact[0]).toBeCloseTo(81.481, 9);
  });

  it('ships a pristine model that is complete and can be inverted', () => {
    expect(pristineModel.mean).toHaveLength(FEATURE_COUNT);
    expect(pristineModel.covariance).toHaveLength(FEATURE_COUNT ** 2);
    expect(squaredDistance(pristineModel.covariance, pristineModel.mean)).toBeGreaterThan(0);
  });
});

describe('the blocks of a picture', () => {
  const size = { widthPx: 3 * 96 + 50, heightPx: 3 * 96 + 20 };
  const whole = { widthPx: 3 * 96, heightPx: 3 * 96 };
  const luma = new Uint8Array(size.widthPx * size.heightPx);
  readLuma(pictureSamples({ ...size, channels: 1 }) as Uint8Array, 1, luma);

  it('are measured row by row exactly as in the whole picture', () => {
    const meter = new BlockMeter();
    const moments = new Moments(FEATURE_COUNT);
    for (let block = 0; block < 9; block += 1) {
      const rows = { values: luma, rowLength: size.widthPx, topPx: 0, picture: whole };
      moments.add(meter.measure(rows, Math.floor(block / 3) * 96, (block % 3) * 96)!.features);
    }
    const covariance = pristineModel.covariance.map((value, at) => (value + moments.covariance()[at]!) / 2);
    const difference = pristineModel.mean.map((value, at) => value - moments.mean[at]!);
    const streamed = measured({ ...size, luma }).score(pristineModel);
    expect(streamed).toEqual({
      ok: true,
      value: { niqe: Math.sqrt(squaredDistance(covariance, difference)), blocks: 9, flatBlocks: 0 },
    });
  });

  it('ask for no more rows than their halo', () => {
    const meter = new NiqeMeter(size);
    const spans = Array.from({ length: meter.blockRows }, (_, blockRow) => meter.rowsOf(blockRow));
    expect(spans).toEqual([
      { start: 0, end: 105 },
      { start: 87, end: 201 },
      { start: 183, end: 288 },
    ]);
  });

  it('have the features that the paper states, at the borders too', () => {
    const cropped = new Uint8Array(whole.widthPx * whole.heightPx);
    for (let y = 0; y < whole.heightPx; y += 1) {
      cropped.set(luma.subarray(y * size.widthPx, y * size.widthPx + whole.widthPx), y * whole.widthPx);
    }
    const wanted = referenceFeatures(cropped, whole);
    const meter = new NiqeMeter(size);
    const features: number[][] = [];
    for (let blockRow = 0; blockRow < meter.blockRows; blockRow += 1) {
      const { start, end } = meter.rowsOf(blockRow);
      meter.add(blockRow, luma.slice(start * size.widthPx, end * size.widthPx), (block) => {
        features.push([...block.features]);
      });
    }
    expect(features).toHaveLength(9);
    const differences = features.flatMap((block, at) => block.map((value, i) => Math.abs(value - wanted[at]![i]!)));
    // A shape may fall on the next step of the grid.
    expect(Math.max(...differences)).toBeLessThan(0.0015);
  });
});
