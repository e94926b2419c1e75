import type { PaddedStrip } from './border.ts';
import { clamp, clipSpan } from './geometry.ts';
import type { Plan } from './plan.ts';
import type { BytesPerSample } from './ports.ts';
import type { OutputStrip } from './tiles.ts';

/** What a column of three source pixels is, or three such columns. */
const MIXED = 0;
const CLEAR = 1;
const OPAQUE = 2;

/**
 * Makes areas of a strip's alpha that are wholly clear or wholly opaque just that in the result: a network gives a few
 * steps of 255 more or less there (S ×4 in int8 up to 4), and a picture would no longer end where it ended. A source
 * pixel's part of the result is set where all of the 3 × 3 source pixels around it are of the same extreme; edges are the
 * network's.
 *
 * @param source the alpha plane of the strip, whose border is not looked at
 * @param output the same strip's result, all of it inferred
 */
export function keepFlatAlpha(
  { image, scale }: Plan,
  source: PaddedStrip,
  output: OutputStrip,
  bytesPerSample: BytesPerSample,
): void {
  const largest = bytesPerSample === 1 ? 255 : 65535;
  const known = clipSpan(source.rows, image.heightPx);
  const columns = new Uint8Array(image.widthPx);
  for (let y = output.rows.start; y < output.rows.end; y += 1) {
    const rows = [-1, 0, 1].map((dy) => rowOf(source, clamp(y + dy, known.start, known.end - 1), image.widthPx));
    for (let x = 0; x < columns.length; x += 1) columns[x] = kindOf(rows, x, largest);
    const place = (y - output.rows.start) * scale;
    for (let x = 0; x < columns.length; x += 1) {
      const kind = columns[x]!;
      if (kind === MIXED || (columns[x - 1] ?? kind) !== kind || (columns[x + 1] ?? kind) !== kind) continue;
      setBlock(output, image.widthPx * scale, { x: x * scale, y: place, side: scale }, kind === OPAQUE ? 255 : 0);
    }
  }
}

/** The samples of one row inside the image. */
function rowOf(source: PaddedStrip, y: number, widthPx: number): Uint8Array | Uint16Array {
  const { bytes, strideBytes, bytesPerPixel, rows, columns } = source;
  const from = (y - rows.start) * strideBytes - columns.start * bytesPerPixel;
  return bytesPerPixel === 1
    ? bytes.subarray(from, from + widthPx)
    : new Uint16Array(bytes.buffer, bytes.byteOffset + from, widthPx);
}

function kindOf(rows: readonly (Uint8Array | Uint16Array)[], x: number, largest: number): number {
  const value = rows[1]![x]!;
  if (rows[0]![x] !== value || rows[2]![x] !== value) return MIXED;
  return value === 0 ? CLEAR : value === largest ? OPAQUE : MIXED;
}

/** Fills a square of the result; both extremes are one byte repeated, in 8 bits and in 16. */
function setBlock(
  { bytes, bytesPerPixel, pixelStrideBytes, offsetBytes }: OutputStrip,
  widthPx: number,
  { x, y, side }: { readonly x: number; readonly y: number; readonly side: number },
  byte: number,
): void {
  for (let row = y; row < y + side; row += 1) {
    for (let column = x; column < x + side; column += 1) {
      const at = (row * widthPx + column) * pixelStrideBytes + offsetBytes;
      for (let offset = 0; offset < bytesPerPixel; offset += 1) bytes[at + offset] = byte;
    }
  }
}
