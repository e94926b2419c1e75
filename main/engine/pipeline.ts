import type { PaddedStrip } from './border.ts';
import { failure, success, type Result } from './errors.ts';
import type { Plan, Strip } from './plan.ts';
import type { BoundTile } from './ports.ts';
import { gatherTile, type TileSink } from './tiles.ts';

/** One plane of a strip, ready to be inferred. */
export interface StripWork {
  readonly plan: Plan;
  readonly strip: Strip;
  readonly source: PaddedStrip;
  /** The model, bound to the two views below. */
  readonly model: BoundTile;
  readonly tileInput: Uint8Array;
  readonly tileOutput: Uint8Array;
  readonly sink: TileSink;
  /** A clock in milliseconds. */
  readonly now: () => number;
}

/**
 * Infers every tile of a strip, one after the other.
 *
 * @param onTile called after each tile
 * @returns the milliseconds spent inside the model; or `cancelled` as soon as the signal is seen between two tiles, or
 *   whatever the model failed with
 */
export async function inferStrip(work: StripWork, signal: AbortSignal, onTile: () => void): Promise<Result<number>> {
  const { plan, strip, source, model, tileInput, tileOutput, sink, now } = work;
  let runMs = 0;
  for (const row of strip.tileRows) {
    for (const column of plan.tileColumns) {
      if (signal.aborted) return failure('cancelled', 'Cancelled.');
      gatherTile(plan, source, row, column, tileInput);
      const startMs = now();
      const ran = await model.run();
      if (!ran.ok) return ran;
      runMs += now() - startMs;
      sink.add(tileOutput, row, column);
      onTile();
    }
  }
  sink.finish();
  return success(runMs);
}
