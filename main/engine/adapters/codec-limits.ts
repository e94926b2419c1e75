/**
 * What the WebAssembly build of sharp can hold: its whole heap is 2 GB. Rows stream through most formats; these need a
 * whole picture at once.
 */
import { failure, success, type Failure, type Result } from '../errors.ts';
import type { Size } from '../geometry.ts';
import type { OutputFormat } from '../ports.ts';
import { sharpBuild, type SharpBuild } from './sharp-build.ts';

/** Pixels that each encoder was seen to finish with, in the 2 GB; formats that stream have no limit. */
const WASM_ENCODER_PIXELS: Readonly<Partial<Record<OutputFormat, number>>> = { webp: 192_000_000, avif: 40_000_000 };

/** Pixels beyond which a source that does not stream may not fit. */
export const WASM_WHOLE_PIXELS = 64_000_000;

/** Whether this process can encode a picture of this size, told before any work goes into it. */
export function checkEncoder(
  format: OutputFormat,
  { widthPx, heightPx }: Size,
  build: SharpBuild = sharpBuild,
): Result<void, Failure<'encoder-memory'>> {
  const limit = build === 'wasm' ? (WASM_ENCODER_PIXELS[format] ?? Infinity) : Infinity;
  if (widthPx * heightPx <= limit) return success(undefined);
  const megapixels = (pixels: number): string => `${String(Math.floor(pixels / 1e6))} megapixels`;
  return failure(
    'encoder-memory',
    `In its window on Linux, Tessera writes ${format === 'avif' ? 'AVIF' : 'WebP'} of at most ${megapixels(limit)}; ` +
      `this would be ${megapixels(widthPx * heightPx)}. Choose JPEG, PNG or TIFF, or use the command line.`,
    { format, limitPixels: limit, widthPx, heightPx },
  );
}

/** A picture of this many pixels leaves little in the heap that other work needs. */
const SPENDING_PIXELS = 16_000_000;
let spent = false;

/** Notes work that keeps a whole picture in the heap. */
export function noteWholePicture(pixels: number): void {
  spent ||= pixels > SPENDING_PIXELS;
}

/** Whether the heap has grown so much that its thread is worth replacing; it never gives memory back. */
export function isSpent(): boolean {
  return spent;
}
