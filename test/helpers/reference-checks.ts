import { checkTile, digestOf } from '../../models/self-check.ts';
import { integerResult } from './reference-integer.ts';
import { readReferenceNetwork } from './reference-weights.ts';

/** What the known tile must give, by the integer reference: a digest for each width of the weights. */
export function checksOf(file: Uint8Array, haloPx: number): { 8: string; 7: string } {
  const network = readReferenceNetwork(file);
  const { heightPx: height, widthPx: width, pixels: samples } = checkTile(haloPx);
  const digest = (bits: 7 | 8): string =>
    digestOf(integerResult(network, { height, width, channels: 3, samples }, 'valid', bits));
  return { 8: digest(8), 7: digest(7) };
}
