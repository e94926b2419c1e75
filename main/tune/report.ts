/** What came of a tuning. Pure. */
import type { Size } from '../engine/geometry.ts';
import type { TileShape } from '../engine/ports.ts';
import { spread } from './efficiency.ts';
import { doubtOf } from './halving.ts';
import type { Entrant, Race } from './race.ts';
import type { Cell } from './space.ts';

export interface CellReport {
  readonly cell: Cell;
  /** What the photo's tiles really are, after they were balanced. */
  readonly tile: TileShape;
  /** Result pixels, in a batch; absent where the cell was not measured. */
  readonly pixelsPerSecond?: number;
  /** How often it was measured: rounds of tiles, and whole batches. */
  readonly rounds: number;
  readonly batches: number;
  /** Measured ÷ foretold time of a whole batch, in the middle. */
  readonly batchRatio?: number;
  /** Why it was measured no more; absent for those that stayed to the end. */
  readonly out?: NonNullable<Entrant['out']>;
}

export interface TuneReport {
  readonly photo: Size;
  readonly elapsedMs: number;
  /** All cells, the standard one first. */
  readonly cells: readonly CellReport[];
  readonly best: CellReport;
  /** What is used where nothing is tuned. */
  readonly standard: CellReport;
  /** The best cell's rate ÷ the standard one's. */
  readonly gain: number;
}

/** A difference that is not worth leaving the standard for. */
const NEGLIGIBLE = 0.01;

/** Whether whole batches were measured; the default needs none where no cell was left out for want of time. */
export function isSure({ best, standard, cells }: TuneReport): boolean {
  return best.batches > 0 || (best === standard && cells.every(({ out }) => out !== 'no-time'));
}

/** Ranks the cells. */
export function reportOf(race: Race, facts: Pick<TuneReport, 'photo' | 'elapsedMs'>): TuneReport {
  const scores = race.scores();
  const { standard } = race;
  const standardRate = standardRateOf(race);
  const rateOf = ({ key }: Entrant): number | undefined => {
    const score = scores.get(key);
    return score === undefined ? undefined : standardRate * Math.exp(scores.get(standard.key)! - score);
  };
  const reports = new Map(race.entrants.map((entrant) => [entrant, describe(entrant, rateOf(entrant))]));
  const best = bestOf(race, scores);
  return {
    ...facts,
    cells: [...reports.values()],
    best: reports.get(best)!,
    standard: reports.get(standard)!,
    gain: rateOf(best)! / standardRate,
  };
}

/**
 * The fastest of those that ran whole batches; where there was no time for any, the fastest by its tiles if its lead is
 * beyond doubt. The standard where nothing is clearly faster.
 */
function bestOf(race: Race, scores: ReadonlyMap<string, number>): Entrant {
  const whole = race.alive.filter(({ trials }) => trials.length > 0);
  const field = whole.length > 0 ? whole : race.alive.filter(({ roundTileMs }) => roundTileMs.length > 0);
  const scoreOf = ({ key }: Entrant): number => scores.get(key) ?? Infinity;
  const best = field.reduce((one, other) => (scoreOf(other) < scoreOf(one) ? other : one), race.standard);
  const keys = field.map(({ key }) => key);
  const needed =
    whole.length > 0 || field.length === 0 ? NEGLIGIBLE : Math.max(NEGLIGIBLE, doubtOf(race.samples(), keys));
  return scoreOf(race.standard) - scoreOf(best) < needed ? race.standard : best;
}

/** From whole batches where there were some: their time over what was foretold corrects the forecast. */
function standardRateOf(race: Race): number {
  const { standard } = race;
  const tileMs = spread(standard.roundTileMs.length > 0 ? standard.roundTileMs : standard.crewTileMs).median;
  return race.rateOf(standard, race.forecastMs(standard, tileMs) * (ratioOf(standard) ?? 1));
}

function ratioOf({ trials }: Entrant): number | undefined {
  if (trials.length === 0) return undefined;
  return spread(trials.map(({ measuredMs, forecastMs }) => measuredMs / forecastMs)).median;
}

function describe(entrant: Entrant, pixelsPerSecond: number | undefined): CellReport {
  const { cell, plan, roundTileMs, trials, out } = entrant;
  const batchRatio = ratioOf(entrant);
  return {
    cell,
    tile: plan.tile,
    rounds: roundTileMs.length,
    batches: trials.length,
    ...(pixelsPerSecond !== undefined && { pixelsPerSecond }),
    ...(batchRatio !== undefined && { batchRatio }),
    ...(out && { out }),
  };
}
