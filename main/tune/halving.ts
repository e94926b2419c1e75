/**
 * Successive halving over noisy measurements (Jamieson and Talwalkar, 2016), for a machine whose speed drifts: cells are
 * measured in rounds, one after the other, and compared within rounds only. Pure.
 */
import { spread } from './efficiency.ts';

/** A cell's time in each round that it took part in, in the rounds' order, from the first. */
export type Samples = readonly number[];

/** What a first round is off by, until later rounds tell. */
const FIRST_NOISE = 0.1;
/** So many standard errors behind the best, and a cell is out. */
const SURE = 2;
/** A cell this far behind is out in any case. */
const HOPELESS = Math.log(1.5);

/**
 * Each cell's time relative to the cells that are still in the race, as a logarithm: 0.1 is about a tenth slower.
 *
 * A round's centre is the median over the cells of `alive`, which took part in every round; a cell's score is the median
 * over its rounds of its distance from the centre. What slows a whole round moves its centre and no score.
 *
 * @param samples milliseconds, by cell; at least one each
 * @param alive the cells that were measured in every round
 */
export function scoresOf(samples: ReadonlyMap<string, Samples>, alive: readonly string[]): Map<string, number> {
  const centres = centresOf(samples, alive);
  const scores = new Map<string, number>();
  for (const [key, times] of samples) {
    if (times.length > 0) scores.set(key, spread(distances(times, centres)).median);
  }
  return scores;
}

function centresOf(samples: ReadonlyMap<string, Samples>, alive: readonly string[]): readonly number[] {
  const rounds = Math.max(...alive.map((key) => samples.get(key)?.length ?? 0));
  return Array.from({ length: rounds }, (_, round) => {
    const logs = alive.flatMap((key) => samples.get(key)?.[round] ?? []).map(Math.log);
    return spread(logs).median;
  });
}

function distances(times: Samples, centres: readonly number[]): number[] {
  return times.map((ms, round) => Math.log(ms) - (centres[round] ?? 0));
}

/** How far one score must be below another to be trusted: two standard errors of their difference. */
export function doubtOf(samples: ReadonlyMap<string, Samples>, alive: readonly string[]): number {
  return Math.SQRT2 * SURE * noiseOf(samples, alive);
}

/** The standard error of a score, from how far cells stray from their own median between rounds. */
export function noiseOf(samples: ReadonlyMap<string, Samples>, alive: readonly string[]): number {
  const centres = centresOf(samples, alive);
  if (centres.length < 2) return FIRST_NOISE;
  const strays = alive.flatMap((key) => {
    const own = distances(samples.get(key) ?? [], centres);
    const { median } = spread(own);
    return own.map((value) => Math.abs(value - median));
  });
  // The median of absolute deviations, scaled to a normal distribution's; a median's error is a quarter above a mean's.
  const deviation = 1.4826 * spread(strays).median;
  return Math.max(0.005, (1.25 * deviation) / Math.sqrt(centres.length));
}

/**
 * The cells that go on to the next round: the better half and whoever may be as good as the best in spite of the noise,
 * but never more than three quarters, so that it comes to an end.
 *
 * @param keep cells that stay whatever their score, such as the one that all are compared with
 * @param least how many go on at least
 */
export function survivors(
  samples: ReadonlyMap<string, Samples>,
  alive: readonly string[],
  { keep, least }: { readonly keep: readonly string[]; readonly least: number },
): readonly string[] {
  const scores = scoresOf(samples, alive);
  const ranked = [...alive].sort((one, other) => scores.get(one)! - scores.get(other)!);
  const best = scores.get(ranked[0]!)!;
  const doubt = doubtOf(samples, alive);
  const half = Math.max(least, Math.ceil(alive.length / 2));
  const most = Math.max(least, Math.floor((alive.length * 3) / 4));
  return ranked.filter((key, rank) => {
    if (keep.includes(key) || rank < least) return true;
    const behind = scores.get(key)! - best;
    return behind < HOPELESS && (rank < half || (rank < most && behind <= doubt));
  });
}

/** The order of a round: there, and the next time back, so that a steady drift favours nobody. */
export function orderOf<T>(cells: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? cells : [...cells].reverse();
}
