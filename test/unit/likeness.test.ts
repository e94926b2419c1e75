import { describe, expect, it } from 'vitest';
import { LikenessMeter, type Likeness } from '../../main/engine/quality/likeness.ts';
import { pictureSamples } from '../helpers/photos.ts';

const size = { widthPx: 23, heightPx: 17 };
const one = Float64Array.from(pictureSamples({ ...size, channels: 1, seed: 1 }));
const other = Float64Array.from(one, (value, at) => value * 0.8 + (at % 5) * 4);

function likenessOf(left: Float64Array, right: Float64Array): Likeness {
  const meter = new LikenessMeter(size);
  for (let at = 0; at < left.length; at += size.widthPx) {
    meter.add(left.subarray(at, at + size.widthPx), right.subarray(at, at + size.widthPx));
  }
  return meter.likeness();
}

/** SSIM as its paper states it: deviations from the window's mean, weighed in two dimensions. */
function referenceSsim(left: Float64Array, right: Float64Array): number {
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  const weights: [number, number, number][] = [];
  for (let y = -5; y <= 5; y += 1) {
    for (let x = -5; x <= 5; x += 1) weights.push([x, y, Math.exp(-(x * x + y * y) / 4.5)]);
  }
  const total = weights.reduce((sum, [, , weight]) => sum + weight, 0);
  const values: number[] = [];
  for (let y = 5; y < size.heightPx - 5; y += 1) {
    for (let x = 5; x < size.widthPx - 5; x += 1) {
      const average = (of: (at: number) => number): number =>
        weights.reduce((sum, [dx, dy, weight]) => sum + weight * of((y + dy) * size.widthPx + x + dx), 0) / total;
      const [a, b] = [average((at) => left[at]!), average((at) => right[at]!)];
      const varianceA = average((at) => (left[at]! - a) ** 2);
      const varianceB = average((at) => (right[at]! - b) ** 2);
      const covariance = average((at) => (left[at]! - a) * (right[at]! - b));
      values.push(((2 * a * b + c1) * (2 * covariance + c2)) / ((a * a + b * b + c1) * (varianceA + varianceB + c2)));
    }
  }
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('the likeness of two pictures', () => {
  it('is perfect for a picture and itself', () => {
    const { psnrDb, ssim } = likenessOf(one, one);
    expect(psnrDb).toBe(Infinity);
    expect(ssim).toBeCloseTo(1, 12);
  });

  it('has the PSNR of a known difference', () => {
    const brighter = one.map((value) => value + 5);
    expect(likenessOf(one, brighter).psnrDb).toBeCloseTo(20 * Math.log10(255 / 5), 9);
  });

  it('has the SSIM that the paper states', () => {
    expect(likenessOf(one, other).ssim).toBeCloseTo(referenceSsim(one, other), 9);
    expect(likenessOf(one, other).ssim).toBeLessThan(0.99);
  });

  it('is not told before all rows were seen, nor of a picture that the window does not fit in', () => {
    const meter = new LikenessMeter(size);
    meter.add(one.subarray(0, size.widthPx), one.subarray(0, size.widthPx));
    expect(() => meter.likeness()).toThrow(RangeError);
    expect(() => new LikenessMeter({ widthPx: 30, heightPx: 10 })).toThrow(RangeError);
  });
});
