import type { GraphForm } from '../graph/build.ts';
import { ModelError } from '../graph/errors.ts';
import { addConvolution, roundToSamples } from '../graph/float-graph.ts';
import { GraphBuilder } from '../graph/graph-builder.ts';
import type { Convolution } from '../graph/network.ts';
import type { OnnxGraph } from '../graph/onnx.ts';
import { pixelsOut, toPlanes } from '../graph/pixels.ts';
import type { ImportedLayer, LayerNetwork } from './layer-network.ts';

const colours = 3;

/** Channels of the largest block of the runtime's kernels (AVX-512); smaller ones divide it. */
const BLOCK = 16;

/** A blob while the graph is written. Enlarged ones are kept as planes of sub-pixels at the photo's size. */
interface Planes {
  readonly name: string;
  /** Source pixels that are gone on each side. */
  readonly consumedPx: number;
}

/**
 * Builds the graph of an imported network, in fp32: samples [1, h, w, c] in, samples [1, H·scale, W·scale, c] out, as
 * `buildGraph` does for our own.
 *
 * Convolution, PReLU and sum commute with a positive factor, so that ÷255 and ×255 leave only the biases larger. The
 * shuffle and the enlargement are 1×1 convolutions which order sub-pixels by (y, x, colour) and, for a grey photo, take the
 * mean of the colours: the runtime adds them to what they follow, and samples are moved when they are bytes again.
 *
 * @throws ModelError `form-unavailable` for int8
 */
export function buildLayerGraph(network: LayerNetwork, form: GraphForm): OnnxGraph {
  if (form.precision === 'int8') {
    throw new ModelError('form-unavailable', 'An imported model runs in fp32 only. Choose that precision for it.');
  }
  const { channels, sampleBits } = form;
  const type = sampleBits === 8 ? 'uint8' : 'uint16';
  const white = sampleBits === 8 ? 255 : 65535;
  const graph = new GraphBuilder();
  const floats = graph.node('Cast', 'planes.float', [toPlanes(graph, 'input')], { to: 1 });
  const writer = new LayerWriter(graph, network, form, white);
  const result = writer.write({ name: floats, consumedPx: 0 });
  const samples = roundToSamples(graph, result, type);
  const output = pixelsOut(graph, { scale: network.scale, channels }, samples, channels * network.scale ** 2);
  return graph.build(
    `imported-x${network.scale}-fp32`,
    { name: 'input', type, shape: [1, 'h', 'w', channels] },
    { name: output, type, shape: [1, 'H', 'W', channels] },
  );
}

/** Writes the layers one after the other. */
class LayerWriter {
  readonly #graph: GraphBuilder;
  readonly #network: LayerNetwork;
  readonly #form: GraphForm;
  readonly #white: number;
  readonly #blobs = new Map<string, Planes>();
  /** The colours that each of the photo's channels stands for: a grey sample is all three. */
  readonly #groups: readonly (readonly number[])[];

  constructor(graph: GraphBuilder, network: LayerNetwork, form: GraphForm, white: number) {
    this.#graph = graph;
    this.#network = network;
    this.#form = form;
    this.#white = white;
    const order = form.channelOrder === 'rgb' ? [0, 1, 2] : [2, 1, 0];
    this.#groups = form.channels === 1 ? [order] : order.map((colour) => [colour]);
  }

  /** Writes all layers; returns the planes of sub-pixels, in the order (y, x, channel). */
  write(input: Planes): string {
    const feeds = Array.from({ length: colours }, (_, colour) =>
      this.#groups.map((group) => (group.includes(colour) ? 1 : 0)),
    );
    const isPlain = feeds.every((row, colour) => row[colour] === 1);
    this.#blobs.set(this.#network.input, isPlain ? input : this.#mix('rgb', input, feeds));
    for (const [index, layer] of this.#network.layers.entries()) {
      this.#blobs.set(layer.into, this.#layer(layer, `${layer.kind}.${index}`));
    }
    return this.#blob(this.#network.output).name;
  }

