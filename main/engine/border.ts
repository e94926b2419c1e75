import { clamp, clipSpan, reflectIndex, spanLength, type Size, type Span } from './geometry.ts';
import type { BytesPerSample, PlaneChannels } from './ports.ts';

/** What stands outside the image: its mirror, its last pixel, or one colour. */
export type Border = 'reflect' | 'edge' | 'mean';

/** How the pixels outside an image are made. */
export type BorderFill =
  | { readonly kind: 'reflect' | 'edge' }
  /** One pixel, as its bytes stand in memory. */
  | { readonly kind: 'constant'; readonly pixel: Uint8Array };

/**
 * The mean colour of the photos that the models are trained on, R, G, B in 0..1: the border that the dilated-tiling
 * paper fills with. Measured over the 400 training photos.
 */
const MEAN_RGB = [0.4347, 0.4378, 0.3638] as const;

/** A strip of source rows with its border around it, in caller's memory. */
export interface PaddedStrip {
  /** rowCount × stride bytes. */
  readonly bytes: Uint8Array;
  readonly strideBytes: number;
  readonly bytesPerPixel: number;
  /** Image coordinates of what `bytes` holds, border included. */
  readonly rows: Span;
  readonly columns: Span;
}

/** Bytes that a padded strip takes. */
export function paddedStripBytes(rows: Span, columns: Span, bytesPerPixel: number): number {
  return spanLength(rows) * spanLength(columns) * bytesPerPixel;
}

/**
 * Reads the rows of a strip into its memory and fills the border around them.
 *
 * Only rows inside the image are read; a strip's edge inside the image therefore sees its real neighbours and never
 * border fill.
 *
 * @param strip where to; `bytes` must hold `paddedStripBytes` exactly
 * @param image the size of the whole image
 * @param readRows fills a view with consecutive, tightly packed image rows
 */
export function fillStrip(
  strip: PaddedStrip,
  image: Size,
  fill: BorderFill,
  readRows: (rows: Span, into: Uint8Array) => void,
): void {
  const inside = clipSpan(strip.rows, image.heightPx);
  spreadRows(strip, image, inside, readRows);
  for (let y = inside.start; y < inside.end; y += 1) padColumns(strip, image, y, fill);
  for (let y = strip.rows.start; y < strip.rows.end; y += 1) {
    if (y < inside.start || y >= inside.end) padRow(strip, image, y, fill);
  }
}

/**
 * Reads tight rows into the end of the strip's memory in one go, then moves each forward to its padded place. A row's
 * place never reaches past the start of the rows that still wait, because each of those leaves one border's room.
 */
function spreadRows(
  strip: PaddedStrip,
  image: Size,
  inside: Span,
  readRows: (rows: Span, into: Uint8Array) => void,
): void {
  const { bytes, strideBytes, bytesPerPixel } = strip;
  const rowBytes = image.widthPx * bytesPerPixel;
  const leftBytes = -strip.columns.start * bytesPerPixel;
  const firstRow = inside.start - strip.rows.start;
  const lastByte = (firstRow + spanLength(inside)) * strideBytes;
  const packedStart = lastByte - spanLength(inside) * rowBytes;
  readRows(inside, bytes.subarray(packedStart, lastByte));
  for (let row = 0; row < spanLength(inside); row += 1) {
    const from = packedStart + row * rowBytes;
    bytes.copyWithin((firstRow + row) * strideBytes + leftBytes, from, from + rowBytes);
  }
}

function padColumns(strip: PaddedStrip, image: Size, y: number, fill: BorderFill): void {
  const { bytes, bytesPerPixel, columns } = strip;
  const rowStart = (y - strip.rows.start) * strip.strideBytes;
  const fillPixel = (x: number): void => {
    const to = rowStart + (x - columns.start) * bytesPerPixel;
    if (fill.kind === 'constant') {
      bytes.set(fill.pixel, to);
      return;
    }
    const from = rowStart + (sourceIndex(x, image.widthPx, fill.kind) - columns.start) * bytesPerPixel;
    bytes.copyWithin(to, from, from + bytesPerPixel);
  };
  for (let x = columns.start; x < 0; x += 1) fillPixel(x);
  for (let x = image.widthPx; x < columns.end; x += 1) fillPixel(x);
}

function padRow(strip: PaddedStrip, image: Size, y: number, fill: BorderFill): void {
  const { bytes, strideBytes } = strip;
  const to = (y - strip.rows.start) * strideBytes;
  if (fill.kind === 'constant') {
    const pixels = bytes.subarray(to, to + strideBytes);
    for (let at = 0; at < strideBytes; at += fill.pixel.length) pixels.set(fill.pixel, at);
    return;
  }
  const from = (sourceIndex(y, image.heightPx, fill.kind) - strip.rows.start) * strideBytes;
  bytes.copyWithin(to, from, from + strideBytes);
}

function sourceIndex(index: number, length: number, kind: 'reflect' | 'edge'): number {
  return kind === 'reflect' ? reflectIndex(index, length) : clamp(index, 0, length - 1);
}

/**
 * One pixel of the training photos' mean colour (grey and alpha planes: its BT.601 luma).
 *
 * @param bytesPerSample 2 writes 16-bit samples in the machine's byte order
 */
export function meanPixel(channels: PlaneChannels, bytesPerSample: BytesPerSample): Uint8Array {
  const [red, green, blue] = MEAN_RGB;
  const colour = channels === 3 ? MEAN_RGB : [0.299 * red + 0.587 * green + 0.114 * blue];
  if (bytesPerSample === 1) return Uint8Array.from(colour, (value) => Math.round(value * 255));
  return new Uint8Array(Uint16Array.from(colour, (value) => Math.round(value * 65535)).buffer);
}
