/** The parts of a JPEG on disk: what each strip of a result comes to, and the file that they make up. */
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { success, type Result } from '../errors.ts';
import { spanLength, type Size, type Span } from '../geometry.ts';
import { END_OF_IMAGE, headOf, intervalsOf, joinedScans, type JpegStrips } from '../jpeg-strips.ts';
import type { PhotoInfo, PlaneFormat } from '../ports.ts';
import { sharpBuild } from './sharp-build.ts';
import { encodeBands, encodeRows } from './sharp-codec.ts';
import { removeIfPossible, resultInBands, writeBand, writeWhole, type SpooledSource } from './spool-file.ts';

/** Whether this process's codec takes rows from memory: the WebAssembly one would have to be sent every pixel. */
export const takesRows = sharpBuild === 'native';

/** The result that parts are of. */
export interface JpegResult extends Size {
  readonly jpeg: JpegStrips;
  /** The photo's header, and the spool of its colour plane, which carries what came with it. */
  readonly info: PhotoInfo;
  readonly source: SpooledSource;
  readonly plane: PlaneFormat;
}

/**
 * Encodes a strip beside the caller's next inference.
 *
 * Rows are encoded from memory, but for those of a very wide result: of a picture in memory libvips holds many more lines
 * than of one in a file. The head of the whole is made of its first rows by way of spool files, as whole results in other
 * formats are: so all that came with the photo takes one road into results.
 *
 * @param rows the rows of the result that this is
 * @param pixels tight rows of interleaved samples; they must stay as they are until this is through
 * @param path where the part goes; what stands there is replaced
 * @returns what the encoder fails with; throws what the file system refuses
 */
export async function writeJpegPart(
  result: JpegResult,
  rows: Span,
  pixels: Uint8Array,
  path: string,
): Promise<Result<void>> {
  const { widthPx, jpeg, plane } = result;
  const rowBytes = pixels.length / spanLength(rows);
  const fromMemory = rowBytes * LINES_HELD <= MOST_HELD_BYTES;
  const jpegs: Uint8Array[] = [];
  // One after the other, for the sake of memory too.
  for (const { start, end } of intervalsOf(rows, jpeg.intervalPx)) {
    const size = { widthPx, heightPx: end - start };
    const own = pixels.subarray((start - rows.start) * rowBytes, (end - rows.start) * rowBytes);
    const encoded = await (fromMemory
      ? encodeRows(own, size, plane, jpeg.quality)
      : encodeFromFiles(result, size, own, path, false));
    if (!encoded.ok) return encoded;
    jpegs.push(encoded.value);
  }
  const head = rows.start === 0 ? await encodeHead(result, rows, pixels, path) : success([]);
  if (!head.ok) return head;
  // Synchronous, because each asynchronous step would wait for the tile that is being inferred.
  writeFileSync(path, Buffer.concat([...head.value, ...joinedScans(jpegs, rows.start / jpeg.intervalPx)]));
  return success(undefined);
}

/** Lines of a picture in memory that libvips holds twice while it encodes it. */
const LINES_HELD = 256;
/** What those may take. */
const MOST_HELD_BYTES = 12 * 1024 ** 2;

/** What stands before the scans of the whole, of which the first rows are at hand. */
async function encodeHead(
  result: JpegResult,
  rows: Span,
  pixels: Uint8Array,
  path: string,
): Promise<Result<Uint8Array[]>> {
  const heightPx = Math.min(HEAD_ROWS_PX, spanLength(rows));
  const first = pixels.subarray(0, (pixels.length / spanLength(rows)) * heightPx);
  const encoded = await encodeFromFiles(result, { widthPx: result.widthPx, heightPx }, first, path, true);
  return encoded.ok ? success(headOf(encoded.value, result.heightPx, result.jpeg.intervalPx)) : encoded;
}

/** Rows that the head is made of: the fewest that are whole blocks, since their own scan is thrown away. */
const HEAD_ROWS_PX = 16;

/**
 * By way of spool files: two or three, since libvips holds far fewer lines of pictures that it joins.
 *
 * @param carriesMetadata whether what came with the photo goes into it
 */
async function encodeFromFiles(
  { info, source, plane, jpeg }: JpegResult,
  size: Size,
  pixels: Uint8Array,
  path: string,
  carriesMetadata: boolean,
): Promise<Result<Uint8Array>> {
  const { widthPx, heightPx } = size;
  const count = resultInBands(plane.channels) ? ([2, 3].find((parts) => heightPx % parts === 0) ?? 1) : 1;
  const bandPaths = Array.from({ length: count }, (_, index) => `${path}-${index}.v`);
  const jpegPath = `${path}.jpeg`;
  const rows = heightPx / count;
  const own = { widthPx, heightPx: rows, channels: plane.channels, result: { heightPx: rows, path: bandPaths[0]! } };
  const bytes = pixels.length / count;
  try {
    for (const [index, bandPath] of bandPaths.entries()) {
      const band = { ...own, path: bandPath, topPx: index * rows, carriesMetadata: carriesMetadata && index === 0 };
      await writeBand(source, band, pixels.subarray(index * bytes, (index + 1) * bytes));
    }
    const output = { ...size, format: 'jpeg', quality: jpeg.quality, path: jpegPath, mayOverwrite: true } as const;
    const encoded = await encodeBands(bandPaths, size, plane, info, output, jpegPath);
    return encoded.ok ? success(readFileSync(jpegPath)) : encoded;
  } finally {
    for (const used of [...bandPaths, jpegPath]) removeIfPossible(used);
  }
}

/** Some milliseconds of work, and memory that no worker feels. */
const STEP_BYTES = 8 * 1024 ** 2;

/** Puts all parts of a JPEG into one file; throws what the file system refuses. Synchronous, as writing a part is. */
export function joinJpegParts(parts: readonly string[], path: string): void {
  const step = Buffer.allocUnsafe(STEP_BYTES);
  const to = openSync(path, 'w');
  let position = 0;
  const append = (bytes: Uint8Array): void => {
    writeWhole(to, bytes, position);
    position += bytes.length;
  };
  try {
    for (const part of parts) {
      const from = openSync(part, 'r');
      try {
        for (;;) {
          const read = readSync(from, step);
          if (read === 0) break;
          append(step.subarray(0, read));
        }
      } finally {
        closeSync(from);
      }
    }
    append(END_OF_IMAGE);
  } finally {
    closeSync(to);
  }
}
