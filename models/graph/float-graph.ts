import type { GraphBuilder } from './graph-builder.ts';
import type { Convolution } from './network.ts';
import { elementTypes } from './onnx.ts';
import { crop, pads, pixelsOut, toPlanes } from './pixels.ts';
import type { Padding } from './pixels.ts';
import type { PixelNetwork } from './pixel-network.ts';

/**
 * Adds the network in float32, samples to samples.
 *
 * @param input a tensor of bytes or 16-bit samples [1, h, w, channels]
 * @returns a tensor of pixels of the same type
 */
export function addFloatNetwork(
  graph: GraphBuilder,
  network: PixelNetwork,
  input: string,
  padding: Padding,
  width: FloatWidth = 32,
): string {
  const planes = graph.node('Cast', 'planes.float', [toPlanes(graph, input)], { to: elementTypes.float32 });
  const value = addFloatLayers(graph, network, planes, padding, width);
  const samples = roundToSamples(graph, value, network.white === 255 ? 'uint8' : 'uint16');
  return pixelsOut(graph, network, samples, network.channels * network.scale ** 2);
}

/** Bits of the floats that are computed in; 16 only so that a benchmark can show what it costs. */
export type FloatWidth = 16 | 32;

/**
 * Adds the layers of the network.
 *
 * @param input float32 planes [1, channels, h, w], from 0 to `network.white`
 * @returns float32 planes of sub-pixels [1, s·s·channels, H, W] in the order (y, x, channel), not yet clipped
 */
export function addFloatLayers(
  graph: GraphBuilder,
  network: PixelNetwork,
  input: string,
  padding: Padding,
  width: FloatWidth = 32,
): string {
  const planes = narrow(graph, input, width);
  const bounds = [scalar(graph, 'black', 0), scalar(graph, 'white', network.white)];
  let value = planes;
  let consumedPx = 0;
  for (const [index, layer] of network.layers.entries()) {
    const last = index === network.layers.length - 1;
    value = addConvolution(graph, `conv.${index}`, value, layer, padding, width);
    consumedPx += (layer.kernelPx - 1) / 2;
    const limits = last ? [] : bounds.map((bound) => narrow(graph, bound, width, `.${index}`));
    if (!last) value = graph.node('Clip', `clip.${index}`, [value, ...limits]);
  }
  if (network.anchored) {
    const seen = padding === 'valid' ? crop(graph, planes, consumedPx) : planes;
    const anchor = addConvolution(graph, 'anchor', seen, repeat(network), padding, width);
    value = graph.node('Add', 'anchored', [value, anchor]);
  }
  return width === 32 ? value : graph.node('Cast', 'widened', [value], { to: elementTypes.float32 });
}

/** A tensor in the floats that are computed in; of a constant the runtime does it once. */
function narrow(graph: GraphBuilder, tensor: string, width: FloatWidth, suffix = ''): string {
  return width === 32 ? tensor : graph.node('Cast', `${tensor}.half${suffix}`, [tensor], { to: FLOAT16 });
}

/** TensorProto.DataType; no tensor of ours is stored in it. */
const FLOAT16 = 10;

/** Floats to the nearest sample, half to even; what lies outside saturates, which is the final clip. */
export function roundToSamples(graph: GraphBuilder, value: string, type: 'uint8' | 'uint16'): string {
  const values = type === 'uint8' ? Uint8Array.of(0) : Uint16Array.of(0);
  const zero = graph.constant({ name: 'zero', type, shape: [], values });
  return graph.node('QuantizeLinear', 'samples', [value, scalar(graph, 'one', 1), zero]);
}

function scalar(graph: GraphBuilder, name: string, value: number): string {
  return graph.constant({ name, type: 'float32', shape: [], values: Float32Array.of(value) });
}

/** The anchor: every sub-pixel gets the input pixel, as a 1×1 convolution, which the runtime fuses with the sum. */
function repeat(network: PixelNetwork): Convolution {
  const { channels, scale } = network;
  const outputs = channels * scale * scale;
  const weight = new Float32Array(outputs * channels);
  for (let output = 0; output < outputs; output++) weight[output * channels + (output % channels)] = 1;
  return { outputs, inputs: channels, kernelPx: 1, weight, bias: new Float32Array(outputs) };
}

/** Adds a convolution with its weights and biases. */
export function addConvolution(
  graph: GraphBuilder,
  name: string,
  value: string,
  layer: Convolution,
  padding: Padding,
  width: FloatWidth = 32,
): string {
  const { outputs, inputs, kernelPx, weight, bias } = layer;
  const weights = graph.constant({
    name: `${name}.weight`,
    type: 'float32',
    shape: [outputs, inputs, kernelPx, kernelPx],
    values: weight,
  });
  const biases = graph.constant({ name: `${name}.bias`, type: 'float32', shape: [outputs], values: bias });
  const operands = [weights, biases].map((tensor) => narrow(graph, tensor, width));
  return graph.node('Conv', name, [value, ...operands], {
    kernel_shape: [kernelPx, kernelPx],
    pads: pads(kernelPx, padding),
  });
}
