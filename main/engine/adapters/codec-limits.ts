/**
 * How large a picture the codec can take, beyond what its formats allow a side. The heap of sharp's WebAssembly build is
 * 2 GB in all: rows stream through most formats, and the others need a whole picture in it.
 */
import { failure, success, type Failure, type Result } from '../errors.ts';
import type { Size } from '../geometry.ts';
import type { OutputFormat } from '../ports.ts';
import { sharpBuild, type SharpBuild } from './sharp-build.ts';

interface Limit {
  readonly opaque: number;
  readonly alpha: number;
}

/**
 * Pixels up to which an encoder finishes, measured with photos; no limit for formats that are not named.
 *
 * libwebp writes 120 megapixels of a photo and fails at 190, also with memory to spare.
 */
const ENCODER_PIXELS: Readonly<Record<SharpBuild, Readonly<Partial<Record<OutputFormat, Limit>>>>> = {
  native: { webp: { opaque: 120e6, alpha: 120e6 } },
  wasm: { webp: { opaque: 120e6, alpha: 80e6 }, avif: { opaque: 40e6, alpha: 24e6 } },
};

/** Pixels beyond which a source that does not stream may not fit. */
export const WASM_WHOLE_PIXELS = 64_000_000;

/** Whether this process can encode a picture of this size, told before any work goes into it. */
export function checkEncoder(
  format: OutputFormat,
  { widthPx, heightPx }: Size,
  alpha: boolean,
  build: SharpBuild = sharpBuild,
): Result<void, Failure<'encoder-limit'>> {
  const limitOf = (one: SharpBuild): number => ENCODER_PIXELS[one][format]?.[alpha ? 'alpha' : 'opaque'] ?? Infinity;
  const [pixels, limit] = [widthPx * heightPx, limitOf(build)];
  if (pixels <= limit) return success(undefined);
  const megapixels = (count: number): string => `${(count / 1e6).toFixed(0)} megapixels`;
  const name = `${format === 'avif' ? 'AVIF' : 'WebP'}${alpha ? ' with transparency' : ''}`;
  const elsewhere = pixels <= limitOf('native') ? ', or use the command line, which holds more' : '';
  return failure(
    'encoder-limit',
    `The result would have ${megapixels(pixels)}, and as ${name} at most ${megapixels(limit)} can be written here. ` +
      `Choose JPEG, PNG or TIFF, or a smaller size${elsewhere}.`,
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
