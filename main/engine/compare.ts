import type { BytesPerSample } from './ports.ts';

/** How far two pictures of the same size are apart, in steps of 1/255 of the full range, whatever their bits. */
export interface Difference {
  readonly maximumSteps: number;
  readonly meanSteps: number;
}

/** A device may round differently, and compute in half or tensor-core precision; it may not be seen. */
const TRUSTED_MAXIMUM_STEPS = 2;
const TRUSTED_MEAN_STEPS = 0.25;

/**
 * Compares samples, one by one.
 *
 * @param bytesPerSample 2 reads pairs of bytes in the machine's order
 */
export function compareSamples(one: Uint8Array, other: Uint8Array, bytesPerSample: BytesPerSample): Difference {
  if (one.length !== other.length || one.length === 0) {
    throw new RangeError(`Expected two pictures of the same size but received ${one.length} and ${other.length} bytes`);
  }
  const [left, right] = bytesPerSample === 1 ? [one, other] : [sixteen(one), sixteen(other)];
  const stepsPerUnit = bytesPerSample === 1 ? 1 : 255 / 65_535;
  let maximum = 0;
  let sum = 0;
  for (let at = 0; at < left.length; at += 1) {
    const distance = Math.abs(left[at]! - right[at]!);
    sum += distance;
    if (distance > maximum) maximum = distance;
  }
  return { maximumSteps: maximum * stepsPerUnit, meanSteps: (sum / left.length) * stepsPerUnit };
}

/** Whether a picture that is so far from the right one cannot be told from it. */
export function isTrusted({ maximumSteps, meanSteps }: Difference): boolean {
  return maximumSteps <= TRUSTED_MAXIMUM_STEPS && meanSteps <= TRUSTED_MEAN_STEPS;
}

function sixteen(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
}
