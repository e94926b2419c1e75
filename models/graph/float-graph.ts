import type { GraphBuilder } from './graph-builder.ts';
import type { Convolution } from './network.ts';
import { crop, pads, pixelsOut, toPlanes } from './pixels.ts';
import type { Padding } from './pixels.ts';
import type { PixelNetwork } from './pixel-network.ts';

/**
 * Adds the network in float32, samples to samples.
 *
 * @param input a tensor of bytes or 16-bit samples [1, h, w, channels]
 * @returns a tensor of pixels of the same type
 */
export function addFloatNetwork(graph: GraphBuilder, network: PixelNetwork, input: string, padding: Padding): string {
  const planes = graph.node('Cast', 'planes.float', [toPlanes(graph, input)], { to: 1 });
  let value = planes;
  let consumedPx = 0;
  for (const [index, layer] of network.layers.entries()) {
    const last = index === network.layers.length - 1;
    value = addConvolution(graph, `conv.${index}`, value, layer, padding);
    consumedPx += (layer.kernelPx - 1) / 2;
    if (!last)
      value = graph.node('Clip', `clip.${index}`, [
        value,
        scalar(graph, 'black', 0),
        scalar(graph, 'white', network.white),
      ]);
  }
  if (network.anchored) {
    const seen = padding === 'valid' ? crop(graph, planes, consumedPx) : planes;
    value = graph.node('Add', 'anchored', [value, addConvolution(graph, 'anchor', seen, repeat(network), padding)]);
  }
  const samples = roundToSamples(graph, value, network.white === 255 ? 'uint8' : 'uint16');
  return pixelsOut(graph, network, samples, network.channels * network.scale ** 2);
}

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
): string {
  const { outputs, inputs, kernelPx, weight, bias } = layer;
  const weights = graph.constant({
    name: `${name}.weight`,
    type: 'float32',
    shape: [outputs, inputs, kernelPx, kernelPx],
    values: weight,
  });
  const biases = graph.constant({ name: `${name}.bias`, type: 'float32', shape: [outputs], values: bias });
  return graph.node('Conv', name, [value, weights, biases], {
    kernel_shape: [kernelPx, kernelPx],
    pads: pads(kernelPx, padding),
  });
}
