import { expect, test } from 'vitest';
import { compareSamples, isTrusted } from '../../main/engine/compare.ts';

test('equal pictures are zero steps apart', () => {
  expect(compareSamples(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3), 1)).toEqual({ maximumSteps: 0, meanSteps: 0 });
});

test('the largest and the mean difference are told in steps of 1/255', () => {
  expect(compareSamples(Uint8Array.of(0, 10, 20, 30), Uint8Array.of(3, 10, 19, 30), 1)).toEqual({
    maximumSteps: 3,
    meanSteps: 1,
  });
});

test('sixteen bits are measured by the same ruler as eight', () => {
  const bytes = (...samples: number[]): Uint8Array => new Uint8Array(Uint16Array.of(...samples).buffer);
  expect(compareSamples(bytes(0, 257), bytes(257, 257), 2)).toEqual({ maximumSteps: 1, meanSteps: 0.5 });
});

test('pictures of different sizes are a bug of the caller', () => {
  expect(() => compareSamples(new Uint8Array(3), new Uint8Array(6), 1)).toThrow(RangeError);
});

test('a device may round a sample, but not shift the whole picture nor spoil a single pixel', () => {
  expect(isTrusted({ maximumSteps: 2, meanSteps: 0.1 })).toBe(true);
  expect(isTrusted({ maximumSteps: 1, meanSteps: 0.9 })).toBe(false);
  expect(isTrusted({ maximumSteps: 40, meanSteps: 0.01 })).toBe(false);
});
