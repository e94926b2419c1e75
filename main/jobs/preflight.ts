/** What a photo will take, said before it is begun. */
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
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

/** What Linux calls a file system that lives in memory. */
const TMPFS_MAGIC = 0x01021994;

/**
 * The folder for temporary files: the system's, unless that lives in memory, where a large photo's gigabytes must not
 * go; then `/var/tmp`, where it can be written to.
 */
export async function scratchBase(): Promise<string> {
  const folder = tmpdir();
  if (process.env['TMPDIR'] !== undefined || process.platform !== 'linux') return folder;
  const { type } = await statfs(folder);
  if (type !== TMPFS_MAGIC) return folder;
  const onDisk = '/var/tmp';
  return access(onDisk, constants.W_OK).then(
    () => onDisk,
    () => folder,
  );
}
