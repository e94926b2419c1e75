/**
 * Spool files: uncompressed pictures on disk, whose rows any worker reads and writes at their place.
 *
 * They are libvips' own format: a 64-byte header, tight rows of interleaved samples, then the metadata (EXIF, ICC, XMP,
 * IPTC) as XML. libvips writes the source's spool; a result's spool borrows header and metadata from it, so that the
 * final encode finds everything that came with the photo, untouched.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, write, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Size, Span } from '../geometry.ts';

const HEADER_BYTES = 64;
const WIDTH_OFFSET = 4;
const HEIGHT_OFFSET = 8;

/** What is known of a spool file's pixels. */
export interface SpoolFormat extends Size {
  readonly bytesPerPixel: number;
}

/** Bytes of the pixels of a spool file. */
export function spoolPixelBytes({ widthPx, heightPx, bytesPerPixel }: SpoolFormat): number {
  return widthPx * heightPx * bytesPerPixel;
}

/** A spool file's rows, read synchronously: the reader is the inference loop, which waits for them anyway. */
export class SpoolReader implements Disposable {
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

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}

/**
 * Creates the spool file of a result: the source's header with the result's size, and room for all rows.
 *
 * Small reads and writes are synchronous here: each asynchronous step would wait for the tile that is being inferred.
 *
 * @param sourcePath the source's spool file
 */
export function createResultSpool(sourcePath: string, resultPath: string, result: SpoolFormat): void {
  using source = openFile(sourcePath, 'r');
  using target = openFile(resultPath, 'w');
  const header = Buffer.alloc(HEADER_BYTES);
  readSync(source.descriptor, header, 0, HEADER_BYTES, 0);
  header.writeUInt32LE(result.widthPx, WIDTH_OFFSET);
  header.writeUInt32LE(result.heightPx, HEIGHT_OFFSET);
  writeSync(target.descriptor, header, 0, HEADER_BYTES, 0);
  ftruncateSync(target.descriptor, HEADER_BYTES + spoolPixelBytes(result));
}

/**
 * Writes rows to their place in a result's spool file, beside the caller's next inference.
 *
 * @param firstRow the row of the result that `bytes` begins with
 */
export async function writeSpoolRows(
  path: string,
  format: SpoolFormat,
  firstRow: number,
  bytes: Uint8Array,
): Promise<void> {
  using target = openFile(path, 'r+');
  const position = HEADER_BYTES + firstRow * format.widthPx * format.bytesPerPixel;
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await writeAsync(target.descriptor, bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Ends a result's spool file with the metadata that came with the source. Repeating it is harmless. */
export function copySpoolMetadata(
  source: { readonly path: string; readonly format: SpoolFormat },
  result: { readonly path: string; readonly format: SpoolFormat },
): void {
  using from = openFile(source.path, 'r');
  using to = openFile(result.path, 'r+');
  const start = HEADER_BYTES + spoolPixelBytes(source.format);
  const metadata = Buffer.alloc(fstatSync(from.descriptor).size - start);
  readSync(from.descriptor, metadata, 0, metadata.length, start);
  writeSync(to.descriptor, metadata, 0, metadata.length, HEADER_BYTES + spoolPixelBytes(result.format));
}

const writeAsync = promisify(write);

function openFile(path: string, flags: string): Disposable & { readonly descriptor: number } {
  const descriptor = openSync(path, flags);
  return {
    descriptor,
    [Symbol.dispose]: () => {
      closeSync(descriptor);
    },
  };
}
