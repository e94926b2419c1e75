import type { GraphBuilder } from './graph-builder.ts';
import type { Convolution } from './network.ts';
import type { PixelNetwork } from './pixel-network.ts';
import { largestWeight, magnitudes, quantise, quantiseBy } from './quantise.ts';
import type { QuantisedConvolution, WeightBits } from './quantise.ts';
import { crop, pads, pixelsOut, toPlanes } from './pixels.ts';
import type { Padding } from './pixels.ts';

/**
 * Copies of the input that the last convolution sees beside its features, to add the anchor. More copies allow smaller
 * steps of its other weights; with four the channels stay a multiple of four, which the fast kernels ask for.
 */
const anchorCopies = 4;

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
  options: { readonly padding: Padding; readonly weightBits: WeightBits },
): string {
  const planes = toPlanes(graph, input);
  let value = planes;
  let consumedPx = 0;
  for (const [index, layer] of network.layers.entries()) {
    const last = index === network.layers.length - 1;
    const name = `conv.${index}`;
    if (last && network.anchored) {
      const seen = options.padding === 'valid' ? crop(graph, planes, consumedPx) : planes;
      value = graph.node('Concat', 'anchored', [value, ...Array<string>(anchorCopies).fill(seen)], { axis: 1 });
      value = addConvolution(graph, name, value, withAnchor(layer, network, options.weightBits), options.padding);
    } else {
      value = addConvolution(graph, name, value, quantise(layer, options.weightBits), options.padding);
    }
    consumedPx += (layer.kernelPx - 1) / 2;
  }
  return pixelsOut(graph, network, value);
}

/**
 * The last convolution with the anchor as further inputs, so that it is summed in 32 bits and rounded once: no residual
 * in bytes, nothing of it to saturate.
 *
 * The step is 1/n, so that n whole steps are the pixel itself; n is spread over the copies of the input, since a weight
 * holds 127.
 */
function withAnchor(layer: Convolution, network: PixelNetwork, bits: WeightBits): QuantisedConvolution {
  const largest = largestWeight(bits);
  const wholes = magnitudes(layer).map((most) =>
    Math.max(1, Math.min(Math.floor(largest / most), largest * anchorCopies)),
  );
  const base = quantiseBy(
    layer,
    wholes.map((whole) => 1 / whole),
  );
  const area = layer.kernelPx ** 2;
  const inputs = layer.inputs + anchorCopies * network.channels;
  const weight = new Int8Array(layer.outputs * inputs * area);
  for (let output = 0; output < layer.outputs; output++) {
    const start = output * inputs * area;
    weight.set(base.weight.subarray(output * layer.inputs * area, (output + 1) * layer.inputs * area), start);
    let rest = wholes[output]!;
    for (let copy = 0; copy < anchorCopies; copy++) {
      const part = Math.min(rest, largest);
      const channel = layer.inputs + copy * network.channels + (output % network.channels);
      weight[start + channel * area + (area - 1) / 2] = part;
      rest -= part;
    }
  }
  return { ...base, inputs, weight };
}

function addConvolution(
  graph: GraphBuilder,
  name: string,
  value: string,
  layer: QuantisedConvolution,
  padding: Padding,
): string {
  const { outputs, inputs, kernelPx, weight, bias, step } = layer;
  const one = graph.constant({ name: 'one', type: 'float32', shape: [], values: Float32Array.of(1) });
  const zero = graph.constant({ name: 'zero', type: 'uint8', shape: [], values: Uint8Array.of(0) });
  const weights = graph.constant({
    name: `${name}.weight`,
    type: 'int8',
    shape: [outputs, inputs, kernelPx, kernelPx],
    values: weight,
  });
  const steps = graph.constant({ name: `${name}.step`, type: 'float32', shape: [outputs], values: step });
  const zeros = graph.constant({
    name: `${name}.zero`,
    type: 'int8',
    shape: [outputs],
    values: new Int8Array(outputs),
  });
  const biases = graph.constant({ name: `${name}.bias`, type: 'int32', shape: [outputs], values: bias });
  const operands = [value, one, zero, weights, steps, zeros, one, zero, biases];
  return graph.node('QLinearConv', name, operands, {
    kernel_shape: [kernelPx, kernelPx],
    pads: pads(kernelPx, padding),
  });
}
