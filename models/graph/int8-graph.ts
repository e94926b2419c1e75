import type { GraphBuilder } from './graph-builder.ts';
import type { Convolution } from './network.ts';
import type { OnnxTensor } from './onnx.ts';
import type { PixelNetwork } from './pixel-network.ts';
import { crop, pads, pixelsOut, toPlanes } from './pixels.ts';
import type { Padding } from './pixels.ts';
import { LARGEST_WEIGHT, largestPairs, quantise, quantiseBy, withIdleInputs, withIdleOutputs } from './quantise.ts';
import type { QuantisedConvolution } from './quantise.ts';

/** How the network's bytes are computed. */
export interface Int8Options {
  readonly padding: Padding;
  /** Weights in unsigned bytes around 128: the same numbers, in slower kernels. Only for a benchmark. */
  readonly unsignedWeights?: boolean;
}

/**
 * ONNX Runtime's direct u8 × s8 kernels take inputs in fours and outputs in sixteens; other counts go through a general
 * matrix product. Filling up saves 0.4 ms of a first layer's 1.2 (192 px tile), and 2 ms of a last layer's 4 at ×2 and ×3.
 */
const inputGroup = 4;
const outputGroup = 16;

/**
 * Copies of the input that the last convolution uses beside its features, to add the anchor. More copies allow smaller
 * steps of its other weights: with four, pairs under 1/4 keep their own step.
 */
const anchorCopies = 4;

/** Every copy of a colour input is used, every second one of grey: no two that count make a pair (`LARGEST_WEIGHT`). */
function copyStride(channels: number): number {
  return channels === 1 ? 2 : 1;
}

/**
 * Adds the network in 8-bit integers, bytes to bytes: QLinearConv throughout, scale 1 and zero point 0 for every
 * activation, whose saturation is the clip.
 *
 * @param input a byte tensor [1, h, w, channels]
 * @returns a byte tensor of pixels
 */
export function addInt8Network(
  graph: GraphBuilder,
  network: PixelNetwork,
  input: string,
  options: Int8Options,
): string {
  const { value, outputs } = addInt8Layers(graph, network, toPlanes(graph, input), options);
  return pixelsOut(graph, network, value, outputs);
}

/**
 * Adds the layers of the network.
 *
 * @param planes bytes [1, channels, h, w]
 * @returns planes of sub-pixels [1, outputs, H, W] in the order (y, x, channel), filled up with idle ones
 */
export function addInt8Layers(
  graph: GraphBuilder,
  network: PixelNetwork,
  planes: string,
  options: Int8Options,
): { readonly value: string; readonly outputs: number } {
  const last = network.layers.length - 1;
  let value = fillUp(graph, planes, network.channels);
  let consumedPx = 0;
  let outputs = 0;
  for (const [index, layer] of network.layers.entries()) {
    let quantised: QuantisedConvolution;
    if (index === last && network.anchored) {
      const seen = options.padding === 'valid' ? crop(graph, planes, consumedPx) : planes;
      const copies = Array<string>(anchorCopies * copyStride(network.channels)).fill(seen);
      value = graph.node('Concat', 'anchored', [value, ...copies], { axis: 1 });
      quantised = withAnchor(layer, network.channels);
    } else {
      quantised = quantise(layer);
    }
    if (index === 0) quantised = withIdleInputs(quantised, roundUp(quantised.inputs, inputGroup));
    if (index === last) quantised = withIdleOutputs(quantised, roundUp(quantised.outputs, outputGroup));
    value = addConvolution(graph, `conv.${index}`, value, quantised, options);
    consumedPx += (layer.kernelPx - 1) / 2;
    outputs = quantised.outputs;
  }
  return { value, outputs };
}

function roundUp(count: number, group: number): number {
  return Math.ceil(count / group) * group;
}

/** Repeats planes until they are a multiple of four; the repeated ones are ignored. */
function fillUp(graph: GraphBuilder, planes: string, channels: number): string {
  const wanted = roundUp(channels, inputGroup);
  const copies = Array<string>(Math.ceil(wanted / channels)).fill(planes);
  const repeated = graph.node('Concat', 'planes.repeated', copies, { axis: 1 });
  if (copies.length * channels === wanted) return repeated;
  const bounds = { start: graph.integers('fill.start', [0]), end: graph.integers('fill.end', [wanted]) };
  return graph.node('Slice', 'planes.filled', [repeated, bounds.start, bounds.end, graph.integers('fill.axis', [1])]);
}

/**
 * The last convolution with the anchor as further inputs, so that it is summed in 32 bits and rounded once: no residual
 * in bytes, nothing of it to saturate.
 *
 * The step is 1/n, so that n whole steps are the pixel itself; n is spread over the copies of the input, since a weight
 * holds 127.
 */
function withAnchor(layer: Convolution, channels: number): QuantisedConvolution {
  const wholes = largestPairs(layer).map((most) =>
    Math.max(1, Math.min(Math.floor(LARGEST_WEIGHT / most), LARGEST_WEIGHT * anchorCopies)),
  );
  const steps = wholes.map((whole) => 1 / whole);
  const stride = copyStride(channels);
  const convolution = withIdleInputs(quantiseBy(layer, steps), layer.inputs + anchorCopies * stride * channels);
  const { weight, inputs, kernelPx, outputs } = convolution;
  const centre = (kernelPx ** 2 - 1) / 2;
  for (let output = 0; output < outputs; output++) {
    let rest = wholes[output]!;
    for (let copy = 0; copy < anchorCopies; copy++) {
      const part = Math.min(rest, LARGEST_WEIGHT);
      const input = layer.inputs + copy * stride * channels + (output % channels);
      weight[(output * inputs + input) * kernelPx ** 2 + centre] = part;
      rest -= part;
    }
  }
  return convolution;
}

function addConvolution(
  graph: GraphBuilder,
  name: string,
  value: string,
  layer: QuantisedConvolution,
  { padding, unsignedWeights = false }: Int8Options,
): string {
  const { outputs, inputs, kernelPx, weight, bias, step } = layer;
  const one = graph.constant({ name: 'one', type: 'float32', shape: [], values: Float32Array.of(1) });
  const zero = graph.constant({ name: 'zero', type: 'uint8', shape: [], values: Uint8Array.of(0) });
  const shape = [outputs, inputs, kernelPx, kernelPx];
  const weights = graph.constant({ name: `${name}.weight`, shape, ...stored(weight, unsignedWeights) });
  const steps = graph.constant({ name: `${name}.step`, type: 'float32', shape: [outputs], values: step });
  const zeros = graph.constant({
    name: `${name}.zero`,
    shape: [outputs],
    ...stored(new Int8Array(outputs), unsignedWeights),
  });
  const biases = graph.constant({ name: `${name}.bias`, type: 'int32', shape: [outputs], values: bias });
  const operands = [value, one, zero, weights, steps, zeros, one, zero, biases];
  const attributes = { kernel_shape: [kernelPx, kernelPx], pads: pads(kernelPx, padding) };
  return graph.node('QLinearConv', name, operands, attributes);
}

/** Signed bytes as they are, or as unsigned ones whose zero is 128. */
function stored(values: Int8Array, unsigned: boolean): Pick<OnnxTensor, 'type' | 'values'> {
  return unsigned
    ? { type: 'uint8', values: Uint8Array.from(values, (value) => value + 128) }
    : { type: 'int8', values };
}
