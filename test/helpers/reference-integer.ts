/**
 * The 8-bit network in integer arithmetic. Shares nothing with the code that builds graphs.
 *
 * Every activation is a byte, 255 for 1.0. A layer's output channel has a step (float32): weights are whole steps,
 * the bias whole steps of 1/255; result = the sum in steps × step, rounded half to even in float32, cut to a byte. The
 * step is the channel's largest pair ÷ 127, but no less than the bias ÷ 2²². A pair is what inputs 2k and 2k + 1 have of
 * one sign at one place. The last layer of an anchored network has the step 1/n instead, n whole, so that the anchor is
 * exactly n steps a byte; n ≤ 4·127, because the graph spreads it over four weights.
 */
import { convolve } from './reference-quicksrnet.ts';
import type { Planes, ReferenceImage, ReferencePadding, Sums } from './reference-quicksrnet.ts';
import type { ReferenceLayer, ReferenceNetwork } from './reference-weights.ts';

/** What fills the range of a byte: a pair of weights, as in our graphs, or one weight, as is usual. */
export type Range = 'of-pairs' | 'of-weights';

/** The bytes that the int8 graph of a network must give for a picture of bytes, 3 channels or 1. */
export function integerResult(
  network: ReferenceNetwork,
  image: ReferenceImage,
  padding: ReferencePadding,
  sums: Sums = 'exact',
  range: Range = 'of-pairs',
): Uint8Array {
  const largest = 127;
  const input = bytePlanes(image);
  let planes = image.channels === 3 ? input : threeTimes(input);
  const last = network.layers.length - 1;
  for (const [index, layer] of network.layers.entries()) {
    const fitted = index === last && image.channels === 1 ? greyOf(network) : layer;
    const anchored = index === last && network.anchored;
    const steps = stepsOf(fitted, largest, anchored, range);
    const whole = wholeSteps(fitted, steps);
    if (!anchored) {
      planes = convolve(planes, whole, padding, (sum, output) => toByte(sum, steps[output]!), sums);
      continue;
    }
    const residual = convolve(planes, whole, padding, (sum) => sum, sums);
    planes = addAnchorAndRound(residual, input, network.scale, steps);
  }
  return shuffleBytes(planes, network.scale, image.channels);
}

function bytePlanes({ height, width, channels, samples }: ReferenceImage): Planes {
  const values = new Float64Array(channels * height * width);
  for (let n = 0; n < values.length; n++)
    values[(n % channels) * height * width + Math.floor(n / channels)] = samples[n]!;
  return { height, width, channels, values };
}

/** A grey sample is red, green and blue alike. */
function threeTimes({ height, width, values }: Planes): Planes {
  const repeated = new Float64Array(3 * values.length);
  for (const copy of [0, 1, 2]) repeated.set(values, copy * values.length);
  return { height, width, channels: 3, values: repeated };
}

/** The last layer for grey: one that the file brings, else the mean of the colours. */
function greyOf({ layers, scale, grey }: ReferenceNetwork): ReferenceLayer {
  if (grey) return grey;
  const { inputs, weight, bias } = layers.at(-1)!;
  const places = scale ** 2;
  const mean = (values: Float32Array, stride: number): Float32Array =>
    Float32Array.from({ length: places * stride }, (_, n) => {
      const [red, green, blue] = [0, 1, 2].map((colour) => values[colour * places * stride + n]!);
      return (red! + green! + blue!) / 3;
    });
  return { inputs, outputs: places, weight: mean(weight, inputs * 9), bias: mean(bias, 1) };
}

function stepsOf(layer: ReferenceLayer, largest: number, anchored: boolean, range: Range): Float32Array {
  return Float32Array.from({ length: layer.outputs }, (_, output) => {
    const most = Math.fround(largestOf(layer, output, range));
    if (anchored) return 1 / Math.min(4 * largest, Math.floor(largest / most));
    return Math.max(most / largest, (Math.abs(layer.bias[output]!) * 255) / 2 ** 22) || 1;
  });
}

function largestOf({ inputs, weight }: ReferenceLayer, output: number, range: Range): number {
  const own = weight.subarray(output * inputs * 9, (output + 1) * inputs * 9);
  if (range === 'of-weights') return Math.max(...own.map(Math.abs));
  const pairSum = (sign: 1 | -1) => (value: number, n: number) => {
    const input = Math.floor(n / 9);
    const partner = input % 2 === 0 ? (own[n + 9] ?? 0) : 0;
    return Math.max(0, sign * value) + Math.max(0, sign * partner);
  };
  return Math.max(...Array.from(own, pairSum(1)), ...Array.from(own, pairSum(-1)));
}

function wholeSteps(layer: ReferenceLayer, steps: Float32Array): ReferenceLayer {
  const taps = layer.inputs * 9;
  return {
    ...layer,
    weight: layer.weight.map((value, n) => Math.round(value / steps[Math.floor(n / taps)]!)),
    bias: layer.bias.map((value, output) => Math.round(Math.fround(value * 255) / steps[output]!)),
  };
}

/** float32(sum) × step, half to even, 0 … 255. */
function toByte(sum: number, step: number): number {
  const value = Math.fround(Math.fround(sum) * step);
  const below = Math.floor(value);
  const fraction = value - below;
  const up = fraction > 0.5 || (fraction === 0.5 && below % 2 !== 0);
  return Math.min(255, Math.max(0, up ? below + 1 : below));
}

function addAnchorAndRound(sums: Planes, input: Planes, scale: number, steps: Float32Array): Planes {
  const cut = (input.height - sums.height) / 2;
  const values = sums.values.map((sum, n) => {
    const x = n % sums.width;
    const y = Math.floor(n / sums.width) % sums.height;
    const output = Math.floor(n / (sums.width * sums.height));
    const colour = Math.floor(output / scale ** 2);
    const pixel = input.values[(colour * input.height + y + cut) * input.width + x + cut]!;
    return toByte(sum + pixel * Math.round(1 / steps[output]!), steps[output]!);
  });
  return { ...sums, values };
}

function shuffleBytes(planes: Planes, scale: number, channels: number): Uint8Array {
  const bytes = new Uint8Array(planes.values.length);
  const width = planes.width * scale;
  for (let n = 0; n < bytes.length; n++) {
    const colour = n % channels;
    const x = Math.floor(n / channels) % width;
    const y = Math.floor(n / (channels * width));
    const plane = (colour * scale + (y % scale)) * scale + (x % scale);
    bytes[n] = planes.values[(plane * planes.height + Math.floor(y / scale)) * planes.width + Math.floor(x / scale)]!;
  }
  return bytes;
}
