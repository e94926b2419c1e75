/**
 * One JPEG made of several: rows of a picture are encoded as they come, each run of rows as a JPEG of its own, and their
 * scans are joined at restart markers. Pixels are those of a picture encoded as a whole.
 *
 * That rests on ITU-T T.81: at a restart marker the entropy coder begins anew (F.1.1.5, F.2.1.3.1), no block crosses it,
 * and blocks know nothing of their neighbours but for the DC prediction, which it resets. So a run may be encoded apart
 * where it begins at a multiple of `BLOCK_ROWS_PX` and its Huffman tables are the standard's, the same for all.
 */
import { viewOf } from './bytes.ts';
import { EXIF_NAME, setPixelHeight } from './exif.ts';
import { clipSpan, type Size, type Span } from './geometry.ts';
import type { OutputFormat, PlaneChannels } from './ports.ts';
import type { Tiling } from './plan.ts';

/** Rows of a result that share blocks: two of 8 px where colour has half the rows. */
const BLOCK_ROWS_PX = 16;

/** What a restart interval may hold, in minimum coded units; the file has 16 bits for it. */
const MOST_UNITS = 65_535;

/** Pixels of an interval at most. */
export const MOST_INTERVAL_PIXELS = MOST_UNITS * BLOCK_ROWS_PX ** 2;

/** What a JPEG takes at most, in bytes a pixel: a picture of noise alone took 1.18 at quality 95 and 1.99 at 100. */
export function mostJpegBytesPerPixel(quality: number): number {
  return quality <= 95 ? 1.25 : 2;
}

/** How the result of a photo comes to be one JPEG. */
export interface JpegStrips {
  /** 1…100. */
  readonly quality: number;
  /** Rows of the result from one restart marker to the next. */
  readonly intervalPx: number;
}

/** What decides whether a photo's strips can be encoded one by one. */
export interface ResultFormat {
  readonly format: OutputFormat;
  readonly output: Size;
  /** The upright source. */
  readonly image: Size;
  readonly scale: number;
  readonly tiling: Tiling;
}

/** Whether the strips of a result can be encoded one by one: a JPEG of the model's own size, from exact tiles. */
export function encodesInStrips({ format, output, image, scale, tiling }: ResultFormat): boolean {
  const isOwnSize = output.widthPx === image.widthPx * scale && output.heightPx === image.heightPx * scale;
  return format === 'jpeg' && isOwnSize && tiling === 'dilated';
}

/** Blocks one above the other that a restart interval can hold, of a result so wide. */
function mostBlocksOf(widthPx: number, channels: PlaneChannels): number {
  const sidePx = unitSidePx(channels);
  return Math.floor((Math.floor(MOST_UNITS / Math.ceil(widthPx / sidePx)) * sidePx) / BLOCK_ROWS_PX);
}

/**
 * Source rows that strips must be a multiple of, so that no block of the result lies in two of them, and that a strip is
 * a few equal intervals.
 *
 * @param widthPx of the source
 * @param windowPx source rows of a strip at most
 */
export function rowUnitFor(widthPx: number, scale: number, channels: PlaneChannels, windowPx: number): number {
  const intervals = Math.ceil(Math.ceil((windowPx * scale) / BLOCK_ROWS_PX) / mostBlocksOf(widthPx * scale, channels));
  let unit = 1;
  while ((unit * scale) % BLOCK_ROWS_PX !== 0) unit += 1;
  return unit * intervals;
}

/**
 * Rows from one restart marker to the next: as many as a restart interval can count, and a divisor of the strips' height.
 *
 * @param widthPx of the result
 * @param strips the rows of the result that each strip stands for
 * @returns undefined where a strip but the last is no multiple of `BLOCK_ROWS_PX`
 */
export function intervalOf(widthPx: number, channels: PlaneChannels, strips: readonly Span[]): number | undefined {
  const [first, ...others] = strips;
  if (first === undefined) return undefined;
  const mostBlocks = mostBlocksOf(widthPx, channels);
  const blocks = others.length === 0 ? Math.ceil(first.end / BLOCK_ROWS_PX) : first.end / BLOCK_ROWS_PX;
  for (let parts = 1; parts <= blocks; parts += 1) {
    const isWhole = Number.isInteger(blocks / parts) || others.length === 0;
    const each = Math.ceil(blocks / parts);
    if (isWhole && each <= mostBlocks) return each * BLOCK_ROWS_PX;
  }
  return undefined;
}

