import { success, type Result } from './errors.ts';
import type { BoundTile } from './ports.ts';

/** The source paper warms up with thirty blank inferences; most sessions settle long before. */
export const MAX_WARM_UP_RUNS = 30;

/** A run that beats the fastest so far by no more than this share of it counts as settled. */
const SETTLED_SHARE = 0.05;

/**
 * Runs blank tiles until the time per tile settles.
 *
 * @param tile bound to whatever memory; its contents are not looked at
 * @param now a clock, in milliseconds
 * @returns how many runs it took, or the model's failure
 */
export async function warmUp(tile: BoundTile, now: () => number): Promise<Result<number>> {
  let fastest = Infinity;
  for (let runs = 1; runs <= MAX_WARM_UP_RUNS; runs += 1) {
    const start = now();
    const ran = await tile.run();
    if (!ran.ok) return ran;
    const took = now() - start;
    const gained = fastest - took;
    if (gained <= fastest * SETTLED_SHARE && fastest !== Infinity) return success(runs);
    fastest = Math.min(fastest, took);
  }
  return success(MAX_WARM_UP_RUNS);
}
