/** Forms of a network that are slower than what we use, or not there: only so that a benchmark can say by how much. */
import { addFloatLayers } from './float-graph.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { addInt8Layers } from './int8-graph.ts';
import type { Int8Options } from './int8-graph.ts';
import type { PixelNetwork } from './pixel-network.ts';
import type { Padding } from './pixels.ts';

/**
 * - `planes`: float planes [1, c, h, w] from 0 to 1 in and out, as networks are usually exported; whoever runs it divides
 *   by 255 and reorders the channels.
 * - `unsigned-weights`: int8 with weights around a zero point, as asymmetric quantisation gives them. They are our
 *   weights, shifted by 128: the result is the same.
 * - `fp16`: convolutions in 16-bit floats.
 */
export type Comparison = 'planes' | 'unsigned-weights' | 'fp16';

/**
 * Adds the network in 8-bit integers between float planes.
 *
 * @param input float planes [1, channels, h, w], 0 to 1
 * @returns float planes [1, channels, H·scale, W·scale]
 */
export function addInt8BetweenPlanes(
  graph: GraphBuilder,
  network: PixelNetwork,
  input: string,
  options: Int8Options,
): string {
  const step = graph.constant({ name: 'step', type: 'float32', shape: [], values: Float32Array.of(1 / 255) });
  const zero = graph.constant({ name: 'zero', type: 'uint8', shape: [], values: Uint8Array.of(0) });
  const planes = graph.node('QuantizeLinear', 'planes', [input, step, zero]);
  const { value, outputs } = addInt8Layers(graph, network, planes, options);
  const wanted = network.channels * network.scale ** 2;
  const sliced = outputs === wanted ? value : firstPlanes(graph, value, wanted);
  return graph.node('DequantizeLinear', 'output', [shuffle(graph, network, sliced, 'shuffled'), step, zero]);
}

/**
 * Adds the network in float32 between float planes.
 *
 * @param network with white at 1
 * @param input float planes [1, channels, h, w], 0 to 1
 * @returns float planes [1, channels, H·scale, W·scale], which may reach beyond 0 to 1
 */
export function addFloatBetweenPlanes(
  graph: GraphBuilder,
  network: PixelNetwork,
  input: string,
  padding: Padding,
): string {
  return shuffle(graph, network, addFloatLayers(graph, network, input, padding), 'output');
}

/** Sub-pixels are in the order (y, x, channel), which is depth-to-space by columns and rows. */
function shuffle(graph: GraphBuilder, { scale }: PixelNetwork, planes: string, name: string): string {
  return graph.node('DepthToSpace', name, [planes], { blocksize: scale, mode: 'DCR' });
}

function firstPlanes(graph: GraphBuilder, planes: string, count: number): string {
  const [start, end, axis] = [
    graph.integers('first.start', [0]),
    graph.integers('first.end', [count]),
    graph.integers('first.axis', [1]),
  ];
  return graph.node('Slice', 'first', [planes, start, end, axis]);
}
