/**
 * What came with a photo, as libvips' XML at the end of a spool file. Some of it is put right here, so that the encoder
 * finds all that the photo had.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Sharp } from 'sharp';
import { exifBlock, fittingExif } from '../exif-layout.ts';
import { dropThumbnail, EXIF_NAME, type Exif } from '../exif.ts';
import { uprightXmp } from '../xmp.ts';
import { HEADER_BYTES, readSpoolFormat, removeIfPossible, spoolPixelBytes, writeWhole } from './spool-file.ts';

/** What libvips did not read of a photo. */
export interface Unread {
  readonly exif: Exif | undefined;
  /** Chunks of a PNG (`readPngTexts`); empty where there are none. */
  readonly texts: Uint8Array;
}

/** What is needed of sharp. */
export interface TinyCodec {
  /** A JPEG of a pixel or so, with no metadata. */
  readonly jpeg: () => Promise<Uint8Array>;
  readonly open: (jpeg: Uint8Array) => Sharp;
}

/**
 * Puts the metadata of a spool right that libvips wrote:
 *
 * - libvips 8.18 writes each byte of a letter beyond ASCII as a character of its own (`é` as `&#x23c3;&#x23a9;`) and would
 *   read it as two others, so that names in EXIF came out as `Jos??`. They are written as they are.
 * - A carriage return would be lost when XML is read, unless it is written as a reference.
 * - What libvips did not read is put beside the rest.
 * - Of a photo that is turned, what still speaks of how it lay is corrected, or left out.
 */
export async function mendMetadata(
  spoolPath: string,
  { exif, texts }: Unread,
  turned: boolean,
  codec: TinyCodec,
): Promise<void> {
  const fields = exif === undefined ? [] : await exifFields(exif, `${spoolPath}-exif.v`, codec);
  if (texts.length > 0) fields.push(blobField(TEXTS_FIELD, texts));
  const file = openSync(spoolPath, 'r+');
  try {
    const { xml: found, start } = readXml(file);
    const mended = (turned ? upright(found) : found)
      .replace(END_OF_FIELDS, (end) => fields.join('\n') + end)
      .replaceAll(BYTE_AS_CHARACTER, toByte)
      .replaceAll('\r', '&#xd;');
    if (mended === found) return;
    writeWhole(file, Buffer.from(mended, 'latin1'), start);
    ftruncateSync(file, start + mended.length);
  } finally {
    closeSync(file);
  }
}

/**
 * Without the thumbnail, which lies as the photo did; and XMP, which libvips does not look into, says how it stands.
 *
 * The thumbnail's directory is in the block, which libvips 8.18 reads anew from a spool, and in words beside it.
 */
function upright(xml: string): string {
  return xml
    .replaceAll(WORDS_OF_THUMBNAIL, '')
    .replace(BLOCK_PATTERN, (_, text: string) => {
      const block = Buffer.from(text, 'base64');
      dropThumbnail(block);
      return blobField(BLOCK_FIELD, block);
    })
    .replace(XMP_PATTERN, (_, text: string) => {
      const xmp = uprightXmp(Buffer.from(text, 'base64').toString('latin1'));
      return blobField(XMP_FIELD, Buffer.from(xmp, 'latin1'));
    });
}

const WORDS_OF_THUMBNAIL = /<field [^>]*name="(?:exif-ifd1-[^"]*|jpeg-thumbnail-data)"[^]*?<\/field>/gu;
const BLOCK_FIELD = 'exif-data';
const BLOCK_PATTERN = blobPattern(BLOCK_FIELD);
const XMP_FIELD = 'xmp-data';
const XMP_PATTERN = blobPattern(XMP_FIELD);

/** The texts that `mendMetadata` put into a spool, or into the band that carries its metadata. */
export function carriedTexts(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const text = TEXTS_PATTERN.exec(readXml(file).xml)?.[1] ?? '';
    return Buffer.from(text, 'base64');
  } finally {
    closeSync(file);
  }
}

const TEXTS_FIELD = 'tessera-png-texts';
const TEXTS_PATTERN = blobPattern(TEXTS_FIELD);
const BYTE_AS_CHARACTER = /&#x23([89a-f][0-9a-f]);/gu;
const END_OF_FIELDS = /<\/meta>/u;

function toByte(_: string, hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

/** The XML of an open spool, as Latin-1, which keeps every byte what it is. */
function readXml(file: number): { readonly xml: string; readonly start: number } {
  const start = HEADER_BYTES + spoolPixelBytes(readSpoolFormat(file));
  const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - start));
  readSync(file, bytes, 0, bytes.length, start);
  return { xml: bytes.toString('latin1'), start };
}

/**
 * What libvips itself writes into any format, and the most that a segment of a JPEG holds: 65 533 bytes, of which some are
 * taken by its name and by entries that libvips adds.
 */
const MOST_BLOCK_BYTES = 64_000;

/**
 * EXIF as fields of a spool.
 *
 * libvips keeps each entry twice, in a block as it came and in words, and leaves out on writing what lacks its words. They
 * are taken from the spool of a tiny JPEG that carries the same EXIF, as far as that holds it. The block is the whole.
 */
async function exifFields(exif: Exif, tinyPath: string, codec: TinyCodec): Promise<string[]> {
  try {
    const carrier = withExifSegment(await codec.jpeg(), exifBlock(fittingExif(exif, MOST_BLOCK_BYTES)));
    await codec.open(carrier).keepExif().toFile(tinyPath);
    const words = readFileSync(tinyPath, 'latin1').match(EXIF_WORDS) ?? [];
    return [...words, blobField(BLOCK_FIELD, Buffer.concat([EXIF_NAME, exifBlock(exif)]))];
  } finally {
    removeIfPossible(tinyPath);
  }
}

const EXIF_WORDS = /<field [^>]*name="exif-ifd[^]*?<\/field>/gu;

function blobField(name: string, bytes: Uint8Array): string {
  return `<field type="VipsBlob" name="${name}">${Buffer.from(bytes).toString('base64')}</field>`;
}

function blobPattern(name: string): RegExp {
  return new RegExp(`<field type="VipsBlob" name="${name}">([^<]*)</field>`, 'u');
}

function withExifSegment(jpeg: Uint8Array, block: Uint8Array): Buffer {
  const length = 2 + EXIF_NAME.length + block.length;
  const head = Buffer.of(0xff, 0xe1, length >> 8, length & 0xff);
  return Buffer.concat([jpeg.subarray(0, 2), head, EXIF_NAME, block, jpeg.subarray(2)]);
}
