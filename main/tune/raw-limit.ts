import { success, type Result } from '../engine/errors.ts';
import type { TileShape } from '../engine/ports.ts';
import { measureRaw, type RawFigures, type RawMeasurement } from './measure.ts';

/** Tiles among which the best of the raw limit is looked for. */
const TILES_PX = [128, 192, 256, 352, 384, 512];
/** The largest of them. */
export const LARGEST_RAW_TILE_PX = Math.max(...TILES_PX);
const SEARCH_MS = 1_000;
/** How long a limit is measured: the fastest of several short turns is the luckiest too, by up to a tenth. */
const LIMIT_MS = 4_000;

export type RawLimitOptions = Omit<RawMeasurement, 'padding' | 'tiles' | 'durationMs'>;

/** What a batch is measured against. */
export interface RawLimits {
  /** The model without halo, at its best tile. */
  readonly best: RawFigures;
  /** The batch's own tile shape. */
  readonly planned: RawFigures;
}

/** The batch's own tile, and whether its graph is that of dilated tiles. */
export interface PlannedTile {
  readonly tile: TileShape;
  readonly padding: RawMeasurement['padding'];
}

/** Looks for the tile that is fastest without halo, in short turns. */
export async function findRawTile(options: RawLimitOptions): Promise<Result<TileShape>> {
  const tiles = TILES_PX.map((px) => ({ heightPx: px, widthPx: px }));
  const found = await measureRaw({ ...options, padding: 'same', tiles, durationMs: SEARCH_MS });
  if (!found.ok) return found;
  return success(found.value.reduce((one, other) => (one.pixelsPerSecond > other.pixelsPerSecond ? one : other)).tile);
}

/** Measures the limits anew; the search's own figure is not used, since the luckiest turn was chosen there. */
export async function measureLimits(
  options: RawLimitOptions,
  best: TileShape,
  planned: PlannedTile,
): Promise<Result<RawLimits>> {
  const common = { ...options, durationMs: LIMIT_MS };
  const free = await measureRaw({ ...common, padding: 'same', tiles: [best] });
  if (!free.ok) return free;
  const own = await measureRaw({ ...common, padding: planned.padding, tiles: [planned.tile] });
  if (!own.ok) return own;
  return success({ best: free.value[0]!, planned: own.value[0]! });
}

/** The limits around a batch from those before and after it. Pure. */
export function limitsAround(before: RawLimits, after: RawLimits): RawLimits {
  return { best: meanOf(before.best, after.best), planned: meanOf(before.planned, after.planned) };
}

function meanOf(one: RawFigures, other: RawFigures): RawFigures {
  const tileMs = (one.tileMs + other.tileMs) / 2;
  // By the mean time a pixel, as the batch's own rate is.
  const pixelsPerSecond = 2 / (1 / one.pixelsPerSecond + 1 / other.pixelsPerSecond);
  return { ...other, tileMs, pixelsPerSecond };
}
