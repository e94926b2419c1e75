import { bytesPerPixel, planesOf } from './planes.ts';
import { mostJpegBytesPerPixel } from './jpeg-strips.ts';
import type { OutputFormat, PhotoInfo } from './ports.ts';

/**
 * How much disk the temporary files of a photo take at most, in bytes: its decoded source, and its result until that is
 * stored.
 *
 * @param stripQuality the quality of a JPEG whose strips are encoded one by one; left out, the result is there uncompressed
 */
export function spoolBytes(info: PhotoInfo, scale: number, format: OutputFormat, stripQuality?: number): number {
  const sourceBytes = bytesPerPixel(planesOf(info, format));
  const resultBytes = stripQuality === undefined ? sourceBytes : mostJpegBytesPerPixel(stripQuality);
  return info.widthPx * info.heightPx * (sourceBytes + resultBytes * scale ** 2);
}
