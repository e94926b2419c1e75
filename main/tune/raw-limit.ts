import { success, type Result } from '../engine/errors.ts';
import type { TileShape } from '../engine/ports.ts';
import type { PoolSize } from '../pool/sizing.ts';
import { measureRaw, type RawFigures, type RawMeasurement } from './measure.ts';

/** Tiles among which the best of the raw limit is looked for. */
const TILES_PX = [128, 192, 256, 352, 384, 512];
const SEARCH_MS = 1_000;
/** How many of them are run again, for longer: on a busy machine the fastest of six short turns may be a slow tile. */
const FINALISTS = 3;
const FINAL_MS = 2_000;
/** How long a limit is measured: the fastest of several short turns is the luckiest too, by up to a tenth. */
const LIMIT_MS = 4_000;

export type RawLimitOptions = Omit<RawMeasurement, 'padding' | 'tiles' | 'durationMs'>;

/** The same workers with an arena for the tiles that are tried and the batch's own, and little else. */
export function roomForTiles(size: PoolSize, planned?: TileShape): PoolSize {
  const tileInputBytes = Math.max(...TILES_PX, planned?.widthPx ?? 0, planned?.heightPx ?? 0) ** 2 * 3;
  return { ...size, layout: { sourceBytes: 0, outputBytes: 0, tileInputBytes, tileOutputBytes: tileInputBytes * 16 } };
}

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

/** Looks for the tile that is fastest without halo: all in short turns, the fastest of those in long ones. */
export async function findRawTile(options: RawLimitOptions): Promise<Result<TileShape>> {
  const tiles = TILES_PX.map((px) => ({ heightPx: px, widthPx: px }));
  const found = await measureRaw({ ...options, padding: 'same', tiles, durationMs: SEARCH_MS });
  if (!found.ok) return found;
  const finalists = fastestTiles(found.value, FINALISTS);
  const final = await measureRaw({ ...options, padding: 'same', tiles: finalists, durationMs: FINAL_MS });
  return final.ok ? success(fastestTiles(final.value, 1)[0]!) : final;
}

/** The tiles of the `count` fastest figures, fastest first. Pure. */
export function fastestTiles(figures: readonly RawFigures[], count: number): readonly TileShape[] {
  return figures
    .toSorted((one, other) => other.pixelsPerSecond - one.pixelsPerSecond)
    .slice(0, count)
    .map(({ tile }) => tile);
}

/** The model's speed at its best tile, where there is no batch to compare. */
export async function findAndMeasureLimit(options: RawLimitOptions): Promise<Result<RawFigures>> {
  const common = { ...options, size: roomForTiles(options.size) };
  const best = await findRawTile(common);
  return best.ok ? await measureBest(common, best.value) : best;
}

/** Measures the limits anew; the search's own figure is not used, since the luckiest turn was chosen there. */
export async function measureLimits(
  options: RawLimitOptions,
  best: TileShape,
  planned: PlannedTile,
): Promise<Result<RawLimits>> {
  const free = await measureBest(options, best);
  if (!free.ok) return free;
  const { padding, tile } = planned;
  const own = await measureRaw({ ...options, padding, tiles: [tile], durationMs: LIMIT_MS });
  if (!own.ok) return own;
  return success({ best: free.value, planned: own.value[0]! });
}

async function measureBest(options: RawLimitOptions, tile: TileShape): Promise<Result<RawFigures>> {
  const measured = await measureRaw({ ...options, padding: 'same', tiles: [tile], durationMs: LIMIT_MS });
  return measured.ok ? success(measured.value[0]!) : measured;
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
