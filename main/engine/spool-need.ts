import { bytesPerPixel, planesOf } from './planes.ts';
import { MOST_INTERVAL_PIXELS, mostJpegBytesPerPixel } from './jpeg-strips.ts';
import type { OutputFormat, PhotoInfo } from './ports.ts';

/**
 * How much disk the temporary files of a photo take at most, in bytes: its decoded source, and its result until that is
 * stored.
 *
 * @param stripQuality the quality of a JPEG whose strips are encoded one by one; left out, the result is there uncompressed
 */
export function spoolBytes(info: PhotoInfo, scale: number, format: OutputFormat, stripQuality?: number): number {
  const sourceBytes = bytesPerPixel(planesOf(info, format));
  const pixels = info.widthPx * info.heightPx;
  const resultPixels = pixels * scale ** 2;
  if (stripQuality === undefined) return pixels * sourceBytes + resultPixels * sourceBytes;
  // The first interval is there uncompressed too, while it is encoded.
  const intervalBytes = Math.min(resultPixels, MOST_INTERVAL_PIXELS) * sourceBytes;
  return pixels * sourceBytes + resultPixels * mostJpegBytesPerPixel(stripQuality) + intervalBytes;
}
