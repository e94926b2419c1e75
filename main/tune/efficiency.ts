import type { BatchFigures, RawFigures } from './measure.ts';

/** Where the time of a batch went, as shares of all workers' time. They add up to 1. */
export interface Efficiency {
  /** Kept pixels at the raw limit's rate: the figure of merit. */
  readonly kept: number;
  /** Inference beyond that: halo, and tiles of another shape than the raw limit's best. */
  readonly halo: number;
  /** Between the sessions' runs: reading rows, borders, cutting and joining tiles. */
  readonly copy: number;
  /** Processor time that decoding and encoding took from inference. */
  readonly codec: number;
  /** Nothing to infer: start and end of the batch, waiting. */
  readonly stall: number;
}

/**
 * Splits the time of a batch. Pure.
 *
 * @param raw the limit: the same model without halo, at its best tile, on as many workers
 * @param planned the batch's own tile shape, run raw
 * @param tiles how many tiles the batch had
 */
export function efficiencyOf(
  batch: Pick<BatchFigures, 'elapsedMs' | 'keptPixels' | 'runMs' | 'inferMs'>,
  raw: RawFigures,
  planned: RawFigures,
  { workers, tiles }: { readonly workers: number; readonly tiles: number },
): Efficiency {
  const totalMs = batch.elapsedMs * workers;
  const keptMs = (batch.keptPixels / raw.pixelsPerSecond) * 1000 * workers;
  const undisturbedMs = tiles * planned.tileMs;
  return {
    kept: keptMs / totalMs,
    halo: (undisturbedMs - keptMs) / totalMs,
    copy: (batch.inferMs - batch.runMs) / totalMs,
    codec: (batch.runMs - undisturbedMs) / totalMs,
    stall: (totalMs - batch.inferMs) / totalMs,
  };
}

/** The middle value, and how far the values spread around it. */
export function spread(values: readonly number[]): {
  readonly median: number;
  readonly min: number;
  readonly max: number;
} {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}
