import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { HEADER_BYTES, HEIGHT_OFFSET, spoolPixelBytes, WIDTH_OFFSET, type SpooledSource } from './spool-file.ts';

/** A rectangle of a picture, in its pixels. */
export interface SpoolPart {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Copies a part of a spool file into one of its own, samples and metadata untouched.
 *
 * Only the part's rows are read, so that it takes a millisecond whatever the picture's size.
 *
 * @param part lies within the picture
 * @param target the new file; its name must end in `.v`
 * @throws where a file cannot be read or written, or ends early
 */
export function cutSpool({ path, format }: SpooledSource, part: SpoolPart, target: string): void {
  const { bytesPerPixel } = format;
  const rowBytes = format.widthPx * bytesPerPixel;
  const partRowBytes = part.width * bytesPerPixel;
  const pixelsEnd = HEADER_BYTES + spoolPixelBytes(format);
  const file = openSync(path, 'r');
  try {
    const metadataBytes = fstatSync(file).size - pixelsEnd;
    const cut = Buffer.alloc(HEADER_BYTES + partRowBytes * part.height + metadataBytes);
    const read = (offset: number, length: number, position: number): void => {
      if (readSync(file, cut, offset, length, position) < length) throw new Error('A spool file ended early.');
    };
    read(0, HEADER_BYTES, 0);
    cut.writeUInt32LE(part.width, WIDTH_OFFSET);
    cut.writeUInt32LE(part.height, HEIGHT_OFFSET);
    for (let row = 0; row < part.height; row += 1) {
      const from = HEADER_BYTES + (part.top + row) * rowBytes + part.left * bytesPerPixel;
      read(HEADER_BYTES + row * partRowBytes, partRowBytes, from);
    }
    read(HEADER_BYTES + partRowBytes * part.height, metadataBytes, pixelsEnd);
    writeFileSync(target, cut);
  } finally {
    closeSync(file);
  }
}
