/**
 * Spool files: uncompressed pictures on disk, the decoded source and the *bands* of the result, one a strip.
 *
 * They are libvips' own format: a 64-byte header, tight rows of interleaved samples, then the metadata (EXIF, ICC, XMP,
 * IPTC) as XML. libvips writes the source's spool; the bands borrow their headers from it, and the first band its
 * metadata, so that the encode, which joins the bands lazily, finds everything that came with the photo, untouched.
 * Bands, because libvips maps each of these files into memory as a whole and lets it go once it is past it.
 *
 * There are two exceptions, where all bands are written to their places in one file. The WebAssembly build of libvips has
 * no mapping: it reads one file row by row, but of joined bands ten megabytes for every row. And sharp turns grey bands
 * into coloured ones when it joins them.
 */
import { closeSync, constants, fstatSync, openSync, readSync, rmSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { bleedColour } from '../bleed.ts';
import type { Size, Span } from '../geometry.ts';
import { sharpBuild, type SharpBuild } from './sharp-build.ts';

export const HEADER_BYTES = 64;
export const WIDTH_OFFSET = 4;
export const HEIGHT_OFFSET = 8;
const CHANNELS_OFFSET = 12;
/** libvips' kind of sample: 0 for bytes; of the rest only 16-bit numbers are spooled. */
const SAMPLE_OFFSET = 20;

/** What is known of a spool file's pixels. */
export interface SpoolFormat extends Size {
  readonly bytesPerPixel: number;
}

/** Bytes of the pixels of a spool file. */
export function spoolPixelBytes({ widthPx, heightPx, bytesPerPixel }: SpoolFormat): number {
  return widthPx * heightPx * bytesPerPixel;
}

/** What the header of an open spool file says. */
export function readSpoolFormat(file: number): SpoolFormat {
  const header = Buffer.alloc(HEADER_BYTES);
  readSync(file, header, 0, HEADER_BYTES, 0);
  const bytesPerSample = header.readUInt32LE(SAMPLE_OFFSET) === 0 ? 1 : 2;
  return {
    widthPx: header.readUInt32LE(WIDTH_OFFSET),
    heightPx: header.readUInt32LE(HEIGHT_OFFSET),
    bytesPerPixel: header.readUInt32LE(CHANNELS_OFFSET) * bytesPerSample,
  };
}

/** A spool file's rows, read synchronously: the reader is the inference loop, which waits for them anyway. */
export class SpoolReader {
  readonly #descriptor: number;
  readonly #rowBytes: number;

  constructor(path: string, format: SpoolFormat) {
    this.#descriptor = openSync(path, 'r');
    this.#rowBytes = format.widthPx * format.bytesPerPixel;
    if (fstatSync(this.#descriptor).size < HEADER_BYTES + spoolPixelBytes(format)) {
      closeSync(this.#descriptor);
      throw new Error(`The spool file ${path} is shorter than its picture.`);
    }
  }

  /** Fills `into` with consecutive rows. */
  readRows(rows: Span, into: Uint8Array): void {
    let done = 0;
    while (done < into.length) {
      const position = HEADER_BYTES + rows.start * this.#rowBytes + done;
      const read = readSync(this.#descriptor, into, done, into.length - done, position);
      if (read === 0) throw new Error('A spool file ended early.');
      done += read;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/**
 * Gives transparent pixels of a decoded photo the colour of the nearest visible one; see `bleedColour`.
 *
 * @param colour the colour plane's spool, changed in place
 * @param alpha the alpha plane's spool
 * @param pause called between rows, to let other work through
 */
export async function bleedSpool(
  colour: SpooledSource,
  alpha: SpooledSource,
  bytesPerSample: number,
  pause: () => Promise<void>,
): Promise<void> {
  const colourFile = openSync(colour.path, 'r+');
  const alphaFile = openSync(alpha.path, 'r');
  try {
    const { widthPx, heightPx, bytesPerPixel } = colour.format;
    const placeOf = (y: number, row: Uint8Array): number => HEADER_BYTES + y * row.length;
    const step = bleedColour({
      widthPx,
      heightPx,
      bytesPerPixel,
      bytesPerSample,
      readColour: (y, into) => readSync(colourFile, into, 0, into.length, placeOf(y, into)),
      writeColour: (y, from) => {
        writeWhole(colourFile, from, placeOf(y, from));
      },
      readAlpha: (y, into) => readSync(alphaFile, into, 0, into.length, placeOf(y, into)),
    });
    for (let rows = 1; step(); rows += 1) {
      if (rows % ROWS_BETWEEN_PAUSES === 0) await pause();
    }
  } finally {
    closeSync(colourFile);
    closeSync(alphaFile);
  }
}

/** Some milliseconds of work. */
const ROWS_BETWEEN_PAUSES = 64;

/** Whether each band of a result is a file of its own; else all are in the first one's. */
export function resultInBands(colourChannels: number, build: SharpBuild = sharpBuild): boolean {
  return build === 'native' && colourChannels >= 3;
}

/** The decoded source that a band belongs to. */
export interface SpooledSource {
  readonly path: string;
  readonly format: SpoolFormat;
}

/** A band of a result: some rows of it, all planes. */
export interface Band extends Size {
  readonly path: string;
  readonly channels: number;
  /** Of its first row, in the result. */
  readonly topPx: number;
  /** The result that it is a part of, and the file of its first band. */
  readonly result: { readonly heightPx: number; readonly path: string };
  /** Whether it carries what came with the photo; the first band of a result does. */
  readonly carriesMetadata: boolean;
}

/**
 * Writes one band of a result, beside the caller's next inference.
 *
 * Small reads and writes are synchronous here: each asynchronous step would wait for the tile that is being inferred.
 *
 * @param source the spool of the colour plane, as libvips wrote it
 * @param pixels tight rows of interleaved samples
 * @param build of sharp, which decides whether bands are files of their own
 */
export async function writeBand(
  source: SpooledSource,
  band: Band,
  pixels: Uint8Array,
  build: SharpBuild = sharpBuild,
): Promise<void> {
  const rowBytes = pixels.length / band.heightPx;
  const file = resultInBands(band.channels, build) ? { ...band, topPx: 0 } : { ...band.result, topPx: band.topPx };
  const pixelsStart = HEADER_BYTES + file.topPx * rowBytes;
  const from = openSync(source.path, 'r');
  // Not emptied: other bands may be in it.
  const to = openSync(file.path, constants.O_WRONLY | constants.O_CREAT);
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    readSync(from, header, 0, HEADER_BYTES, 0);
    header.writeUInt32LE(band.widthPx, WIDTH_OFFSET);
    header.writeUInt32LE(file.heightPx, HEIGHT_OFFSET);
    header.writeUInt32LE(band.channels, CHANNELS_OFFSET);
    writeWhole(to, header, 0);
    let done = 0;
    while (done < pixels.length) {
      const { bytesWritten } = await writeAsync(to, pixels, done, pixels.length - done, pixelsStart + done);
      done += bytesWritten;
    }
    if (!band.carriesMetadata) return;
    const start = HEADER_BYTES + spoolPixelBytes(source.format);
    const metadata = Buffer.alloc(fstatSync(from).size - start);
    readSync(from, metadata, 0, metadata.length, start);
    writeWhole(to, metadata, HEADER_BYTES + file.heightPx * rowBytes);
  } finally {
    closeSync(from);
    closeSync(to);
  }
}

/** What cannot be removed now, since a scanner has it open, say, must not make a failure of a result: it is swept later. */
export function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // As above.
  }
}

/** Writes all of it, or throws: on a disk that is nearly full a single write stores a part and says nothing. */
export function writeWhole(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
  }
}

const writeAsync = promisify(write);
