/** What the stages of a tuning work with. */
import type { Result } from '../engine/errors.ts';
import type { BatchRig } from './batch-rig.ts';
import type { TuneClock } from './events.ts';
import type { Race } from './race.ts';
import type { RawRig } from './raw-rig.ts';
import type { Crew } from './space.ts';

/** What measures: real workers, or in a test a machine that is only thought of. */
export interface Instruments {
  readonly openRaw: (crew: Crew) => Promise<Result<RawRig>>;
  readonly openBatches: (crew: Crew) => Promise<Result<BatchRig>>;
  /** How many workers may be alive at once, whether they work or wait. */
  readonly mostWorkers: number;
}

export interface Stages {
  readonly instruments: Instruments;
  readonly modelId: string;
  readonly race: Race;
  readonly clock: TuneClock;
  /** What batches are made of. */
  readonly photos: readonly string[];
}

/** How many cells end in whole batches. */
export const FINALISTS = 4;
