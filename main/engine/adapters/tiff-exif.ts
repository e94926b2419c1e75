/** EXIF of TIFF files, which libvips neither reads nor writes. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { viewOf } from '../bytes.ts';
import { layOutExif } from '../exif-layout.ts';
import { CLASSIC_TIFF, ENTRY_BYTES, HEADER_BYTES, readExif, type Exif, type ReadBytes } from '../exif.ts';
import { writeWhole } from './spool-file.ts';

/** The EXIF of a TIFF file; undefined where it has none or is a BigTIFF. Throws what the file system refuses. */
export function readTiffExif(path: string): Exif | undefined {
  const file = openSync(path, 'r');
  try {
    return readExif(readerOf(file));
  } finally {
    closeSync(file);
  }
}

function readerOf(file: number): ReadBytes {
  const { size } = fstatSync(file);
  return (start, length) => {
    if (start + length > size) return undefined;
    const bytes = new Uint8Array(length);
    return readSync(file, bytes, 0, length, start) === length ? bytes : undefined;
  };
}

/**
 * Adds EXIF to a TIFF file that libvips wrote (the lowest byte first, one picture). What the file says already stays.
 *
 * The directory is written anew behind everything else, so that nothing that is pointed to moves. A BigTIFF, and a file
 * that would grow beyond the 4 GB that a TIFF can address, stay without. Throws what the file system refuses.
 */
export function addTiffExif(path: string, exif: Exif): void {
  const file = openSync(path, 'r+');
  try {
    const read = readerOf(file);
    const header = read(0, HEADER_BYTES);
    if (header === undefined || !isClassic(header)) return;
    const start = viewOf(header).getUint32(4, true);
    const head = read(start, 2);
    const count = head === undefined ? 0 : viewOf(head).getUint16(0, true);
    const table = read(start + 2, count * ENTRY_BYTES + 4);
    if (table === undefined) throw new Error('Expected the directory of a TIFF.');
    const entries = Array.from({ length: count }, (_, n) => table.subarray(n * ENTRY_BYTES, (n + 1) * ENTRY_BYTES));
    const { size } = fstatSync(file);
    const at = size + (size % 2);
    const added = layOutExif(exif, entries, at, viewOf(table).getUint32(count * ENTRY_BYTES, true));
    if (at + added.bytes.length >= 2 ** 32) return;
    writeWhole(file, added.bytes, at);
    const pointer = new Uint8Array(4);
    viewOf(pointer).setUint32(0, added.start, true);
    // Last: until here the file is what it was.
    writeWhole(file, pointer, 4);
  } finally {
    closeSync(file);
  }
}

function isClassic(header: Uint8Array): boolean {
  return header[0] === 0x49 && header[1] === 0x49 && header[2] === CLASSIC_TIFF && header[3] === 0;
}
