/** A small convolutional network in plain integer loops: a real TileModel whose every pixel can be checked by hand. */
import { success } from '../../main/engine/errors.ts';
import type { BytesPerSample, PlaneChannels, TileModel } from '../../main/engine/ports.ts';

export interface TinyModelOptions {
  readonly layers: number;
  readonly scale: number;
  readonly channels: PlaneChannels;
  readonly bytesPerSample: BytesPerSample;
  /** `valid` consumes one pixel a layer on each side; `same` pads each layer with zeros. */
  readonly padding: 'valid' | 'same';
}

type Samples = Uint8Array | Uint16Array;

/** Nine weights that sum to 16 and are not symmetric, so that a shift or a flip shows. */
const KERNEL = [1, 2, 0, 3, 5, 1, 0, 3, 1];

export function tinyModel({ layers, scale, channels, bytesPerSample, padding }: TinyModelOptions): TileModel {
  const samples = (bytes: Uint8Array): Samples =>
    bytesPerSample === 1 ? bytes : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  return {
    scale,
    channels,
    bytesPerSample,
    marginPx: padding === 'valid' ? layers : 0,
    bind: (shape, input, output) => ({
      run: () => {
        let { widthPx, heightPx } = shape;
        let pixels = Int32Array.from(samples(input));
        for (let layer = 0; layer < layers; layer += 1) {
          pixels = convolve(pixels, widthPx, heightPx, channels, padding);
          if (padding === 'valid') {
            widthPx -= 2;
            heightPx -= 2;
          }
        }
        enlarge(pixels, widthPx, heightPx, channels, scale, samples(output));
        return Promise.resolve(success(undefined));
      },
    }),
    dispose: () => Promise.resolve(),
  };
}

function convolve(
  pixels: Int32Array<ArrayBuffer>,
  width: number,
  height: number,
  channels: number,
  padding: 'valid' | 'same',
): Int32Array<ArrayBuffer> {
  const edge = padding === 'valid' ? 1 : 0;
  const outWidth = width - 2 * edge;
  const outHeight = height - 2 * edge;
  const result = new Int32Array(outWidth * outHeight * channels);
  for (let y = 0; y < outHeight; y += 1) {
    for (let x = 0; x < outWidth; x += 1) {
      for (let c = 0; c < channels; c += 1) {
        let sum = 0;
        for (let k = 0; k < 9; k += 1) {
          const sy = y + edge + Math.floor(k / 3) - 1;
          const sx = x + edge + (k % 3) - 1;
          const inside = sy >= 0 && sy < height && sx >= 0 && sx < width;
          if (inside) sum += KERNEL[k]! * pixels[(sy * width + sx) * channels + c]!;
        }
        result[(y * outWidth + x) * channels + c] = sum >> 4;
      }
    }
  }
  return result;
}

/** Repeats every pixel, each copy a little different, so that a tile put one result pixel off shows. */
function enlarge(
  pixels: Int32Array,
  width: number,
  height: number,
  channels: number,
  scale: number,
  output: Samples,
): void {
  for (let y = 0; y < height * scale; y += 1) {
    for (let x = 0; x < width * scale; x += 1) {
      for (let c = 0; c < channels; c += 1) {
        const value = pixels[(Math.floor(y / scale) * width + Math.floor(x / scale)) * channels + c]!;
        output[(y * width * scale + x) * channels + c] = value ^ ((y % scale) * scale + (x % scale));
      }
    }
  }
}