  #layer(layer: ImportedLayer, name: string): Planes {
    const graph = this.#graph;
    switch (layer.kind) {
      case 'convolution':
        return this.#convolution(name, this.#blob(layer.from), layer.convolution);
      case 'prelu':
        return this.#prelu(name, this.#blob(layer.from), layer.slopes);
      case 'add': {
        const [one, other] = layer.from.map((from) => this.#blob(from)) as [Planes, Planes];
        const consumedPx = Math.max(one.consumedPx, other.consumedPx);
        const sides = [one, other].map((side, at) => this.#crop(`${name}.${at}`, side, consumedPx));
        return { name: graph.node('Add', name, sides), consumedPx };
      }
      case 'shuffle':
        return this.#mix(
          name,
          this.#blob(layer.from),
          this.#subPixels((colour, place) => colour * this.#area + place),
        );
      case 'enlarge':
        return this.#mix(
          name,
          this.#blob(layer.from),
          this.#subPixels((colour) => colour),
        );
    }
  }

  /** Rows of a matrix from a blob's channels to sub-pixels: each is the mean of the channels of its colours. */
  #subPixels(channelOf: (colour: number, place: number) => number): readonly (readonly number[])[] {
    const places = Array.from({ length: this.#area }, (_, place) => place);
    const inputs = Math.max(...places.map((place) => channelOf(colours - 1, place))) + 1;
    return places.flatMap((place) =>
      this.#groups.map((group) => {
        const row = Array<number>(inputs).fill(0);
        for (const colour of group) row[channelOf(colour, place)] = 1 / group.length;
        return row;
      }),
    );
  }

  get #area(): number {
    return this.#network.scale ** 2;
  }

  #convolution(name: string, from: Planes, layer: Convolution): Planes {
    const { padding } = this.#form;
    const scaled = { ...layer, bias: layer.bias.map((value) => value * this.#white) };
    const radiusPx = padding === 'valid' ? (layer.kernelPx - 1) / 2 : 0;
    return {
      name: addConvolution(this.#graph, name, from.name, scaled, padding),
      consumedPx: from.consumedPx + radiusPx,
    };
  }

  /**
   * PReLU, a·x + (1 − a)·max(x, 0). The x86 processor's convolutions keep channels in blocks, and the PReLU operator does
   * not: values are reordered before and after it, and it runs slower on photos than on blank tiles. Two convolutions of
   * one channel each and their sum stay in blocks: 0.84 of the time of a whole compact network.
   */
  #prelu(name: string, { name: from, consumedPx }: Planes, slopes: Float32Array): Planes {
    const graph = this.#graph;
    const count = slopes.length;
    if (this.#form.blockedChannels !== true || count % BLOCK !== 0) {
      const each = graph.constant({ name: `${name}.slopes`, type: 'float32', shape: [count, 1, 1], values: slopes });
      return { name: graph.node('PRelu', name, [from, each]), consumedPx };
    }
    const scaled = (part: string, value: string, values: Float32Array): string => {
      const factors = { name: `${name}.${part}.factors`, type: 'float32', shape: [count, 1, 1, 1], values } as const;
      const attributes = { kernel_shape: [1, 1], group: count };
      return graph.node('Conv', `${name}.${part}`, [value, graph.constant(factors)], attributes);
    };
    const positive = graph.node('Relu', `${name}.positive`, [from]);
    const rest = slopes.map((slope) => 1 - slope);
    const sum = [scaled('all', from, slopes), scaled('more', positive, rest)];
    return { name: graph.node('Add', name, sum), consumedPx };
  }

  /** A 1×1 convolution: each output channel a row of factors. */
  #mix(name: string, from: Planes, rows: readonly (readonly number[])[]): Planes {
    const weight = Float32Array.from(rows.flat());
    const bias = new Float32Array(rows.length);
    return this.#convolution(name, from, {
      outputs: rows.length,
      inputs: rows[0]!.length,
      kernelPx: 1,
      weight,
      bias,
    });
  }

  /** Takes off what another way to the same sum has consumed already. */
  #crop(name: string, from: Planes, consumedPx: number): string {
    const edgePx = consumedPx - from.consumedPx;
    if (edgePx === 0) return from.name;
    const graph = this.#graph;
    const bounds = (which: string, px: number): string => graph.integers(`${name}.${which}`, [px, px]);
    const axes = graph.integers(`${name}.axes`, [2, 3]);
    return graph.node('Slice', name, [from.name, bounds('starts', edgePx), bounds('ends', -edgePx), axes]);
  }

  #blob(name: string): Planes {
    const planes = this.#blobs.get(name);
    if (planes === undefined) throw new Error(`Expected a layer that writes ${name} before it is read`);
    return planes;
  }
}
