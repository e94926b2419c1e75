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
  const decodedBytes = sourceSpoolBytes(info, format);
  const resultPixels = info.widthPx * info.heightPx * scale ** 2;
  if (stripQuality === undefined) return decodedBytes + resultPixels * sourceBytes;
  // An interval of a very wide result is there uncompressed too, while it is encoded.
  const intervalBytes = Math.min(resultPixels, MOST_INTERVAL_PIXELS) * sourceBytes;
  return decodedBytes + resultPixels * mostJpegBytesPerPixel(stripQuality) + intervalBytes;
}

/** The decoded source alone. */
export function sourceSpoolBytes(info: PhotoInfo, format: OutputFormat): number {
  return info.widthPx * info.heightPx * bytesPerPixel(planesOf(info, format));
}
