import { failure, success, type Failure, type Result } from './errors.ts';
import { ceilDivide, clipSpan, type Size, type Span } from './geometry.ts';
import type { TileShape } from './ports.ts';

/**
 * How an image is cut into tiles.
 *
 * - `dilated`: each tile is inferred with a halo and only its interior is kept: infer more, take less.
 * - `plain`: windows side by side, kept whole, those at the right and bottom filled up with zeros.
 * - `average`: windows that overlap by half, averaged where they meet.
 *
 * The last two are the baselines of the dilated-tiling paper, kept so that a benchmark can show the three side by side.
 */
export type Tiling = 'dilated' | 'plain' | 'average';

/** What a plan is made from. */
export interface PlanRequest {
  /** The upright source. */
  readonly image: Size;
  readonly scale: number;
  readonly tiling: Tiling;
  /** Side of the window that is fed to the model, halo included, in source pixels. */
  readonly tilePx: number;
  /** Source pixels around the interior that are inferred and dropped. Ignored (0) but by `dilated`. */
  readonly haloPx: number;
  /** Bytes of one pixel of all planes together (RGB at 8 bits: 3). */
  readonly bytesPerPixel: number;
  /** What a strip may take of the arena. */
  readonly budget: StripBudget;
  /** All strips but the last are a whole multiple of so many source rows high; `dilated` alone. 1 where left out. */
  readonly rowUnitPx?: number;
}

/** The arena's room for one strip, in bytes. */
export interface StripBudget {
  readonly sourceBytes: number;
  readonly outputBytes: number;
}

/** A tile along one axis, in source pixels. */
export interface TileSpan {
  /** Where the interior begins; it is `Plan.interior` long. */
  readonly start: number;
  /** What is kept of the interior, in image coordinates. */
  readonly keep: Span;
}

/** Full-width rows that are worked, stored and resumed as one. */
export interface Strip {
  readonly index: number;
  /** The rows of the source that this strip's result stands for. */
  readonly rows: Span;
  /** The rows that its tiles read, halo included; may reach outside the image, where the border fill stands. */
  readonly sourceRows: Span;
  readonly tileRows: readonly TileSpan[];
}

/** How one image is cut. One tile shape serves all of it. */
export interface Plan {
  readonly image: Size;
  readonly scale: number;
  readonly tiling: Tiling;
  readonly haloPx: number;
  /** Interior of every tile: the tile without its halo. */
  readonly interior: TileShape;
  /** What the model is fed: the interior and the halo on all sides. */
  readonly tile: TileShape;
  /** The columns that tiles read, halo included; may reach outside the image. */
  readonly sourceColumns: Span;
  readonly tileColumns: readonly TileSpan[];
  readonly strips: readonly Strip[];
  readonly tileCount: number;
}

/**
 * The halo that a wish comes to: `auto` is the model's receptive field, with which tiled equals untiled; the baselines
 * have none.
 */
export function haloOf(wish: { readonly tiling: Tiling; readonly haloPx: number | 'auto' }, fieldPx: number): number {
  if (wish.tiling !== 'dilated') return 0;
  return wish.haloPx === 'auto' ? fieldPx : wish.haloPx;
}

/** The smallest interior that is worth its halo. */
const MIN_INTERIOR_PX = 16;

/**
 * Cuts an image into strips and tiles.
 *
 * Dilated tiles are balanced: ⌈size ÷ n⌉ each way, the last one shifted inward, so that no ragged column wastes work
 * and one set of tensors serves the whole image.
 *
 * @returns a plan, or `tile-too-small` (the window has no room for halo and interior) or `photo-too-wide` (not one row
 *   fits the memory budget).
 */
export function makePlan(request: PlanRequest): Result<Plan, Failure<'tile-too-small' | 'photo-too-wide'>> {
  const { image, scale, tiling, tilePx } = request;
  const haloPx = tiling === 'dilated' ? request.haloPx : 0;
  const smallest = 2 * haloPx + MIN_INTERIOR_PX;
  if (tilePx < smallest) {
    return failure('tile-too-small', `A tile of ${tilePx} px has no room for its halo. Use ${smallest} px or more.`, {
      tilePx,
      smallestPx: smallest,
    });
  }
  const window = tilePx - 2 * haloPx;
  const tileColumns = cutAxis(image.widthPx, window, tiling);
  const width = tileColumns.interiorPx;
  const paddedWidthPx = tileColumns.tiles.at(-1)!.start + width + 2 * haloPx;
  const maxRows = rowsThatFit(request, paddedWidthPx, haloPx);
  if (maxRows < 1) {
    return failure(
      'photo-too-wide',
      'One row of this photo is larger than the memory set aside. Raise the memory limit.',
      {
        widthPx: image.widthPx,
      },
    );
  }
  const { rowUnitPx = 1 } = request;
  const tileRows =
    tiling === 'dilated' && rowUnitPx > 1
      ? cutInUnits(image.heightPx, Math.min(window, maxRows), rowUnitPx)
      : cutAxis(image.heightPx, Math.min(window, maxRows), tiling);
  const height = tileRows.interiorPx;
  const strips = stripsOf(tileRows, haloPx);
  return success({
    image,
    scale,
    tiling,
    haloPx,
    interior: { heightPx: height, widthPx: width },
    tile: { heightPx: height + 2 * haloPx, widthPx: width + 2 * haloPx },
    sourceColumns: { start: -haloPx, end: paddedWidthPx - haloPx },
    tileColumns: tileColumns.tiles,
    strips,
    tileCount: strips.reduce((sum, strip) => sum + strip.tileRows.length * tileColumns.tiles.length, 0),
  });
}

