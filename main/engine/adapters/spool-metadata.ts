/**
 * What came with a photo, as libvips' XML at the end of a spool file. Some of it is put right here, so that the encoder
 * finds all that the photo had.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Sharp } from 'sharp';
import { EXIF_NAME, exifBlock, withoutMakerNote, type Exif } from '../exif.ts';
import { HEADER_BYTES, removeIfPossible, spoolPixelBytes, writeWhole, type SpoolFormat } from './spool-file.ts';

/**
 * Puts the metadata of a spool right that libvips wrote:
 *
 * - libvips 8.18 writes each byte of a letter beyond ASCII as a character of its own (`é` as `&#x23c3;&#x23a9;`) and would
 *   read it as two others, so that names in EXIF came out as `Jos??`. They are written as they are.
 * - libvips does not read the EXIF of a TIFF. It is put where libvips would have put it.
 *
 * @param format of the pixels in the spool
 * @param added EXIF that libvips did not read, or undefined
 */
export async function mendMetadata(
  spoolPath: string,
  format: SpoolFormat,
  added: Exif | undefined,
  codec: TinyCodec,
): Promise<void> {
  const fields = added === undefined ? '' : await exifFields(added, `${spoolPath}-exif.v`, codec);
  const start = HEADER_BYTES + spoolPixelBytes(format);
  const file = openSync(spoolPath, 'r+');
  try {
    const bytes = Buffer.alloc(fstatSync(file).size - start);
    readSync(file, bytes, 0, bytes.length, start);
    // Latin-1 keeps every byte what it is.
    const found = bytes.toString('latin1');
    const mended = found.replace(END_OF_FIELDS, (end) => fields + end).replaceAll(BYTE_AS_CHARACTER, toByte);
    if (mended === found) return;
    writeWhole(file, Buffer.from(mended, 'latin1'), start);
    ftruncateSync(file, start + mended.length);
  } finally {
    closeSync(file);
  }
}

/** What is needed of sharp. */
export interface TinyCodec {
  /** A JPEG of a pixel or so, with no metadata. */
  readonly jpeg: () => Promise<Uint8Array>;
  readonly open: (jpeg: Uint8Array) => Sharp;
}

const BYTE_AS_CHARACTER = /&#x23([89a-f][0-9a-f]);/gu;
const END_OF_FIELDS = /<\/meta>/u;

function toByte(_: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

/** What a segment of a JPEG holds behind its length and name; libvips itself writes no larger block. */
const MOST_BLOCK_BYTES = 65_533 - EXIF_NAME.length;

/**
 * EXIF as fields of a spool.
 *
 * libvips keeps each entry twice, as it came and in words, and leaves out on writing what lacks its words. They are
 * taken from the spool of a tiny JPEG that carries the same EXIF.
 */
async function exifFields(exif: Exif, tinyPath: string, codec: TinyCodec): Promise<string> {
  const whole = exifBlock(exif);
  const block = whole.length > MOST_BLOCK_BYTES ? exifBlock(withoutMakerNote(exif)) : whole;
  if (block.length > MOST_BLOCK_BYTES) return '';
  try {
    const carrier = withExifSegment(await codec.jpeg(), block);
    await codec.open(carrier).keepExif().toFile(tinyPath);
    return readFileSync(tinyPath, 'latin1').match(EXIF_FIELDS)?.join('\n') ?? '';
  } finally {
    removeIfPossible(tinyPath);
  }
}

const EXIF_FIELDS = /<field [^>]*name="exif-[^]*?<\/field>/gu;

function withExifSegment(jpeg: Uint8Array, block: Uint8Array): Buffer {
  const length = 2 + EXIF_NAME.length + block.length;
  const head = Buffer.of(0xff, 0xe1, length >> 8, length & 0xff);
  return Buffer.concat([jpeg.subarray(0, 2), head, EXIF_NAME, block, jpeg.subarray(2)]);
}
