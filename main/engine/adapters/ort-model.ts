import { InferenceSession, Tensor } from 'onnxruntime-node';
import { failure, success } from '../errors.ts';
import type { Result } from '../errors.ts';
import type { BoundTile, BytesPerSample, PlaneChannels, TileModel, TileShape } from '../ports.ts';
import { runFailure, sessionFailure } from './ort-failure.ts';
import { sessionOptionsOf } from './ort-session.ts';
import type { Runtime } from './ort-session.ts';

/** A serialised ONNX model with one input and one output, and how it speaks pixels. */
export interface ModelSource {
  readonly bytes: Uint8Array;
  readonly scale: number;
  readonly channels: PlaneChannels;
  readonly bytesPerSample: BytesPerSample;
  readonly marginPx: number;
}

/**
 * Opens a session of ONNX Runtime.
 *
 * @returns failures `provider-unavailable`, `session-failed` and `out-of-memory`
 */
export async function loadTileModel(source: ModelSource, runtime: Runtime): Promise<Result<TileModel>> {
  const opened = await openSession(source.bytes, runtime);
  return opened.ok ? success(new OrtTileModel(source, opened.value)) : opened;
}

/** Opens a session of ONNX Runtime for a serialised model; failures as of `loadTileModel`. */
export async function openSession(bytes: Uint8Array, runtime: Runtime): Promise<Result<InferenceSession>> {
  const options = sessionOptionsOf(runtime);
  if (options === undefined) {
    return failure('provider-unavailable', `This build of ONNX Runtime has no provider ${runtime.provider}. Use cpu.`, {
      provider: runtime.provider,
    });
  }
  try {
    return success(await InferenceSession.create(bytes, options));
  } catch (error) {
    return sessionFailure(error, runtime.provider);
  }
}

class OrtTileModel implements TileModel {
  readonly scale: number;
  readonly channels: PlaneChannels;
  readonly bytesPerSample: BytesPerSample;
  readonly marginPx: number;
  readonly #session: InferenceSession;

  constructor(source: ModelSource, session: InferenceSession) {
    this.scale = source.scale;
    this.channels = source.channels;
    this.bytesPerSample = source.bytesPerSample;
    this.marginPx = source.marginPx;
    this.#session = session;
  }

  bind(shape: TileShape, input: Uint8Array, output: Uint8Array): BoundTile {
    const cut = 2 * this.marginPx;
    const result = { heightPx: (shape.heightPx - cut) * this.scale, widthPx: (shape.widthPx - cut) * this.scale };
    const feeds = { [this.#session.inputNames[0]!]: this.#tensor(shape, input, 'input') };
    const fetches = { [this.#session.outputNames[0]!]: this.#tensor(result, output, 'output') };
    const session = this.#session;
    return {
      async run(): Promise<Result<void>> {
        try {
          discardCopy(await session.run(feeds, fetches), output.buffer);
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

  /** A tensor over the caller's memory: nothing is copied, here or by the runtime. */
  #tensor(shape: TileShape, memory: Uint8Array, what: string): Tensor {
    const { heightPx, widthPx } = shape;
    const samples = heightPx * widthPx * this.channels;
    const bytes = samples * this.bytesPerSample;
    if (heightPx < 1 || widthPx < 1 || memory.byteLength !== bytes) {
      throw new RangeError(
        `Expected ${bytes} bytes for the ${what} of ${widthPx}×${heightPx} px but received ${memory.byteLength}`,
      );
    }
    const dimensions = [1, heightPx, widthPx, this.channels];
    return this.bytesPerSample === 1
      ? new Tensor('uint8', memory, dimensions)
      : new Tensor('uint16', new Uint16Array(memory.buffer, memory.byteOffset, samples), dimensions);
  }
}

/**
 * Gives back at once what the binding allocates for a run: beside filling the caller's memory it returns a copy of the
 * result, 1.8 MB for a tile of 192 px ×4, which otherwise waits for the garbage collector.
 */
export function discardCopy(results: InferenceSession.OnnxValueMapType, kept: ArrayBufferLike): void {
  for (const result of Object.values(results)) {
    const { data } = result;
    if (ArrayBuffer.isView(data) && data.buffer instanceof ArrayBuffer && data.buffer !== kept) data.buffer.transfer(0);
  }
}
