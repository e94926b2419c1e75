import { addFloatNetwork } from './float-graph.ts';
import { addFloatBetweenPlanes, addInt8BetweenPlanes } from './comparison-graph.ts';
import type { Comparison } from './comparison-graph.ts';
import { ModelError } from './errors.ts';
import { GraphBuilder } from './graph-builder.ts';
import { addInt8Network } from './int8-graph.ts';
import type { QuickSrNet } from './network.ts';
import type { OnnxGraph } from './onnx.ts';
import { pixelNetworkOf } from './pixel-network.ts';
import type { ChannelOrder } from './pixel-network.ts';
import type { Padding } from './pixels.ts';

export type Precision = 'int8' | 'fp32';

/** Which graph of a network is wanted. */
export interface GraphForm {
  readonly precision: Precision;
  /** 16 only in fp32. */
  readonly sampleBits: 8 | 16;
  readonly channels: 1 | 3;
  readonly channelOrder: ChannelOrder;
  readonly padding: Padding;
  /** For kernels that keep channels in blocks, which the runtime has on x86 processors; only imported models differ. */
  readonly blockedChannels?: boolean;
  /** One of the forms that a benchmark compares ours with. */
  readonly comparison?: Comparison;
}

/** What is built where nothing else is asked for. */
export const defaultForm: GraphForm = {
  precision: 'int8',
  sampleBits: 8,
  channels: 3,
  channelOrder: 'rgb',
  padding: 'valid',
};

/**
 * Builds the graph of a network: samples [1, h, w, c] in, samples [1, H·scale, W·scale, c] out, h and w free. H = h and
 * W = w with zeros around the tile (`same`), less the halo on each side without (`valid`).
 *
 * @throws ModelError `form-unavailable` for 16-bit samples in int8
 */
export function buildGraph(network: QuickSrNet, form: GraphForm): OnnxGraph {
  if (form.precision === 'int8' && form.sampleBits === 16) {
    throw new ModelError('form-unavailable', 'Sixteen-bit photos need fp32. Choose that precision for them.');
  }
  const { channels, channelOrder, padding, comparison } = form;
  if (comparison === 'planes') return buildBetweenPlanes(network, form);
  const type = form.sampleBits === 8 ? 'uint8' : 'uint16';
  const white = form.sampleBits === 8 ? 255 : 65535;
  const keepsGrid = form.precision === 'int8';
  const pixels = pixelNetworkOf(network, { channels, channelOrder, white, keepsGrid });
  const graph = new GraphBuilder();
  const output =
    form.precision === 'int8'
      ? addInt8Network(graph, pixels, 'input', {
          padding,
          unsignedWeights: comparison === 'unsigned-weights',
        })
      : addFloatNetwork(graph, pixels, 'input', padding, comparison === 'fp16' ? 16 : 32);
  return graph.build(
    `quicksrnet-x${network.scale}-${form.precision}`,
    { name: 'input', type, shape: [1, 'h', 'w', channels] },
    { name: output, type, shape: [1, 'H', 'W', channels] },
  );
}

/** The graph from float planes to float planes, whose samples are divided and reordered outside. */
function buildBetweenPlanes(network: QuickSrNet, form: GraphForm): OnnxGraph {
  const { precision, channels, channelOrder, padding } = form;
  const white = precision === 'int8' ? 255 : 1;
  const planes = pixelNetworkOf(network, { channels, channelOrder, white, keepsGrid: precision === 'int8' });
  const graph = new GraphBuilder();
  const output =
    precision === 'int8'
      ? addInt8BetweenPlanes(graph, planes, 'input', { padding })
      : addFloatBetweenPlanes(graph, planes, 'input', padding);
  return graph.build(
    `quicksrnet-x${network.scale}-${precision}-planes`,
    { name: 'input', type: 'float32', shape: [1, channels, 'h', 'w'] },
    { name: output, type: 'float32', shape: [1, channels, 'H', 'W'] },
  );
}
