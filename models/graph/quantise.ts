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

/** The largest magnitude of a weight. */
export const LARGEST_WEIGHT = 127;

/** Rounds to symmetric integers with a step for each output: its largest magnitude ÷ 127. */
export function quantise(layer: Convolution): QuantisedConvolution {
  const steps = magnitudes(layer).map((magnitude, output) => {
    // A dead output is its bias alone; its step must let the bias fit 32 bits, and float32's 24 when it is scaled.
    return Math.max(magnitude / LARGEST_WEIGHT, Math.abs(layer.bias[output]!) / 2 ** 22) || 1;
  });
  return quantiseBy(layer, steps);
}

/** The largest magnitude of each output's weights. */
export function magnitudes(layer: Convolution): Float32Array {
  const { outputs, weight } = layer;
  const length = weight.length / outputs;
  const most = new Float32Array(outputs);
  // Plain loops here and below: they run once over half a million weights, at start, before anything is compiled.
  for (let output = 0; output < outputs; output++) {
    let largest = 0;
    for (let n = output * length; n < (output + 1) * length; n++) {
      const magnitude = Math.abs(weight[n]!);
      if (magnitude > largest) largest = magnitude;
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
