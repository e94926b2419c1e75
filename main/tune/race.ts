/** The field of cells that are tuned among, with all that was measured of each. */
import type { Result } from '../engine/errors.ts';
import { spread } from './efficiency.ts';
import { forecastBatchMs, type PhotoCosts } from './estimate.ts';
import { scoresOf } from './halving.ts';
import { cellKey, type Candidate, type Crew } from './space.ts';

/** The batch that settings are tuned for: long enough that its beginning and end matter as little as in real ones. */
export const TUNED_BATCH = 12;

/** A batch as it was measured, and as it had been foretold. */
interface BatchTrial {
  readonly measuredMs: number;
  readonly forecastMs: number;
}

/** One cell in the race. */
export interface Entrant extends Candidate {
  readonly key: string;
  /** A tile's milliseconds, before the rounds, when crews were compared. */
  readonly crewTileMs: number[];
  /** A tile's milliseconds in each complete round. */
  readonly roundTileMs: number[];
  readonly trials: BatchTrial[];
  /** Why it is measured no more. */
  out?: 'slow-crew' | 'slow-tile' | 'slow' | 'no-time' | 'failed';
}

/** All cells; the first is the one that is used where nothing is tuned. */
export class Race {
  readonly entrants: readonly Entrant[];
  readonly standard: Entrant;
  readonly #cores: number;
  costs: PhotoCosts = { copyMs: 0, codecMs: 0 };

  constructor(candidates: readonly Candidate[], cores: number) {
    this.entrants = candidates.map((candidate) => ({
      ...candidate,
      key: cellKey(candidate.cell),
      crewTileMs: [],
      roundTileMs: [],
      trials: [],
    }));
    this.standard = this.entrants[0]!;
    this.#cores = cores;
  }

  get alive(): Entrant[] {
    return this.entrants.filter((entrant) => entrant.out === undefined);
  }

  /** The crews of those in the race, in the space's order. */
  get crews(): Crew[] {
    const crews = new Map<string, Crew>();
    for (const { cell } of this.alive) {
      const { workers, threads } = cell;
      crews.set(`${workers}×${threads}`, { workers, threads });
    }
    return [...crews.values()];
  }

  forecastMs({ plan, cell }: Entrant, tileMs: number, photos = TUNED_BATCH): number {
    return forecastBatchMs({ plan, crew: cell, cores: this.#cores, tileMs, costs: this.costs, photos });
  }

  /** Result pixels of one photo ÷ time of a batch of them. */
  rateOf(entrant: Entrant, batchMs: number, photos = TUNED_BATCH): number {
    const { image, scale } = entrant.plan;
    return (image.widthPx * image.heightPx * scale ** 2 * photos * 1000) / batchMs;
  }

  /** What each cell's batch would take, round by round. */
  samples(): Map<string, readonly number[]> {
    const measured = this.entrants.filter(({ roundTileMs }) => roundTileMs.length > 0);
    return new Map(
      measured.map((entrant) => [entrant.key, entrant.roundTileMs.map((ms) => this.forecastMs(entrant, ms))]),
    );
  }

  /**
   * Each cell's time relative to the others', as a logarithm: from the rounds of tiles, and for those that ran whole
   * batches from both, weighted by how often they were measured.
   */
  scores(): Map<string, number> {
    const inAll = this.alive.filter(({ roundTileMs }) => roundTileMs.length > 0).map(({ key }) => key);
    const scores = inAll.length > 0 ? scoresOf(this.samples(), inAll) : new Map<string, number>();
    const anchor = scores.get(this.standard.key) ?? 0;
    scores.set(this.standard.key, anchor);
    const standardMs = crewMs(this, this.standard);
    for (const entrant of this.entrants) {
      if (scores.has(entrant.key) || entrant.crewTileMs.length === 0) continue;
      scores.set(entrant.key, anchor + Math.log(crewMs(this, entrant) / standardMs));
    }
    const trials = this.#trialScores();
    if (trials.size === 0) return scores;
    // Aligned over all that ran batches, so that no single batch moves them against those that did not.
    const shift = spread([...trials].map(([key, score]) => (scores.get(key) ?? score) - score)).median;
    for (const crew of this.crews) {
      const finalists = this.alive.filter(({ key, cell }) => trials.has(key) && isOf(cell, crew));
      if (finalists.length === 0) continue;
      // What tiles cannot foretell, contention above all, is the crew's; tiles then tell its cells apart as batches do.
      const bias = spread(finalists.map(({ key }) => trials.get(key)! + shift - scores.get(key)!)).median;
      for (const { key, roundTileMs, trials: own } of finalists) {
        const [byTiles, byBatches] = [scores.get(key)! + bias, trials.get(key)! + shift];
        const weight = own.length / (own.length + roundTileMs.length);
        scores.set(key, byTiles + weight * (byBatches - byTiles));
      }
    }
    return scores;
  }

  /** Of those that ran whole batches, compared turn by turn, and scaled to the batch that is tuned for. */
  #trialScores(): Map<string, number> {
    const finalists = this.entrants.filter(({ trials }) => trials.length > 0);
    const samples = new Map(finalists.map(({ key, trials }) => [key, trials.map(({ measuredMs }) => measuredMs)]));
    const scores = scoresOf(samples, [...samples.keys()]);
    const scaled = (entrant: Entrant): number => {
      const full = this.forecastMs(entrant, medianTileMs(entrant));
      return scores.get(entrant.key)! + Math.log(full / entrant.trials[0]!.forecastMs);
    };
    return new Map(finalists.map((entrant) => [entrant.key, scaled(entrant)]));
  }
}

/** What a cell's tile took, in the middle. */
export function medianTileMs({ roundTileMs, crewTileMs }: Entrant): number {
  return spread(roundTileMs.length > 0 ? roundTileMs : crewTileMs).median;
}

function crewMs(race: Race, entrant: Entrant): number {
  return race.forecastMs(entrant, spread(entrant.crewTileMs).median);
}

/** A failure that the whole tuning ends with, rather than one cell. */
export function endsTuning(result: Result<unknown>): boolean {
  return !result.ok && (result.error.code === 'cancelled' || result.error.code === 'device-failed');
}

/** Whether a cell has these workers and threads. */
export function isOf(cell: Crew, { workers, threads }: Crew): boolean {
  return cell.workers === workers && cell.threads === threads;
}
