import type { Result } from './errors.ts';

/** Samples a pixel: 3 for colour (RGB interleaved), 1 for grey or an alpha plane. */
export type PlaneChannels = 1 | 3;

/** Bytes a sample: 1 for 8-bit, 2 for 16-bit (native byte order). */
export type BytesPerSample = 1 | 2;

/** A tile's shape in source pixels, as the model is fed: the halo is included. */
export interface TileShape {
  readonly heightPx: number;
  readonly widthPx: number;
}

/**
 * A model ready to infer tiles.
 *
 * It speaks pixels: input and output are interleaved samples (NHWC, one image) of `channels` × `bytesPerSample`.
 * A tile of h × w source pixels gives (h − 2·marginPx)·scale × (w − 2·marginPx)·scale result pixels.
 */
export interface TileModel {
  readonly scale: number;
  readonly channels: PlaneChannels;
  readonly bytesPerSample: BytesPerSample;
  /** Source pixels that the graph itself consumes on each side: the receptive field for VALID graphs, 0 for SAME. */
  readonly marginPx: number;
  /**
   * Prepares tensors over memory that the caller owns, once a tile shape.
   *
   * @param input h × w pixels, byte length h·w·channels·bytesPerSample
   * @param output the result's pixels, filled by each run
   */
  bind(shape: TileShape, input: Uint8Array, output: Uint8Array): BoundTile;
  dispose(): Promise<void>;
}

/** One tile shape bound to its input and output memory. */
export interface BoundTile {
  /** Infers whatever stands in the input memory into the output memory. */
  run(): Promise<Result<void>>;
}
