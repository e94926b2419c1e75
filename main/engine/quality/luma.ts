import type { PlaneChannels } from '../ports.ts';

/** BT.601 for samples of 0…255 and a result of 16…235, as MATLAB's `rgb2ycbcr` has it. */
const [RED, GREEN, BLUE, FOOT] = [65.481 / 255, 128.553 / 255, 24.966 / 255, 16];

/**
 * Luma of 8-bit pixels, 16…235, of the kind of array that it is written into: a `Uint8Array` gets it rounded.
 *
 * @param samples interleaved RGB, or grey
 * @param into one value a pixel
 */
export function readLuma(samples: Uint8Array, channels: PlaneChannels, into: Uint8Array | Float64Array): void {
  if (samples.length !== into.length * channels) {
    throw new RangeError(`Expected ${into.length * channels} samples but received ${samples.length}`);
  }
  const bias = into instanceof Uint8Array ? FOOT + 0.5 : FOOT;
  if (channels === 1) {
    for (let at = 0; at < into.length; at += 1) into[at] = (RED + GREEN + BLUE) * samples[at]! + bias;
    return;
  }
  for (let at = 0, from = 0; at < into.length; at += 1, from += 3) {
    into[at] = RED * samples[from]! + GREEN * samples[from + 1]! + BLUE * samples[from + 2]! + bias;
  }
}
