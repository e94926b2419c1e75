import { bytesPerPixel, planesOf } from './planes.ts';
import { JPEG_BYTES_PER_PIXEL } from './jpeg-strips.ts';
import type { OutputFormat, PhotoInfo } from './ports.ts';

/**
 * How much disk the temporary files of a photo take at most, in bytes: its decoded source, and its result until that is
 * stored.
 *
 * @param inStrips whether strips are encoded one by one; else the result is there uncompressed
 */
export function spoolBytes(info: PhotoInfo, scale: number, format: OutputFormat, inStrips: boolean): number {
  const sourceBytes = bytesPerPixel(planesOf(info, format));
  const resultBytes = inStrips ? Math.min(sourceBytes, JPEG_BYTES_PER_PIXEL) : sourceBytes;
  return info.widthPx * info.heightPx * (sourceBytes + resultBytes * scale ** 2);
}
