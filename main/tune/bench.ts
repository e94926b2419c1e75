import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { success, type Result } from '../engine/errors.ts';
import { haloOf, makePlan, type Plan } from '../engine/plan.ts';
import type { PoolSize } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import type { EnhanceSpec, WorkerConfig } from '../worker/protocol.ts';
import { efficiencyOf, spread, type Efficiency } from './efficiency.ts';
import { measureBatch, type BatchFigures, type RawFigures } from './measure.ts';
import { findRawTile, limitsAround, measureLimits, roomForTiles, type RawLimits } from './raw-limit.ts';

export interface BenchOptions {
  readonly start: StartProcess;
  readonly size: PoolSize;
  readonly spec: EnhanceSpec;
  readonly scale: number;
  /** The model's receptive field. */
  readonly fieldPx: number;
  readonly photos: readonly string[];
  readonly photo: { readonly widthPx: number; readonly heightPx: number };
  readonly runs: number;
  /** Where models lie, where that is not the source tree. */
  readonly folders?: Pick<WorkerConfig, 'weightsFolder' | 'importedFolder'>;
  /** Where temporary files go. */
  readonly scratchBase: string;
  /** Ends the workers at once. */
  readonly signal?: AbortSignal;
  readonly onRun?: (run: BenchRun) => void;
}

/** One run: the batch, and the raw limit around it. */
export interface BenchRun {
  readonly raw: RawFigures;
  readonly batch: BatchFigures;
  readonly efficiency: Efficiency;
}

/**
 * The batch end to end beside the raw limit, interleaved, so that a machine that slows down slows both.
 *
 * @returns a figure a run; or the first failure, or `cancelled`
 */
export async function bench(options: BenchOptions): Promise<Result<readonly BenchRun[]>> {
  const { size, spec, scale, fieldPx, photo, runs, onRun } = options;
  const haloPx = haloOf(spec, fieldPx);
  const { tiling, tilePx } = spec;
  const plan = makePlan({ image: photo, scale, tiling, tilePx, haloPx, bytesPerPixel: 3, budget: size.budget });
  if (!plan.ok) return plan;
  const finished: BenchRun[] = [];
  for (let run = 0; run < runs; run += 1) {
    const result = await benchOnce(options, plan.value);
    if (!result.ok) return result;
    finished.push(result.value);
    onRun?.(result.value);
  }
  return success(finished);
}

/** The limits, the batch, and the limits once more. */
async function benchOnce(options: BenchOptions, { tile, tileCount, haloPx }: Plan): Promise<Result<BenchRun>> {
  const { start, size, spec, scale, fieldPx, photos, scratchBase, folders, signal } = options;
  const { modelId, precision } = spec;
  const common = { ...(folders && { folders }), ...(signal && { signal }) };
  const raw = { start, size: roomForTiles(size, tile), modelId, precision, ...common };
  const best = await findRawTile(raw);
  if (!best.ok) return best;
  const padding = haloPx >= fieldPx ? 'valid' : 'same';
  const measure = (): Promise<Result<RawLimits>> => measureLimits(raw, best.value, { tile, padding });
  const before = await measure();
  if (!before.ok) return before;
  const folder = await mkdtemp(join(scratchBase, 'tessera-bench-'));
  try {
    const batch = await measureBatch({ start, size, spec, scale, photos, folder, ...common });
    if (!batch.ok) return batch;
    const after = await measure();
    if (!after.ok) return after;
    const limits = limitsAround(before.value, after.value);
    const counts = { workers: size.workers, tiles: tileCount * photos.length };
    const efficiency = efficiencyOf(batch.value, limits.best, limits.planned, counts);
    return success({ raw: limits.best, batch: batch.value, efficiency });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Medians over the runs, of what a reader wants first. */
export function summary(runs: readonly BenchRun[]): {
  readonly rawMegapixels: ReturnType<typeof spread>;
  readonly batchMegapixels: ReturnType<typeof spread>;
  readonly efficiency: Readonly<Record<keyof Efficiency, ReturnType<typeof spread>>>;
} {
  const share = (part: keyof Efficiency): ReturnType<typeof spread> => spread(runs.map((run) => run.efficiency[part]));
  return {
    rawMegapixels: spread(runs.map((run) => run.raw.pixelsPerSecond / 1e6)),
    batchMegapixels: spread(runs.map(({ batch }) => batch.keptPixels / batch.elapsedMs / 1000)),
    efficiency: {
      kept: share('kept'),
      halo: share('halo'),
      copy: share('copy'),
      codec: share('codec'),
      stall: share('stall'),
    },
  };
}