/** Source rows whose result and whose padded source both fit the budget. */
function rowsThatFit(
  { image, scale, tiling, bytesPerPixel, budget }: PlanRequest,
  paddedWidthPx: number,
  haloPx: number,
): number {
  const outputRowBytes = image.widthPx * scale * scale * bytesPerPixel;
  const sourceRowBytes = paddedWidthPx * bytesPerPixel;
  const rows = Math.min(
    Math.floor(budget.outputBytes / outputRowBytes),
    Math.floor(budget.sourceBytes / sourceRowBytes) - 2 * haloPx,
  );
  // Overlapping windows reach into the strips above and below by up to one window together.
  return tiling === 'average' ? Math.floor(rows / 2) : rows;
}

interface Axis {
  readonly interiorPx: number;
  readonly tiles: readonly TileSpan[];
  /** What is worked as one, of the rows. */
  readonly strips: readonly Span[];
}

function cutAxis(lengthPx: number, windowPx: number, tiling: Tiling): Axis {
  if (tiling === 'average') return cutOverlapping(lengthPx, windowPx);
  const count = ceilDivide(lengthPx, windowPx);
  const interiorPx = tiling === 'plain' ? windowPx : ceilDivide(lengthPx, count);
  const tiles = Array.from({ length: count }, (_, index) => {
    const keep = clipSpan({ start: index * interiorPx, end: (index + 1) * interiorPx }, lengthPx);
    // A shifted tile computes some rows twice, from real neighbours; what it keeps still begins where the last ended.
    const start = tiling === 'plain' ? keep.start : Math.min(keep.start, lengthPx - interiorPx);
    return { start, keep };
  });
  return { interiorPx, tiles, strips: tiles.map(({ keep }) => keep) };
}

/**
 * As balanced as whole units allow: tiles start on one, and the interior is the least for which as many tiles as without
 * units reach the end. Where not one unit fits the window, the axis is cut as if there were none.
 */
function cutInUnits(lengthPx: number, windowPx: number, unitPx: number): Axis {
  const count = ceilDivide(lengthPx, windowPx);
  const inUnits = (px: number): number => Math.floor(px / unitPx) * unitPx;
  for (let interiorPx = ceilDivide(lengthPx, count); interiorPx <= windowPx; interiorPx += 1) {
    const stridePx = inUnits(interiorPx);
    if (count > 1 && (stridePx === 0 || (count - 1) * stridePx + interiorPx < lengthPx)) continue;
    const tiles = Array.from({ length: count }, (_, index) => {
      const end = index === count - 1 ? lengthPx : (index + 1) * stridePx;
      return { start: Math.min(index * stridePx, lengthPx - interiorPx), keep: { start: index * stridePx, end } };
    });
    return { interiorPx, tiles, strips: tiles.map(({ keep }) => keep) };
  }
  const stridePx = inUnits(windowPx);
  return stridePx === 0 ? cutAxis(lengthPx, windowPx, 'dilated') : cutInUnits(lengthPx, stridePx, unitPx);
}

function cutOverlapping(lengthPx: number, windowPx: number): Axis {
  const interiorPx = Math.min(windowPx, lengthPx);
  const stridePx = Math.max(1, Math.floor(interiorPx / 2));
  const count = 1 + ceilDivide(lengthPx - interiorPx, stridePx);
  const tiles = Array.from({ length: count }, (_, index) => {
    const start = Math.min(index * stridePx, lengthPx - interiorPx);
    return { start, keep: { start, end: start + interiorPx } };
  });
  const strips = Array.from({ length: ceilDivide(lengthPx, stridePx) }, (_, index) =>
    clipSpan({ start: index * stridePx, end: (index + 1) * stridePx }, lengthPx),
  );
  return { interiorPx, tiles, strips };
}

/**
 * One strip a row of tiles: small enough that workers share a photo evenly to its end and that a cancel or a crash
 * loses little, while its cost (reading the halo's rows, one write) stays below a hundredth of its inference. Without a
 * row unit all are equally high but the last, which may be lower; the encoder joins bands on that promise.
 */
function stripsOf({ tiles, strips, interiorPx }: Axis, haloPx: number): Strip[] {
  return strips.map((rows, index) => {
    // Overlapping windows: those that reach in from the strips above and below have a say too.
    const tileRows = tiles.filter((tile) => tile.keep.start < rows.end && tile.keep.end > rows.start);
    return {
      index,
      rows,
      sourceRows: {
        start: tileRows[0]!.start - haloPx,
        end: tileRows.at(-1)!.start + interiorPx + haloPx,
      },
      tileRows,
    };
  });
}
