import type { Convolution } from './network.ts';

export type WeightBits = 7 | 8;

/** A convolution over pixels in bytes: result = clamp(round((Σ weight·byte + bias) · step)), a step per output. */
export interface QuantisedConvolution {
  readonly outputs: number;
  readonly inputs: number;
  readonly kernelPx: number;
  readonly weight: Int8Array;
  readonly bias: Int32Array;
  readonly step: Float32Array;
}

/** The largest magnitude of a weight: with 63, two products with bytes fit a saturating 16-bit sum (2·255·63 < 2¹⁵). */
export function largestWeight(bits: WeightBits): number {
  return bits === 8 ? 127 : 63;
}

/** Rounds to symmetric integers with a step for each output: its largest magnitude ÷ 127 (63 with 7 bits). */
export function quantise(layer: Convolution, bits: WeightBits): QuantisedConvolution {
  const largest = largestWeight(bits);
  return quantiseBy(
    layer,
    magnitudes(layer).map((magnitude) => (magnitude === 0 ? 1 : magnitude / largest)),
  );
}

/** The largest magnitude of each output's weights. */
export function magnitudes(layer: Convolution): Float32Array {
  const length = layer.weight.length / layer.outputs;
  return Float32Array.from({ length: layer.outputs }, (_, output) =>
    layer.weight.subarray(output * length, (output + 1) * length).reduce((most, w) => Math.max(most, Math.abs(w)), 0),
  );
}

/** Rounds weights and biases to multiples of given steps, one for each output. */
export function quantiseBy(layer: Convolution, step: Float32Array): QuantisedConvolution {
  const { outputs, inputs, kernelPx } = layer;
  const length = layer.weight.length / outputs;
  const weight = new Int8Array(layer.weight.length);
  for (let n = 0; n < weight.length; n++) weight[n] = Math.round(layer.weight[n]! / step[Math.floor(n / length)]!);
  const bias = Int32Array.from(layer.bias, (value, output) => Math.round(value / step[output]!));
  return { outputs, inputs, kernelPx, weight, bias, step };
}
