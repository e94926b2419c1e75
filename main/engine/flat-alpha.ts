import type { PaddedStrip } from './border.ts';
import { clamp, clipSpan, type Span } from './geometry.ts';
import type { Plan } from './plan.ts';
import type { BytesPerSample } from './ports.ts';
import type { OutputStrip } from './tiles.ts';

/** What three source pixels above each other are. */
const kinds = { mixed: 0, clear: 1, opaque: 2 } as const;

/**
 * Makes areas of a strip's alpha that are wholly clear or wholly opaque just that in the result: a network gives a few
 * steps of 255 more or less there (S ×4 in int8 up to 9), and a picture would no longer end where it ended. A source
 * pixel's part of the result is set where all of the 3 × 3 source pixels around it are of the same extreme; edges are the
 * network's. What lies outside the image, or outside a strip that came without a halo, does not count.
 *
 * @param source the alpha plane of the strip, whose border is not looked at
 * @param output the same strip's result, all of it inferred
 */
export function keepFlatAlpha(
  { image: { heightPx, widthPx }, scale }: Plan,
  source: PaddedStrip,
  output: OutputStrip,
  bytesPerSample: BytesPerSample,
): void {
  const largest = bytesPerSample === 1 ? 255 : 65535;
  const known = clipSpan(source.rows, heightPx);
  const columns = new Uint8Array(widthPx);
  for (let y = output.rows.start; y < output.rows.end; y += 1) {
    const around = [y - 1, y, y + 1].map((row) => rowOf(source, clamp(row, known.start, known.end - 1), widthPx));
    classify(around as [Samples, Samples, Samples], largest, columns);
    const top = (y - output.rows.start) * scale;
    for (const { start, end, kind } of insideRuns(columns)) {
      for (let row = top; row < top + scale; row += 1) {
        const rowStart = row * widthPx * scale;
        fill(output, rowStart + start * scale, rowStart + end * scale, kind === kinds.opaque ? 255 : 0);
      }
    }
  }
}

/** Tells of each column of three rows what it is. */
function classify([above, own, below]: [Samples, Samples, Samples], largest: number, into: Uint8Array): void {
  for (let x = 0; x < into.length; x += 1) {
    const value = own[x]!;
    const isFlat = (value === 0 || value === largest) && above[x] === value && below[x] === value;
    into[x] = !isFlat ? kinds.mixed : value === 0 ? kinds.clear : kinds.opaque;
  }
}

/** Runs of columns of one extreme, without those that have a neighbour of another kind. */
function* insideRuns(columns: Uint8Array): Generator<Span & { readonly kind: number }> {
  let start = 0;
  for (let x = 1; x <= columns.length; x += 1) {
    const kind = columns[start]!;
    if (x < columns.length && columns[x] === kind) continue;
    const inside = { start: start === 0 ? 0 : start + 1, end: x === columns.length ? x : x - 1 };
    if (kind !== kinds.mixed && inside.end > inside.start) yield { ...inside, kind };
    start = x;
  }
}

type Samples = Uint8Array | Uint16Array;

/** The samples of one row inside the image. */
function rowOf(source: PaddedStrip, y: number, widthPx: number): Samples {
  const { bytes, strideBytes, bytesPerPixel, rows, columns } = source;
  const from = (y - rows.start) * strideBytes - columns.start * bytesPerPixel;
  return bytesPerPixel === 1
    ? bytes.subarray(from, from + widthPx)
    : new Uint16Array(bytes.buffer, bytes.byteOffset + from, widthPx);
}

/** Sets result pixels `from` up to `to`; both extremes are one byte repeated, in 8 bits and in 16. */
function fill(
  { bytes, bytesPerPixel, pixelStrideBytes, offsetBytes }: OutputStrip,
  from: number,
  to: number,
  byte: number,
): void {
  const end = to * pixelStrideBytes + offsetBytes;
  for (let at = from * pixelStrideBytes + offsetBytes; at < end; at += pixelStrideBytes) {
    bytes[at] = byte;
    if (bytesPerPixel === 2) bytes[at + 1] = byte;
  }
}
