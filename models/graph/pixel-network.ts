import type { Convolution, QuickSrNet } from './network.ts';

export type ChannelOrder = 'rgb' | 'bgr';

/** Which pixels a graph speaks. */
export interface PixelForm {
  /** 3 for colour, 1 for a grey photo or an alpha plane. */
  readonly channels: 1 | 3;
  /** How colour pixels are interleaved, in the input and in the output alike. */
  readonly channelOrder: ChannelOrder;
  /** What stands for 1.0: 255 or 65535. */
  readonly white: number;
  /**
   * Whether weights that were rounded to the 8-bit grid must stay on it. The sum of three kernels and their mean, which
   * make a grey form small, lie beside it: its first layer then takes the sample three times, as red, green and blue,
   * and its last is the network's own for grey, where it has one.
   */
  readonly keepsGrid: boolean;
}

/**
 * A network that takes and gives interleaved pixels as they are stored, without scaling them.
 *
 * Convolution and clip commute with a positive factor, so in units where white is 255 the weights stay what they are and
 * only biases and clips grow: ÷255 and ×255 vanish. Sub-pixels are ordered (y, x, channel), so that the shuffle moves
 * runs of `scale · channels` samples.
 */
export interface PixelNetwork {
  readonly scale: number;
  readonly channels: 1 | 3;
  readonly white: number;
  readonly anchored: boolean;
  readonly layers: readonly Convolution[];
}

/** Folds a pixel form into the network's first and last convolution and its biases. */
export function pixelNetworkOf(network: QuickSrNet, form: PixelForm): PixelNetwork {
  const colours = form.channelOrder === 'rgb' ? [0, 1, 2] : [2, 1, 0];
  // Each of our channels stands for these of the network's: a grey sample is all three at once.
  const groups = form.channels === 3 ? colours.map((colour) => [colour]) : [colours];
  const last = network.layers.length - 1;
  const keepsGrid = form.keepsGrid && form.channels === 1;
  const layers = network.layers.map((layer, index) => {
    const fed = index === 0 && !keepsGrid ? sumInputs(layer, groups) : layer;
    let given = fed;
    if (index === last) {
      given = keepsGrid && network.grey ? network.grey : meanOutputs(fed, subPixelGroups(network.scale, groups));
    }
    return { ...given, bias: given.bias.map((value) => value * form.white) };
  });
  const { scale, anchored } = network;
  return { scale, channels: form.channels, white: form.white, anchored, layers };
}

/** The network's output channels behind each of ours, ours in the order (y, x, channel). */
function subPixelGroups(scale: number, groups: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const area = scale * scale;
  const places = Array.from({ length: area }, (_, place) => place);
  return places.flatMap((place) => groups.map((colours) => colours.map((colour) => colour * area + place)));
}

/** A kernel whose input n is fed to the inputs in groups[n] at once: their weights add up. */
function sumInputs(layer: Convolution, groups: readonly (readonly number[])[]): Convolution {
  const area = layer.kernelPx ** 2;
  const weight = new Float32Array(layer.outputs * groups.length * area);
  for (let output = 0; output < layer.outputs; output++) {
    for (const [input, sources] of groups.entries()) {
      for (let tap = 0; tap < area; tap++) {
        const at = (source: number): number => layer.weight[(output * layer.inputs + source) * area + tap]!;
        weight[(output * groups.length + input) * area + tap] = sources.reduce((sum, source) => sum + at(source), 0);
      }
    }
  }
  return { ...layer, inputs: groups.length, weight };
}

/** A kernel whose output n is the mean of the outputs in groups[n]. */
function meanOutputs(layer: Convolution, groups: readonly (readonly number[])[]): Convolution {
  const length = layer.inputs * layer.kernelPx ** 2;
  const weight = new Float32Array(groups.length * length);
  const bias = new Float32Array(groups.length);
  for (const [output, sources] of groups.entries()) {
    const own = weight.subarray(output * length, (output + 1) * length);
    bias[output] = sources.reduce((sum, source) => sum + layer.bias[source]!, 0) / sources.length;
    if (sources.length === 1) {
      own.set(layer.weight.subarray(sources[0]! * length, (sources[0]! + 1) * length));
      continue;
    }
    for (let n = 0; n < length; n++) {
      own[n] = sources.reduce((sum, source) => sum + layer.weight[source * length + n]!, 0) / sources.length;
    }
  }
  return { ...layer, outputs: groups.length, weight, bias };
}
