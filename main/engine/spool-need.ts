import { bytesPerPixel, planesOf } from './planes.ts';
import type { OutputFormat, PhotoInfo } from './ports.ts';

/**
 * How much disk the temporary files of a photo take, in bytes: its decoded source, and its uncompressed result until
 * that is stored.
 */
export function spoolBytes(info: PhotoInfo, scale: number, format: OutputFormat): number {
  return info.widthPx * info.heightPx * bytesPerPixel(planesOf(info, format)) * (1 + scale ** 2);
}
