import type { Convolution } from '../graph/network.ts';
import type { LayerNetwork } from './layer-network.ts';

/** Channels × height × width. */
interface Planes {
  readonly channels: number;
  readonly heightPx: number;
  readonly widthPx: number;
  readonly values: Float64Array;
}

/** Interleaved RGB, 8 bits. */
export interface PlainPicture {
  readonly heightPx: number;
  readonly widthPx: number;
  readonly pixels: Uint8Array;
}

/**
 * Computes an imported network in plain loops of 64 bits, zeros around the picture: slow, and without anything that is
 * done to make a graph fast. What the graph gives is held against it.
 *
 * @returns interleaved RGB, `scale` times as large, 0 … 255 and not rounded
 */
export function runPlainly(network: LayerNetwork, picture: PlainPicture): Float64Array {
  const blobs = new Map<string, Planes>([[network.input, planesOf(picture)]]);
  const blob = (name: string): Planes => blobs.get(name)!;
  for (const layer of network.layers) {
    switch (layer.kind) {
      case 'convolution':
        blobs.set(layer.into, convolve(blob(layer.from), layer.convolution));
        break;
      case 'prelu': {
        const { slopes } = layer;
        blobs.set(
          layer.into,
          mapped(blob(layer.from), (value, channel) => (value < 0 ? value * slopes[channel]! : value)),
        );
        break;
      }
      case 'add': {
        const other = blob(layer.from[1]).values;
        blobs.set(
          layer.into,
          mapped(blob(layer.from[0]), (value, _, at) => value + other[at]!),
        );
        break;
      }
      case 'shuffle':
      case 'enlarge':
        blobs.set(layer.into, enlarged(blob(layer.from), network.scale, layer.kind));
        break;
    }
  }
  const { values } = blob(network.output);
  const area = values.length / 3;
  return Float64Array.from(values, (_, at) => clip(values[(at % 3) * area + Math.floor(at / 3)]!) * 255);
}

function planesOf({ heightPx, widthPx, pixels }: PlainPicture): Planes {
  const area = heightPx * widthPx;
  const values = Float64Array.from(pixels, (_, at) => pixels[(at % area) * 3 + Math.floor(at / area)]! / 255);
  return { channels: 3, heightPx, widthPx, values };
}

function convolve({ heightPx, widthPx, values }: Planes, layer: Convolution): Planes {
  const { outputs, inputs, kernelPx, weight, bias } = layer;
  const edge = (kernelPx - 1) / 2;
  const result = new Float64Array(outputs * heightPx * widthPx);
  for (let output = 0; output < outputs; output += 1) {
    const plane = result.subarray(output * heightPx * widthPx, (output + 1) * heightPx * widthPx).fill(bias[output]!);
    for (let tap = 0; tap < inputs * kernelPx ** 2; tap += 1) {
      const factor = weight[output * inputs * kernelPx ** 2 + tap]!;
      const from = Math.floor(tap / kernelPx ** 2) * heightPx * widthPx;
      const dy = (Math.floor(tap / kernelPx) % kernelPx) - edge;
      const dx = (tap % kernelPx) - edge;
      for (let y = Math.max(0, -dy); y < Math.min(heightPx, heightPx - dy); y += 1) {
        for (let x = Math.max(0, -dx); x < Math.min(widthPx, widthPx - dx); x += 1) {
          plane[y * widthPx + x]! += factor * values[from + (y + dy) * widthPx + x + dx]!;
        }
      }
    }
  }
  return { channels: outputs, heightPx, widthPx, values: result };
}

function mapped(planes: Planes, change: (value: number, channel: number, at: number) => number): Planes {
  const area = planes.heightPx * planes.widthPx;
  return { ...planes, values: planes.values.map((value, at) => change(value, Math.floor(at / area), at)) };
}

function enlarged(from: Planes, scale: number, kind: 'shuffle' | 'enlarge'): Planes {
  const size = { channels: 3, heightPx: from.heightPx * scale, widthPx: from.widthPx * scale };
  const values = Float64Array.from({ length: 3 * size.heightPx * size.widthPx }, (_, at) => {
    const x = at % size.widthPx;
    const y = Math.floor(at / size.widthPx) % size.heightPx;
    const colour = Math.floor(at / size.widthPx / size.heightPx);
    const channel = kind === 'enlarge' ? colour : (colour * scale + (y % scale)) * scale + (x % scale);
    return from.values[(channel * from.heightPx + Math.floor(y / scale)) * from.widthPx + Math.floor(x / scale)]!;
  });
  return { ...size, values };
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}
