import { checkTile, digestOf } from '../../models/self-check.ts';
import { integerResult } from './reference-integer.ts';
import { readReferenceNetwork } from './reference-weights.ts';

/** What the known tile must give, by the integer reference. */
export function checkOf(file: Uint8Array, haloPx: number): string {
  const network = readReferenceNetwork(file);
  const { heightPx: height, widthPx: width, pixels: samples } = checkTile(haloPx);
  return digestOf(integerResult(network, { height, width, channels: 3, samples }, 'valid'));
}
