import type { PaddedStrip } from './border.ts';
import { spanLength, type Span } from './geometry.ts';
import type { Plan, Strip, TileSpan } from './plan.ts';

/** One plane of a strip's result while it is put together, in caller's memory: tight rows of interleaved planes. */
export interface OutputStrip {
  /** The result of all planes. */
  readonly bytes: Uint8Array;
  /** Of this plane. */
  readonly bytesPerPixel: number;
  /** From one pixel to the next: the bytes of all planes. */
  readonly pixelStrideBytes: number;
  /** Where in a pixel this plane begins. */
  readonly offsetBytes: number;
  /** Which source rows it stands for. */
  readonly rows: Span;
}

/** Takes the tiles of one strip, in any order. */
export interface TileSink {
  /** @param tile the model's whole output for the tile at `row`, `column` */
  add(tile: Uint8Array, row: TileSpan, column: TileSpan): void;
  /** Completes the strip once every tile is in. */
  finish(): void;
}

/** Bytes of the result of a strip. */
export function outputStripBytes(plan: Plan, strip: Strip, bytesPerPixel: number): number {
  return spanLength(strip.rows) * plan.image.widthPx * plan.scale ** 2 * bytesPerPixel;
}

/** Copies the window of one tile, halo included, out of a padded strip into the model's input. */
export function gatherTile(plan: Plan, strip: PaddedStrip, row: TileSpan, column: TileSpan, input: Uint8Array): void {
  const rowBytes = plan.tile.widthPx * strip.bytesPerPixel;
  const left = (column.start - plan.haloPx - strip.columns.start) * strip.bytesPerPixel;
  const top = row.start - plan.haloPx - strip.rows.start;
  for (let y = 0; y < plan.tile.heightPx; y += 1) {
    const from = (top + y) * strip.strideBytes + left;
    input.set(strip.bytes.subarray(from, from + rowBytes), y * rowBytes);
  }
}

/** Where the kept part of a tile lies in the model's output and in the strip, in result pixels. */
interface Kept {
  readonly heightPx: number;
  readonly widthPx: number;
  readonly tileX: number;
  readonly tileY: number;
  readonly stripX: number;
  readonly stripY: number;
}

/** Source pixels on each side of the model's output that are halo and not yet consumed by the graph. */
function keptPart(plan: Plan, spareHaloPx: number, strip: OutputStrip, row: TileSpan, column: TileSpan): Kept {
  const { scale } = plan;
  const top = Math.max(row.keep.start, strip.rows.start);
  const bottom = Math.min(row.keep.end, strip.rows.end);
  return {
    heightPx: (bottom - top) * scale,
    widthPx: spanLength(column.keep) * scale,
    tileX: (column.keep.start - column.start + spareHaloPx) * scale,
    tileY: (top - row.start + spareHaloPx) * scale,
    stripX: column.keep.start * scale,
    stripY: (top - strip.rows.start) * scale,
  };
}

/**
 * A sink that keeps each tile's own part and drops the rest.
 *
 * @param marginPx what the graph consumes of the halo itself; the remaining halo is cut off here
 */
export function keepInterior(plan: Plan, marginPx: number, strip: OutputStrip): TileSink {
  const spareHaloPx = plan.haloPx - marginPx;
  const { bytes, bytesPerPixel, pixelStrideBytes, offsetBytes } = strip;
  const tileStride = (plan.interior.widthPx + 2 * spareHaloPx) * plan.scale * bytesPerPixel;
  const stripStride = plan.image.widthPx * plan.scale * pixelStrideBytes;
  const copyRow = pixelStrideBytes === bytesPerPixel ? copyTight : copyStrided;
  return {
    add: (tile, row, column) => {
      const kept = keptPart(plan, spareHaloPx, strip, row, column);
      let from = kept.tileY * tileStride + kept.tileX * bytesPerPixel;
      let to = kept.stripY * stripStride + kept.stripX * pixelStrideBytes + offsetBytes;
      for (let y = 0; y < kept.heightPx; y += 1, from += tileStride, to += stripStride) {
        copyRow(tile.subarray(from, from + kept.widthPx * bytesPerPixel), bytes, to, bytesPerPixel, pixelStrideBytes);
      }
    },
    finish: () => undefined,
  };
}

function copyTight(from: Uint8Array, to: Uint8Array, offset: number): void {
  to.set(from, offset);
}

/** Colour and alpha are inferred apart and stand side by side in the result. */
function copyStrided(from: Uint8Array, to: Uint8Array, offset: number, pixelBytes: number, strideBytes: number): void {
  for (let at = 0, place = offset; at < from.length; at += pixelBytes, place += strideBytes) {
    for (let byte = 0; byte < pixelBytes; byte += 1) to[place + byte] = from[at + byte]!;
  }
}

/**
 * A sink that averages overlapping tiles, every tile with equal weight. Its sums live outside the arena: this is the
 * baseline of the benchmark, not a road that photos take by default.
 *
 * @param bytesPerSample 1 or 2; 16-bit samples stand in the machine's byte order
 */
export function averageOverlaps(plan: Plan, strip: OutputStrip, bytesPerSample: number): TileSink {
  const channels = strip.bytesPerPixel / bytesPerSample;
  const samples = (bytes: Uint8Array): Uint8Array | Uint16Array =>
    bytesPerSample === 1 ? bytes : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const output = samples(strip.bytes);
  const strideSamples = strip.pixelStrideBytes / bytesPerSample;
  const offsetSamples = strip.offsetBytes / bytesPerSample;
  const counts = new Uint16Array(output.length / strideSamples);
  const sums = new Uint32Array(counts.length * channels);
  const tileWidth = plan.interior.widthPx * plan.scale;
  const stripWidth = plan.image.widthPx * plan.scale;
  return {
    add: (tileBytes, row, column) => {
      const tile = samples(tileBytes);
      const kept = keptPart(plan, 0, strip, row, column);
      for (let y = 0; y < kept.heightPx; y += 1) {
        const from = (kept.tileY + y) * tileWidth + kept.tileX;
        const to = (kept.stripY + y) * stripWidth + kept.stripX;
        for (let x = 0; x < kept.widthPx; x += 1) {
          counts[to + x]! += 1;
          for (let c = 0; c < channels; c += 1) sums[(to + x) * channels + c]! += tile[(from + x) * channels + c]!;
        }
      }
    },
    finish: () => {
      for (let at = 0; at < sums.length; at += 1) {
        const pixel = Math.floor(at / channels);
        output[pixel * strideSamples + offsetSamples + (at % channels)] = Math.round(sums[at]! / counts[pixel]!);
      }
    },
  };
}
