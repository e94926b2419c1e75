/**
 * QuickSRNet in plain loops, straight from its definition: planes of RGB in 0..1, convolution, clip, anchor, pixel
 * shuffle. Shares nothing with the code that builds graphs.
 */
import type { ReferenceLayer, ReferenceNetwork } from './reference-weights.ts';

/** Interleaved samples, height × width × channels. */
export interface ReferenceImage {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly samples: ArrayLike<number>;
}

export interface Planes {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** channels × height × width */
  readonly values: Float64Array;
}

export type ReferencePadding = 'valid' | 'same';

/** What the float network makes of a picture in which `white` stands for 1.0, before rounding: 0 … white. */
export function referenceResult(
  network: ReferenceNetwork,
  image: ReferenceImage,
  padding: ReferencePadding,
  white: number,
  order: 'rgb' | 'bgr' = 'rgb',
): ReferenceImage {
  const input = toRgbPlanes(image, white, order);
  let planes = input;
  for (const [index, layer] of network.layers.entries()) {
    planes = convolve(planes, layer, padding, (value) => (index < network.layers.length - 1 ? clip(value) : value));
  }
  if (network.anchored) addAnchor(planes, input, network.scale);
  return interleave(shuffle(planes, network.scale), image.channels, white, order);
}

/** How a processor adds: truly, or two products at a time in saturating 16-bit integers (x86 without VNNI). */
export type Sums = 'exact' | 'pairs-in-16-bits';

/** Correlates with 3×3 kernels, zeros around the planes where `same`. */
export function convolve(
  input: Planes,
  layer: ReferenceLayer,
  padding: ReferencePadding,
  finish: (value: number, output: number) => number,
  sums: Sums = 'exact',
): Planes {
  const edge = padding === 'same' ? 1 : 0;
  const height = input.height - 2 + 2 * edge;
  const width = input.width - 2 + 2 * edge;
  const area = input.height * input.width;
  const values = new Float64Array(layer.outputs * height * width);
  for (let output = 0; output < layer.outputs; output++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = layer.bias[output]!;
        for (let dy = 0; dy < 3; dy++) {
          const sourceY = y + dy - edge;
          if (sourceY < 0 || sourceY >= input.height) continue;
          for (let dx = 0; dx < 3; dx++) {
            const sourceX = x + dx - edge;
            if (sourceX < 0 || sourceX >= input.width) continue;
            const pixel = sourceY * input.width + sourceX;
            const tap = (output * layer.inputs * 3 + dy) * 3 + dx;
            for (let channel = 0; channel < layer.inputs; channel += sums === 'exact' ? 1 : 2) {
              const product = (of: number) =>
                of < layer.inputs ? input.values[of * area + pixel]! * layer.weight[tap + of * 9]! : 0;
              sum += sums === 'exact' ? product(channel) : saturate(product(channel) + product(channel + 1));
            }
          }
        }
        values[(output * height + y) * width + x] = finish(sum, output);
      }
    }
  }
  return { height, width, channels: layer.outputs, values };
}

function saturate(value: number): number {
  return Math.min(2 ** 15 - 1, Math.max(-(2 ** 15), value));
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** Planes of red, green and blue in 0..1; a grey sample is all three. */
export function toRgbPlanes(image: ReferenceImage, white: number, order: 'rgb' | 'bgr'): Planes {
  const { height, width, channels, samples } = image;
  const values = new Float64Array(3 * height * width);
  for (let colour = 0; colour < 3; colour++) {
    const channel = channels === 1 ? 0 : order === 'rgb' ? colour : 2 - colour;
    for (let pixel = 0; pixel < height * width; pixel++) {
      values[colour * height * width + pixel] = samples[pixel * channels + channel]! / white;
    }
  }
  return { height, width, channels: 3, values };
}

/** Adds colour c to its s·s sub-pixel planes; the input's border that the convolutions consumed has no counterpart. */
function addAnchor(planes: Planes, input: Planes, scale: number): void {
  const cut = (input.height - planes.height) / 2;
  for (let channel = 0; channel < planes.channels; channel++) {
    const colour = Math.floor(channel / scale ** 2);
    for (let y = 0; y < planes.height; y++) {
      for (let x = 0; x < planes.width; x++) {
        planes.values[(channel * planes.height + y) * planes.width + x]! +=
          input.values[(colour * input.height + y + cut) * input.width + x + cut]!;
      }
    }
  }
}

/** Channel (c·s + y)·s + x of a pixel becomes its sub-pixel (y, x) of colour c. */
export function shuffle(planes: Planes, scale: number): Planes {
  const height = planes.height * scale;
  const width = planes.width * scale;
  const channels = planes.channels / scale ** 2;
  const values = new Float64Array(channels * height * width);
  for (let colour = 0; colour < channels; colour++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const channel = (colour * scale + (y % scale)) * scale + (x % scale);
        const row = channel * planes.height + Math.floor(y / scale);
        values[(colour * height + y) * width + x] = planes.values[row * planes.width + Math.floor(x / scale)]!;
      }
    }
  }
  return { height, width, channels, values };
}

/** Planes to pixels in 0 … white; grey is the mean of the colours, before the clip as the graph has it. */
export function interleave(planes: Planes, channels: number, white: number, order: 'rgb' | 'bgr'): ReferenceImage {
  const area = planes.height * planes.width;
  const samples = new Float64Array(area * channels);
  for (let pixel = 0; pixel < area; pixel++) {
    const colours = [0, 1, 2].map((colour) => planes.values[colour * area + pixel]!);
    const [red, green, blue] = colours as [number, number, number];
    const ordered = channels === 1 ? [(red + green + blue) / 3] : order === 'rgb' ? colours : [blue, green, red];
    for (const [channel, value] of ordered.entries()) samples[pixel * channels + channel] = clip(value) * white;
  }
  return { height: planes.height, width: planes.width, channels, samples };
}
