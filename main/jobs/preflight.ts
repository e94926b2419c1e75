/** What a photo will take, said before it is begun. */
import { statfs } from 'node:fs/promises';
import { failure, success, type Failure, type Result } from '../engine/errors.ts';
import type { OutputFormat, PhotoInfo } from '../engine/ports.ts';
import { bytesPerPixel, planesOf } from '../engine/planes.ts';

/** Temporary disk space of one photo, in bytes. */
export interface SpoolNeed {
  /** The decoded source and the uncompressed result, until the result is stored. */
  readonly bytes: number;
}

/** How much disk the spool files of a photo take. Pure. */
export function spoolNeed(info: PhotoInfo, scale: number, format: OutputFormat): SpoolNeed {
  const pixels = info.widthPx * info.heightPx;
  return { bytes: pixels * bytesPerPixel(planesOf(info, format)) * (1 + scale ** 2) };
}

/** Whether a folder's disk has room for a photo's spool files. */
export async function checkSpoolRoom(
  need: SpoolNeed,
  scratchFolder: string,
): Promise<Result<void, Failure<'disk-space'>>> {
  const { bavail, bsize } = await statfs(scratchFolder);
  const freeBytes = bavail * bsize;
  if (need.bytes <= freeBytes) return success(undefined);
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  return failure(
    'disk-space',
    `This photo needs ${gigabytes(need.bytes)} for temporary files, and ${gigabytes(freeBytes)} are free. ` +
      'Free some space, or set TMPDIR to a folder on a larger disk.',
    { neededBytes: need.bytes, freeBytes, scratchFolder },
  );
}
