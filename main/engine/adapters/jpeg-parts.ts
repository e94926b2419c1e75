/** The parts of a JPEG on disk: what each strip of a result comes to, and the file that they make up. */
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { success, type Result } from '../errors.ts';
import { spanLength, type Size, type Span } from '../geometry.ts';
import { END_OF_IMAGE, headOf, intervalsOf, joinedScans, type JpegStrips } from '../jpeg-strips.ts';
import type { PhotoInfo, PlaneFormat } from '../ports.ts';
import { sharpBuild } from './sharp-build.ts';
import { encodeBands, encodeRows } from './sharp-codec.ts';
import { removeIfPossible, writeBand, writeWhole, type SpooledSource } from './spool-file.ts';

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
 * Encodes a strip, all of its intervals at once, beside the caller's next inference.
 *
 * The first interval goes through a spool file, as whole results in other formats do: so all that came with the photo
 * takes one road into results.
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
  // All are waited for, whatever one comes to: until then they read the caller's pixels.
  const parts = await Promise.allSettled(
    intervalsOf(rows, jpeg.intervalPx).map(({ start, end }) => {
      const size = { widthPx, heightPx: end - start };
      const own = pixels.subarray((start - rows.start) * rowBytes, (end - rows.start) * rowBytes);
      return start === 0 ? encodeFirst(result, size, own, path) : encodeRows(own, size, plane, jpeg.quality);
    }),
  );
  const jpegs: Uint8Array[] = [];
  for (const part of parts) {
    if (part.status === 'rejected') throw part.reason;
    if (!part.value.ok) return part.value;
    jpegs.push(part.value.value);
  }
  const head = rows.start === 0 ? headOf(jpegs[0]!, result.heightPx, jpeg.intervalPx) : [];
  // Synchronous, because each asynchronous step would wait for the tile that is being inferred.
  writeFileSync(path, Buffer.concat([...head, ...joinedScans(jpegs, rows.start / jpeg.intervalPx)]));
  return success(undefined);
}

async function encodeFirst(
  { info, source, plane, jpeg }: JpegResult,
  size: Size,
  pixels: Uint8Array,
  path: string,
): Promise<Result<Uint8Array>> {
  const [bandPath, jpegPath] = [`${path}.v`, `${path}.jpeg`];
  const band = { ...size, path: bandPath, channels: plane.channels, topPx: 0, carriesMetadata: true };
  try {
    await writeBand(source, { ...band, result: { heightPx: size.heightPx, path: bandPath } }, pixels);
    const output = { ...size, format: 'jpeg', quality: jpeg.quality, path: jpegPath, mayOverwrite: true } as const;
    const encoded = await encodeBands([bandPath], size, plane, info, output, jpegPath);
    return encoded.ok ? success(readFileSync(jpegPath)) : encoded;
  } finally {
    removeIfPossible(bandPath);
    removeIfPossible(jpegPath);
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