/** The intervals of a strip, in rows of the result. */
export function intervalsOf(rows: Span, intervalPx: number): readonly Span[] {
  const count = Math.ceil((rows.end - rows.start) / intervalPx);
  return Array.from({ length: count }, (_, index) => {
    const start = rows.start + index * intervalPx;
    return clipSpan({ start, end: start + intervalPx }, rows.end);
  });
}

/** Side of a minimum coded unit: one block of a picture that has luma alone, four of one with colour at half its size. */
function unitSidePx(channels: PlaneChannels): number {
  return channels === 1 ? 8 : BLOCK_ROWS_PX;
}

const MARKER = { start: 0xd8, restart: 0xd0, end: 0xd9, scan: 0xda, restartInterval: 0xdd, exif: 0xe1 } as const;
/** The frames that one scan can hold: baseline, and extended sequential. */
const FRAMES: readonly number[] = [0xc0, 0xc1];

/** The last bytes of a JPEG. */
export const END_OF_IMAGE: Uint8Array = Uint8Array.of(0xff, MARKER.end);

interface Segment {
  readonly marker: number;
  /** Of the marker itself, and behind the segment. */
  readonly span: Span;
}

/** The segments of a JPEG up to its first scan's data; throws where this is none. */
function segmentsOf(jpeg: Uint8Array): readonly Segment[] {
  const view = viewOf(jpeg);
  const segments: Segment[] = [];
  let at = 2;
  if (jpeg[0] !== 0xff || jpeg[1] !== MARKER.start) throw new Error('Expected a JPEG.');
  while (segments.at(-1)?.marker !== MARKER.scan) {
    if (at + 4 > jpeg.length || jpeg[at] !== 0xff) throw new Error(`Expected a marker of the JPEG at byte ${at}.`);
    const span = { start: at, end: at + 2 + view.getUint16(at + 2) };
    segments.push({ marker: jpeg[at + 1]!, span });
    at = span.end;
  }
  return segments;
}

/** The entropy-coded data of a JPEG of one scan. */
function scanOf(jpeg: Uint8Array): Uint8Array {
  const { end } = segmentsOf(jpeg).at(-1)!.span;
  if (jpeg.at(-2) !== 0xff || jpeg.at(-1) !== MARKER.end) throw new Error('Expected the end of the JPEG.');
  return jpeg.subarray(end, -2);
}

/**
 * What stands before the first scan's data of the whole: the first part's own, with the whole's height in it and in its
 * EXIF, and with the restart interval.
 *
 * @param first a JPEG of its first rows, which carries what came with the photo
 */
export function headOf(first: Uint8Array, heightPx: number, intervalPx: number): Uint8Array[] {
  const segments = segmentsOf(first);
  const head = first.slice(0, segments.at(-1)!.span.end);
  const view = viewOf(head);
  const frame = segments.find(({ marker }) => FRAMES.includes(marker));
  if (frame === undefined) throw new Error('Expected a JPEG of one scan.');
  // Marker, length, bits a sample; then height, width, and how many components there are.
  const at = frame.span.start + 5;
  const widthPx = view.getUint16(at + 2);
  const sidePx = unitSidePx(head[at + 4] === 1 ? 1 : 3);
  view.setUint16(at, heightPx);
  const exif = segments.find(({ marker, span }) => marker === MARKER.exif && isExif(head, span));
  if (exif !== undefined) setPixelHeight(head.subarray(exif.span.start + 10, exif.span.end), heightPx);
  const units = Math.ceil(widthPx / sidePx) * Math.ceil(intervalPx / sidePx);
  const interval = Uint8Array.of(0xff, MARKER.restartInterval, 0, 4, units >> 8, units & 0xff);
  const scanStart = segments.at(-1)!.span.start;
  return [head.subarray(0, scanStart), interval, head.subarray(scanStart)];
}

/**
 * The scans of consecutive intervals, each but the picture's first behind its restart marker.
 *
 * @param jpegs one an interval
 * @param firstIndex which interval of the picture the first of them is
 */
export function joinedScans(jpegs: readonly Uint8Array[], firstIndex: number): Uint8Array[] {
  return jpegs.flatMap((jpeg, index) => {
    const interval = firstIndex + index;
    const scan = scanOf(jpeg);
    // Restart markers count from 0 to 7 and around, so that a decoder can tell when one is missing.
    return interval === 0 ? [scan] : [Uint8Array.of(0xff, MARKER.restart + ((interval - 1) % 8)), scan];
  });
}

function isExif(jpeg: Uint8Array, { start }: Span): boolean {
  return EXIF_NAME.every((byte, index) => jpeg[start + 4 + index] === byte);
}
