/**
 * A model whose graph takes and gives float planes: division by 255, channel order, rounding and clipping are loops here.
 *
 * Nobody enhances with it. It is what a benchmark holds our graphs against, which do all of that themselves.
 */
import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { success, type Result } from '../errors.ts';
import type { BoundTile, PlaneChannels, TileModel, TileShape } from '../ports.ts';
import { runFailure } from './ort-failure.ts';
import { discardCopy, openSession, type ModelSource } from './ort-model.ts';
import type { Runtime } from './ort-session.ts';

/**
 * Opens a session for a graph from planes [1, c, h, w] to planes, 0 to 1, of 8-bit pixels.
 *
 * @returns failures `provider-unavailable`, `session-failed` and `out-of-memory`
 */
export async function loadPlanesModel(source: ModelSource, runtime: Runtime): Promise<Result<TileModel>> {
  const opened = await openSession(source.bytes, runtime);
  return opened.ok ? success(new PlanesModel(source, opened.value)) : opened;
}

interface Planes {
  readonly input: Float32Array;
  readonly output: Float32Array;
}

class PlanesModel implements TileModel {
  readonly scale: number;
  readonly channels: PlaneChannels;
  readonly bytesPerSample = 1;
  readonly marginPx: number;
  readonly #session: InferenceSession;
  /** By shape: a tile is bound anew for every strip, and its planes need not be. */
  readonly #planes = new Map<string, Planes>();

  constructor(source: ModelSource, session: InferenceSession) {
    this.scale = source.scale;
    this.channels = source.channels;
    this.marginPx = source.marginPx;
    this.#session = session;
  }

  bind(shape: TileShape, input: Uint8Array, output: Uint8Array): BoundTile {
    const { channels } = this;
    const grown = (px: number): number => (px - 2 * this.marginPx) * this.scale;
    const planes = this.#planesOf(shape, input.length, output.length);
    const tensor = (values: Float32Array, heightPx: number, widthPx: number): Tensor =>
      new Tensor('float32', values, [1, channels, heightPx, widthPx]);
    const feeds = { [this.#session.inputNames[0]!]: tensor(planes.input, shape.heightPx, shape.widthPx) };
    const result = tensor(planes.output, grown(shape.heightPx), grown(shape.widthPx));
    const fetches = { [this.#session.outputNames[0]!]: result };
    const session = this.#session;
    return {
      async run(): Promise<Result<void>> {
        try {
          toPlanes(input, planes.input, channels);
          discardCopy(await session.run(feeds, fetches), planes.output.buffer);
          toPixels(planes.output, output, channels);
          return success(undefined);
        } catch (error) {
          return runFailure(error, shape);
        }
      },
    };
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }

  #planesOf({ heightPx, widthPx }: TileShape, inputs: number, outputs: number): Planes {
    const key = `${widthPx}×${heightPx}`;
    const planes = this.#planes.get(key) ?? { input: new Float32Array(inputs), output: new Float32Array(outputs) };
    this.#planes.set(key, planes);
    return planes;
  }
}

/** Interleaved bytes to planes from 0 to 1. */
function toPlanes(pixels: Uint8Array, planes: Float32Array, channels: number): void {
  const area = planes.length / channels;
  for (let channel = 0; channel < channels; channel += 1) {
    const plane = planes.subarray(channel * area, (channel + 1) * area);
    for (let at = 0, from = channel; at < area; at += 1, from += channels) plane[at] = pixels[from]! / 255;
  }
}

/** Planes to interleaved bytes: times 255, rounded half to even, clipped; a clamped array does the last two. */
function toPixels(planes: Float32Array, pixels: Uint8Array, channels: number): void {
  const area = planes.length / channels;
  const clamped = new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.length);
  for (let channel = 0; channel < channels; channel += 1) {
    const plane = planes.subarray(channel * area, (channel + 1) * area);
    for (let at = 0, to = channel; at < area; at += 1, to += channels) clamped[to] = plane[at]! * 255;
  }
}
