import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { success, type Result } from '../engine/errors.ts';
import { haloOf, makePlan } from '../engine/plan.ts';
import type { TileShape } from '../engine/ports.ts';
import type { PoolSize } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import type { EnhanceSpec, WorkerConfig } from '../worker/protocol.ts';
import { efficiencyOf, spread, type Efficiency } from './efficiency.ts';
import { measureBatch, measureRaw, type BatchFigures, type RawFigures } from './measure.ts';

/** Tiles among which the raw limit is looked for. */
const RAW_TILES_PX = [128, 192, 256, 352, 384, 512];
const RAW_MS = 1_000;

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

/** One run: the raw limit and the batch, one right after the other. */
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
  const { start, size, spec, scale, fieldPx, photos, photo, runs, scratchBase, folders, signal, onRun } = options;
  const plan = makePlan({
    image: photo,
    scale,
    tiling: spec.tiling,
    tilePx: spec.tilePx,
    haloPx: haloOf(spec, fieldPx),
    bytesPerPixel: 3,
    budget: size.budget,
  });
  if (!plan.ok) return plan;
  const { tile, tileCount, haloPx } = plan.value;
  const common = { ...(folders && { folders }), ...(signal && { signal }) };
  const raw = {
    start,
    size: roomFor(size, Math.max(...RAW_TILES_PX, tile.widthPx, tile.heightPx)),
    modelId: spec.modelId,
    precision: spec.precision,
    durationMs: RAW_MS,
    ...common,
  };
  const square = (px: number): TileShape => ({ heightPx: px, widthPx: px });
  const finished: BenchRun[] = [];
  for (let run = 0; run < runs; run += 1) {
    const limits = await measureRaw({ ...raw, padding: 'same', tiles: RAW_TILES_PX.map(square) });
    if (!limits.ok) return limits;
    const planned = await measureRaw({ ...raw, padding: haloPx >= fieldPx ? 'valid' : 'same', tiles: [tile] });
    if (!planned.ok) return planned;
    const folder = await mkdtemp(join(scratchBase, 'tessera-bench-'));
    try {
      const batch = await measureBatch({ start, size, spec, scale, photos, folder, ...common });
      if (!batch.ok) return batch;
      const best = limits.value.reduce((one, other) => (one.pixelsPerSecond > other.pixelsPerSecond ? one : other));
      const counts = { workers: size.workers, tiles: tileCount * photos.length };
      const efficiency = efficiencyOf(batch.value, best, planned.value[0]!, counts);
      const result = { raw: best, batch: batch.value, efficiency };
      finished.push(result);
      onRun?.(result);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return success(finished);
}

/** The same workers with an arena for tiles of that side, and little else. */
function roomFor(size: PoolSize, tilePx: number): PoolSize {
  const tileInputBytes = tilePx ** 2 * 3;
  return { ...size, layout: { sourceBytes: 0, outputBytes: 0, tileInputBytes, tileOutputBytes: tileInputBytes * 16 } };
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
