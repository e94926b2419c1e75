/** How long a batch will take, from the time of one tile. Pure. */
import type { Plan } from '../engine/plan.ts';
import type { Crew } from './space.ts';

/** What a photo costs beside its tiles. */
export interface PhotoCosts {
  /** Reading rows, borders, cutting and joining tiles: on the workers, between the session's runs. */
  readonly copyMs: number;
  /** Processor time of decoding and encoding: beside inference where a core is free, else at its cost. */
  readonly codecMs: number;
}

export interface BatchForecast {
  readonly plan: Pick<Plan, 'strips' | 'tileColumns' | 'tileCount'>;
  readonly crew: Crew;
  readonly cores: number;
  /** One tile of the plan's shape, on each worker while all run. */
  readonly tileMs: number;
  readonly costs: PhotoCosts;
  /** Equal photos in the batch. */
  readonly photos: number;
}

/**
 * Milliseconds that a batch takes end to end.
 *
 * Strips go in order to whichever worker is free first, as the queue gives them; so the end of a batch, where workers
 * run out of strips, is part of the time. The codec's work fills what the workers leave of the cores, and lengthens the
 * batch by what does not fit. The first photo's decoding and the last one's encoding have nothing to hide behind.
 */
export function forecastBatchMs({ plan, crew, cores, tileMs, costs, photos }: BatchForecast): number {
  const tileAllMs = tileMs + costs.copyMs / plan.tileCount;
  const freeAtMs = new Array<number>(crew.workers).fill(0);
  for (let photo = 0; photo < photos; photo += 1) {
    for (const strip of plan.strips) {
      const first = freeAtMs.indexOf(Math.min(...freeAtMs));
      freeAtMs[first]! += strip.tileRows.length * plan.tileColumns.length * tileAllMs;
    }
  }
  const inferenceMs = Math.max(...freeAtMs);
  const inferenceCoreMs = freeAtMs.reduce((sum, ms) => sum + ms, 0) * crew.threads;
  const spareCoreMs = Math.max(0, cores * inferenceMs - inferenceCoreMs);
  const hiddenCodecMs = (photos - 1) * costs.codecMs;
  return inferenceMs + Math.max(0, hiddenCodecMs - spareCoreMs) / cores + costs.codecMs;
}
