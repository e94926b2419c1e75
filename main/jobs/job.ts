import { assertNever, type Failure } from '../engine/errors.ts';
import type { OutputSpec, PhotoInfo, Provider } from '../engine/ports.ts';
import type { EnhanceSpec, OpenPhoto, Precision, StageTime } from '../worker/protocol.ts';

/** What is to be done to a photo, decided once its header is known. */
export interface Assignment {
  readonly info: PhotoInfo;
  readonly spec: EnhanceSpec;
  readonly output: OutputSpec;
  /** What its temporary files may take on disk; where left out, nothing is known until it is open. */
  readonly spoolBytes?: number;
}

/** Where one photo stands. There is no other record of it. */
export type JobState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'probing' }
  | { readonly kind: 'ready'; readonly assignment: Assignment }
  | { readonly kind: 'opening'; readonly assignment: Assignment }
  | {
      readonly kind: 'inferring';
      readonly assignment: Assignment;
      readonly photo: OpenPhoto;
      /** Tiles of finished strips, and of those under way. */
      readonly tilesDone: number;
      readonly tilesTotal: number;
    }
  | { readonly kind: 'closing'; readonly assignment: Assignment; readonly photo: OpenPhoto }
  /** Its worker died repeatedly: it waits to be tried once more, alone, when all others are through. */
  | { readonly kind: 'set-aside'; readonly assignment: Assignment | undefined }
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'skipped'; readonly reason: Failure }
  | { readonly kind: 'cancelled' };

/** What came of a photo. */
export interface Outcome {
  readonly assignment: Assignment;
  /** What it was really computed on, and in: a device that failed was left for the processor. */
  readonly provider: Provider;
  readonly precision: Precision;
  readonly fileBytes: number;
  /** Milliseconds that were worked on it; see `workedMs`. */
  readonly elapsedMs: number;
  readonly stages: readonly StageTime[];
  /** Milliseconds inside the model, of all strips together. */
  readonly runMs: number;
}

/** One photo of a queue. */
export interface Job {
  readonly id: string;
  /** Absolute path of the photo; never written to. */
  readonly source: string;
  readonly state: JobState;
  /** Workers that died over this photo since its last finished strip. */
  readonly deaths: number;
  /** In its last try, alone. */
  readonly alone: boolean;
}

/** What happens to a photo. */
export type JobEvent =
  | { readonly kind: 'probe-started' }
  | { readonly kind: 'probed'; readonly assignment: Assignment }
  | { readonly kind: 'skipped'; readonly reason: Failure }
  | { readonly kind: 'open-started' }
  | { readonly kind: 'opened'; readonly photo: OpenPhoto }
  /** Opening broke off; it waits to be opened again. */
  | { readonly kind: 'open-lost' }
  | { readonly kind: 'tile-done' }
  /** Tiles of a strip that broke off do not count. */
  | { readonly kind: 'tiles-lost'; readonly tiles: number }
  | { readonly kind: 'strip-done' }
  | { readonly kind: 'close-started' }
  | { readonly kind: 'closed'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'worker-died' }
  | { readonly kind: 'tried-alone' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'restarted' };

/** A photo whose workers died this often is set aside. */
const POISON_CAP = 2;

/** The photo is through, for better or worse. */
export function isSettled(state: JobState): boolean {
  return state.kind === 'done' || state.kind === 'failed' || state.kind === 'skipped' || state.kind === 'cancelled';
}

/** How much of a photo's inference is done, 0…1; the rest (decode, encode) is not counted. */
export function fractionOf(state: JobState): number {
  if (state.kind === 'inferring') return state.tilesDone / state.tilesTotal;
  return state.kind === 'closing' || isSettled(state) ? 1 : 0;
}

/**
 * The photo after an event. Pure.
 *
 * @throws Error on an event that cannot happen in the photo's state: a bug of the caller
 */
export function reduce(job: Job, event: JobEvent): Job {
  const { state } = job;
  if (isSettled(state) && event.kind !== 'restarted') {
    throw new Error(`Photo ${job.id} is ${state.kind} and nothing (${event.kind}) can happen to it.`);
  }
  switch (event.kind) {
    case 'probe-started':
      return { ...job, state: { kind: 'probing' } };
    case 'probed':
      return { ...job, state: { kind: 'ready', assignment: event.assignment } };
    case 'skipped':
      return { ...job, state: { kind: 'skipped', reason: event.reason } };
    case 'failed':
      return { ...job, state: { kind: 'failed', failure: event.failure } };
    case 'cancelled':
      return { ...job, state: { kind: 'cancelled' } };
    case 'restarted':
      return { ...job, state: { kind: 'queued' }, deaths: 0, alone: false };
    case 'worker-died':
      return died(job);
    case 'closed':
      return { ...job, state: { kind: 'done', outcome: event.outcome } };
    case 'open-started':
      return { ...job, state: { kind: 'opening', assignment: assignmentOf(job) } };
    case 'open-lost':
      return { ...job, state: { kind: 'ready', assignment: assignmentOf(job) } };
    case 'opened': {
      const { assignment } = expectState(job, 'opening');
      const tilesTotal = event.photo.stripTiles.reduce((sum, tiles) => sum + tiles, 0);
      return {
        ...job,
        state: { kind: 'inferring', assignment, photo: event.photo, tilesDone: 0, tilesTotal },
      };
    }
    case 'tile-done':
      return state.kind === 'inferring' ? { ...job, state: { ...state, tilesDone: state.tilesDone + 1 } } : job;
    case 'tiles-lost':
      return state.kind === 'inferring'
        ? { ...job, state: { ...state, tilesDone: state.tilesDone - event.tiles } }
        : job;
    case 'strip-done':
      return { ...job, deaths: 0 };
    case 'close-started': {
      const { assignment, photo } = expectState(job, 'inferring');
      return { ...job, state: { kind: 'closing', assignment, photo } };
    }
    case 'tried-alone':
      return { ...job, alone: true, deaths: 0, state: beginning(expectState(job, 'set-aside').assignment) };
    default:
      return assertNever(event);
  }
}

/** A death counts; at the cap the photo is set aside, and in its last try it fails. */
function died(job: Job): Job {
  const deaths = job.deaths + 1;
  if (job.alone) {
    const failure = {
      code: 'photo-crashes',
      message:
        'Working on this photo ended the program part that does it, three times. It was left out. Open and save it in another program, then try again.',
    };
    return { ...job, deaths, state: { kind: 'failed', failure } };
  }
  if (deaths < POISON_CAP) return { ...job, deaths };
  const assignment = 'assignment' in job.state ? job.state.assignment : undefined;
  return { ...job, deaths, state: { kind: 'set-aside', assignment } };
}

/** What was decided for a photo stays decided: its name, above all. */
function beginning(assignment: Assignment | undefined): JobState {
  return assignment === undefined ? { kind: 'queued' } : { kind: 'ready', assignment };
}

function assignmentOf({ id, state }: Job): Assignment {
  if (!('assignment' in state) || state.assignment === undefined)
    throw new Error(`Photo ${id} has no assignment while it is ${state.kind}.`);
  return state.assignment;
}

function expectState<Kind extends JobState['kind']>({ id, state }: Job, kind: Kind): Extract<JobState, { kind: Kind }> {
  if (state.kind !== kind) throw new Error(`Photo ${id} is ${state.kind} where ${kind} was expected.`);
  return state as Extract<JobState, { kind: Kind }>;
}
