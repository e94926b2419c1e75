import type { Convolution } from '../graph/network.ts';

/** What a layer of an imported network does. Blobs are named; `into` is what the layer writes. */
export type ImportedLayer =
  /** Stride 1, zeros around, so that the result is as large as what it reads. */
  | { readonly kind: 'convolution'; readonly from: string; readonly into: string; readonly convolution: Convolution }
  /** Negative values times a slope, one a channel. */
  | { readonly kind: 'prelu'; readonly from: string; readonly into: string; readonly slopes: Float32Array }
  | { readonly kind: 'add'; readonly from: readonly [string, string]; readonly into: string }
  /** Channel (c·s + y)·s + x becomes sub-pixel (y, x) of colour c. */
  | { readonly kind: 'shuffle'; readonly from: string; readonly into: string }
  /** Each pixel becomes s × s equal ones. */
  | { readonly kind: 'enlarge'; readonly from: string; readonly into: string };

/**
 * A network that was read from another program's files: RGB in 0..1 in and out, layers in running order. All convolutions
 * work at the photo's own size; the result is put together at the end, of shuffled and enlarged blobs that are added.
 */
export interface LayerNetwork {
  readonly kind: 'layers';
  readonly scale: 2 | 3 | 4;
  readonly input: string;
  readonly output: string;
  readonly layers: readonly ImportedLayer[];
}

/** Weights, biases and slopes. */
export function parameterCountOf(network: LayerNetwork): number {
  return network.layers.reduce((sum, layer) => {
    if (layer.kind === 'prelu') return sum + layer.slopes.length;
    if (layer.kind !== 'convolution') return sum;
    return sum + layer.convolution.weight.length + layer.convolution.bias.length;
  }, 0);
}
