import type { Result } from './errors.ts';
import type { Size } from './geometry.ts';

/** What a session runs on; ONNX Runtime calls it an execution provider. */
export type Provider = 'cpu' | 'webgpu' | 'dml' | 'coreml' | 'cuda';

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

/** Formats that results are written in. */
export type OutputFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif';

/** What a file's header tells, before a pixel is decoded. */
export interface PhotoInfo extends Size {
  /** The codec's name for the source format: jpeg, png, webp, tiff, heif, gif. */
  readonly format: string;
  readonly grey: boolean;
  readonly alpha: boolean;
  readonly bitsPerSample: 8 | 16;
  /** The pixels are of a colour model that the network does not speak (CMYK, Lab) and are converted to sRGB. */
  readonly convertsToSrgb: boolean;
  readonly hasProfile: boolean;
  readonly hasExif: boolean;
  readonly fileBytes: number;
  /** When the file was changed last, in milliseconds since the epoch. */
  readonly modifiedMs: number;
}

/** One plane of a photo: its colour (or grey), or its alpha. */
export interface PlaneFormat {
  readonly content: 'colour' | 'alpha';
  readonly channels: PlaneChannels;
  readonly bytesPerSample: BytesPerSample;
}

/** How a result is stored. */
export interface OutputSpec extends Size {
  readonly path: string;
  readonly format: OutputFormat;
  /** 1…100, for lossy formats. */
  readonly quality: number;
  /** False: an existing file of that name is a failure, and stays as it was. */
  readonly mayOverwrite: boolean;
}

/** What photos are read and written with. */
export interface CodecVersions {
  readonly sharp: string;
  readonly libvips: string;
  /** WebAssembly is slower; the window on Linux uses it. */
  readonly build: 'native' | 'wasm';
}

/** How a picture is made whose original is known: samples side by side, reduced. */
export interface SheetRequest {
  /** Photos whose middles are laid out, row by row. */
  readonly samples: readonly string[];
  /** What is cut from the middle of each; none is smaller. */
  readonly cell: Size;
  readonly columns: number;
  /** How often the sheet stands beside and above itself, every other time mirrored. */
  readonly repeats: { readonly across: number; readonly down: number };
  /** How many times smaller the reduced picture is. */
  readonly factor: number;
  /** PNG. */
  readonly originalPath: string;
  /** PNG. */
  readonly reducedPath: string;
}
