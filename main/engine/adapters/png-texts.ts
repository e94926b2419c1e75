/**
 * Texts of PNG files (tEXt, zTXt, iTXt; PNG 3rd edition, 11.3.3), in which programs note titles, authors and how a
 * picture was made. They are copied as they stand: libvips cuts keywords, exchanges alphabets, and does not return from
 * some.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { writeWhole } from './spool-file.ts';

const SIGNATURE_BYTES = 8;
/** Where the first chunk, the header, ends. */
const HEADER_END = 33;
/** Length and type in front of the data, a checksum behind it. */
const FRAME_BYTES = 12;
const TEXTS: ReadonlySet<string> = new Set(['tEXt', 'zTXt', 'iTXt']);
/** What stands here comes through in ways of its own, or is no longer true of the result. */
const LEFT_OUT = /^(XML:com\.adobe\.xmp|Raw profile type (exif|APP1|icc|icm|xmp))$/iu;
/** More than any program writes; a damaged length must not ask for gigabytes. */
const MOST_BYTES = 16 * 1024 ** 2;

/** The chunks of all texts of a PNG, one behind the other. Throws what the file system refuses. */
export function readPngTexts(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const read = (at: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, at));
    };
    const found: Buffer[] = [];
    let bytesLeft = MOST_BYTES;
    for (let at = SIGNATURE_BYTES; at + FRAME_BYTES <= size;) {
      const head = read(at, 8);
      const length = head.readUInt32BE(0) + FRAME_BYTES;
      const type = head.toString('latin1', 4);
      if (type === 'IEND' || at + length > size) break;
      if (TEXTS.has(type) && length <= bytesLeft) {
        const chunk = read(at, length);
        if (!LEFT_OUT.test(keywordOf(chunk))) found.push(chunk);
        bytesLeft -= length;
      }
      at += length;
    }
    return Buffer.concat(found);
  } finally {
    closeSync(file);
  }
}

function keywordOf(chunk: Buffer): string {
  return chunk.toString('latin1', 8, chunk.indexOf(0, 8));
}

/** Some milliseconds of work, and memory that no worker feels. */
const STEP_BYTES = 8 * 1024 ** 2;

/** Puts chunks behind the header of a PNG, where every program looks for them. Throws what the file system refuses. */
export function addPngTexts(path: string, chunks: Uint8Array): void {
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    ftruncateSync(file, size + chunks.length);
    const step = Buffer.allocUnsafe(STEP_BYTES);
    // From the end on, so that nothing is written over before it is moved.
    for (let end = size; end > HEADER_END;) {
      const start = Math.max(HEADER_END, end - step.length);
      const part = step.subarray(0, end - start);
      if (readSync(file, part, 0, part.length, start) !== part.length) throw new Error('A PNG ended early.');
      writeWhole(file, part, start + chunks.length);
      end = start;
    }
    writeWhole(file, chunks, HEADER_END);
  } finally {
    closeSync(file);
  }
}
