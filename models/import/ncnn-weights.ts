import { imported, refused } from './outcome.ts';
import type { Imported } from './outcome.ts';

/** What stands before a layer's weights and tells how they are packed. */
const packing = { float16: 0x01306b47, float32: 0 } as const;
/** ncnn pads what is not a multiple of this. */
const alignmentBytes = 4;

/**
 * Reads ncnn's `.bin` file from front to back. Little-endian, as ncnn writes it.
 *
 * Source of the format: the page "param and model file structure" of ncnn's documentation.
 */
export class WeightsReader {
  readonly #view: DataView;
  #atByte = 0;

  constructor(file: Uint8Array) {
    this.#view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  }

  /** Bytes after the last that was read. */
  get leftBytes(): number {
    return this.#view.byteLength - this.#atByte;
  }

  /**
   * Weights behind their 32-bit packing flag.
   *
   * @param layer whose they are, for the failure's sentence
   */
  weights(count: number, layer: string): Imported<Float32Array> {
    if (this.leftBytes < alignmentBytes) return this.#truncated(layer, alignmentBytes);
    const flag = this.#view.getUint32(this.#atByte, true);
    this.#atByte += alignmentBytes;
    switch (flag) {
      case packing.float16:
        return this.#read(count, 2, layer, (at) => float16(this.#view.getUint16(at, true)));
      case packing.float32:
        return this.floats(count, layer);
      default:
        return refused(
          'weights-packed',
          `The weights of ${layer} are packed in a way that is not read here (0x${flag.toString(16)}): only float16 and ` +
            'float32 are. Choose the model that was not quantised; or the .bin file does not belong to the .param file.',
          { layer, flag },
        );
    }
  }

  /** Float32 values without a flag, as biases and slopes are. */
  floats(count: number, layer: string): Imported<Float32Array> {
    return this.#read(count, 4, layer, (at) => this.#view.getFloat32(at, true));
  }

  #read(count: number, bytes: number, layer: string, valueAt: (byte: number) => number): Imported<Float32Array> {
    const length = Math.ceil((count * bytes) / alignmentBytes) * alignmentBytes;
    // Before anything is allocated: a damaged count must not ask for gigabytes.
    if (length > this.leftBytes) return this.#truncated(layer, length);
    const from = this.#atByte;
    const values = Float32Array.from({ length: count }, (_, index) => valueAt(from + index * bytes));
    if (!values.every(Number.isFinite)) {
      return refused(
        'weights-not-finite',
        `The weights of ${layer} hold a value that is not a number. The .bin file is damaged: get it again.`,
        { layer },
      );
    }
    this.#atByte += length;
    return imported(values);
  }

  #truncated(layer: string, neededBytes: number): ReturnType<typeof refused> {
    return refused(
      'weights-truncated',
      `The .bin file ends before the weights of ${layer}: it was cut short or belongs to another .param file. Get it again.`,
      { layer, neededBytes, leftBytes: this.leftBytes },
    );
  }
}

/** An IEEE 754 half. Node 22 has no getFloat16. */
function float16(bits: number): number {
  const sign = bits >= 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  // Without an exponent there is no leading one either.
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
