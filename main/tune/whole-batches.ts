/** The last stage: whole batches of the best few. */
import { success, type Result } from '../engine/errors.ts';
import type { BatchRig } from './batch-rig.ts';
import { orderOf } from './halving.ts';
import { FINALISTS, type Stages } from './instruments.ts';
import { endsTuning, medianTileMs, type Entrant } from './race.ts';
import { RigShelf } from './rig-shelf.ts';
import { specOfCell } from './space.ts';

/** A batch is to last about this long: many short ones, in turns, follow a machine whose speed drifts. */
const BATCH_MS = 1_200;
/** What is left of the budget is for ending the workers. */
const USABLE_SHARE = 0.95;
const MOST_PHOTOS = 4;
/** What a batch takes beside the time that it measures. */
const OVERHEAD_MS = 250;
/** Fewer tell nothing that the tiles have not told. */
const FEWEST_TURNS = 2;
const MOST_TURNS = 12;

/** Runs the best few in turns, and always the standard, as long as there is time; with too little, none. */
export async function runBatches(stages: Stages): Promise<Result<void>> {
  const { instruments, race, clock } = stages;
  const scores = race.scores();
  const ranked = [...race.alive].sort((one, other) => scores.get(one.key)! - scores.get(other.key)!);
  const best = ranked[0]!;
  const timeOf = (photos: number): number => race.forecastMs(best, medianTileMs(best), photos);
  const count = Math.max(1, Math.min(MOST_PHOTOS, Math.round(BATCH_MS / timeOf(1))));
  const runMs = timeOf(count) + OVERHEAD_MS;
  const affordable = Math.floor(clock.leftMs / runMs / FEWEST_TURNS);
  const finalists = [...new Set([race.standard, ...ranked])].slice(0, Math.min(FINALISTS, affordable));
  if (finalists.length < 2) return success(undefined);
  clock.emit({ kind: 'phase', phase: 'batches', cells: finalists.length });
  const rigs = new RigShelf<BatchRig>(instruments.mostWorkers, instruments.openBatches);
  try {
    let expectedMs = runMs;
    for (let turn = 0; turn < MOST_TURNS && clock.hasRoom(expectedMs * finalists.length, USABLE_SHARE); turn += 1) {
      const beganMs = clock.elapsedMs;
      const ran = await runTurn(stages, rigs, orderOf(finalists, turn), { count, expectedMs });
      if (!ran.ok) return ran;
      // The machine may be slower now than it was.
      expectedMs = Math.max(runMs, (clock.elapsedMs - beganMs) / finalists.length);
    }
    return success(undefined);
  } finally {
    await rigs[Symbol.asyncDispose]();
  }
}

/** A batch of each finalist. Batches are compared within turns, so a turn counts as a whole or not at all. */
async function runTurn(
  { modelId, race, clock, photos }: Stages,
  rigs: RigShelf<BatchRig>,
  finalists: readonly Entrant[],
  { count, expectedMs }: { readonly count: number; readonly expectedMs: number },
): Promise<Result<void>> {
  const times = new Map<Entrant, number>();
  const batch = Array.from({ length: count }, (_, index) => photos[index % photos.length]!);
  for (const entrant of finalists.filter(({ out }) => out === undefined)) {
    if (!clock.hasRoom(expectedMs, USABLE_SHARE)) return success(undefined);
    const rig = await rigs.of(entrant.cell);
    const ran = rig.ok ? await rig.value.run(specOfCell(entrant.cell, modelId), batch) : rig;
    if (ran.ok) {
      const { elapsedMs } = ran.value;
      times.set(entrant, elapsedMs);
      clock.emit({ kind: 'measured', cell: entrant.cell, pixelsPerSecond: race.rateOf(entrant, elapsedMs, count) });
      continue;
    }
    if (endsTuning(ran) || entrant === race.standard) return ran;
    await rigs.drop(entrant.cell);
    entrant.out = 'failed';
  }
  for (const [entrant, measuredMs] of times) {
    entrant.trials.push({ measuredMs, forecastMs: race.forecastMs(entrant, medianTileMs(entrant), count) });
  }
  return success(undefined);
}
