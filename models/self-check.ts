import { createHash } from 'node:crypto';

/** A tile whose result is known, in bytes: interleaved RGB. */
export interface CheckTile {
  readonly heightPx: number;
  readonly widthPx: number;
  readonly pixels: Uint8Array;
}

const cellPx = 5;
/** Result pixels are few, since every one of them depends on the tile around it. */
const resultPx = 10;

/**
 * A tile made to show arithmetic that is not exact: noise, checkerboards, one-pixel strokes and flat black, white and
 * primary colours beside each other drive activations to 0 and 255, where a kernel that adds two products of a byte and
 * an 8-bit weight in saturating 16 bits (x86 without VNNI) goes wrong unless weights are kept from it (`LARGEST_WEIGHT`).
 *
 * @param haloPx of the model; the tile is that much larger than its result on each side
 */
export function checkTile(haloPx: number): CheckTile {
  const side = 2 * haloPx + resultPx;
  const pixels = new Uint8Array(side * side * 3);
  let state = 1;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let channel = 0; channel < 3; channel++) {
        // A 32-bit linear congruential generator (constants of Numerical Recipes); its high bits are the good ones.
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        pixels[(y * side + x) * 3 + channel] = sample(x, y, channel, state >>> 24);
      }
    }
  }
  return { heightPx: side, widthPx: side, pixels };
}

/** One sample; which pattern it belongs to changes from cell to cell. */
function sample(x: number, y: number, channel: number, noise: number): number {
  const pattern = (Math.floor(x / cellPx) * 3 + Math.floor(y / cellPx) * 5) % 8;
  switch (pattern) {
    case 0:
      return noise;
    case 1:
      return (x + y) % 2 === 0 ? 255 : 0;
    case 2:
      return noise < 128 ? 0 : 255;
    case 3:
      return x % cellPx === 2 ? 0 : 255;
    case 4:
      return y % cellPx === 1 ? 255 : 0;
    case 5:
      return channel === y % 3 ? 255 : 0;
    case 6:
      return 255;
    default:
      return noise < 16 ? 255 : 0;
  }
}

/** What the catalogue stores of a known result. */
export function digestOf(result: Uint8Array): string {
  return createHash('sha256').update(result).digest('hex');
}
