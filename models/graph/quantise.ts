import type { Convolution } from './network.ts';

/** A convolution over pixels in bytes: result = clamp(round((Σ weight·byte + bias) · step)), a step per output. */
export interface QuantisedConvolution {
  readonly outputs: number;
  readonly inputs: number;
  readonly kernelPx: number;
  readonly weight: Int8Array;
  readonly bias: Int32Array;
  readonly step: Float32Array;
}

/**
 * The largest weight, and the largest sum of two weights of one sign for neighbouring inputs.
 *
 * The second is for x86 without VNNI, whose kernels add two products of a byte and a weight in 16 bits that saturate:
 * 255 · 128 is what they hold, so that the fast kernels are exact on every processor. Steps grow by
 * little for it (2 to 40 % by layer), since a large weight (the identity, in the centre) mostly has a small one beside it.
 */
export const LARGEST_WEIGHT = 127;

/**
 * Rounds to symmetric integers with a step for each output: the largest sum of a pair (`largestPairs`) ÷ 127. Rounded,
 * a pair's sum is 128 at most.
 */
export function quantise(layer: Convolution): QuantisedConvolution {
  const steps = largestPairs(layer).map((largest, output) => {
    // A dead output is its bias alone; its step must let the bias fit 32 bits, and float32's 24 when it is scaled.
    return Math.max(largest / LARGEST_WEIGHT, Math.abs(layer.bias[output]!) / 2 ** 22) || 1;
  });
  return quantiseBy(layer, steps);
}

/** For each output the largest magnitude that two weights of one sign come to, of inputs 2k and 2k + 1 at one place. */
export function largestPairs({ outputs, inputs, kernelPx, weight }: Convolution): Float32Array {
  const area = kernelPx ** 2;
  const most = new Float32Array(outputs);
  // Plain loops here and below: they run once over half a million weights, at start, before anything is compiled.
  for (let output = 0; output < outputs; output++) {
    let largest = 0;
    for (let input = 0; input < inputs; input += 2) {
      for (let place = 0; place < area; place++) {
        const n = (output * inputs + input) * area + place;
        const one = weight[n]!;
        const other = input + 1 < inputs ? weight[n + area]! : 0;
        const sameSign = one > 0 === other > 0;
        const sum = sameSign ? Math.abs(one + other) : Math.max(Math.abs(one), Math.abs(other));
        if (sum > largest) largest = sum;
      }
    }
    most[output] = largest;
  }
  return most;
}

/** Rounds weights and biases to multiples of given steps, one for each output. */
export function quantiseBy(layer: Convolution, step: Float32Array): QuantisedConvolution {
  const { outputs, inputs, kernelPx } = layer;
  const length = layer.weight.length / outputs;
  const weight = new Int8Array(layer.weight.length);
  const bias = new Int32Array(outputs);
  for (let output = 0; output < outputs; output++) {
    const width = step[output]!;
    for (let n = output * length; n < (output + 1) * length; n++) weight[n] = Math.round(layer.weight[n]! / width);
    bias[output] = Math.round(layer.bias[output]! / width);
  }
  return { outputs, inputs, kernelPx, weight, bias, step };
}

/** The same convolution with further inputs, which it ignores. */
export function withIdleInputs(layer: QuantisedConvolution, inputs: number): QuantisedConvolution {
  const area = layer.kernelPx ** 2;
  const weight = new Int8Array(layer.outputs * inputs * area);
  for (let output = 0; output < layer.outputs; output++) {
    const own = layer.weight.subarray(output * layer.inputs * area, (output + 1) * layer.inputs * area);
    weight.set(own, output * inputs * area);
  }
  return { ...layer, inputs, weight };
}

/** The same convolution with further outputs, which are 0. */
export function withIdleOutputs(layer: QuantisedConvolution, outputs: number): QuantisedConvolution {
  const weight = new Int8Array(outputs * layer.inputs * layer.kernelPx ** 2);
  weight.set(layer.weight);
  const bias = new Int32Array(outputs);
  bias.set(layer.bias);
  const step = new Float32Array(outputs).fill(1);
  step.set(layer.step);
  return { ...layer, outputs, weight, bias, step };
}
