import type { JobState, JobStateKind, PlannedResult } from '../../preload/contract/dto.ts';
import { formatDuration, formatPercent } from './format.ts';

/** How a state looks: quiet until it wants attention. */
export type Tone = 'quiet' | 'active' | 'good' | 'bad' | 'held';

const tones: Readonly<Record<JobStateKind, Tone>> = {
  queued: 'quiet',
  probing: 'quiet',
  running: 'active',
  encoding: 'active',
  paused: 'held',
  done: 'good',
  failed: 'bad',
  skipped: 'quiet',
  cancelled: 'quiet',
};

/** The tone of a state. */
export function toneOf(kind: JobStateKind): Tone {
  return tones[kind];
}

/** A state in a word or two, as a row shows it. */
export function stateWord(state: JobState): string {
  switch (state.kind) {
    case 'queued':
      return 'Waiting';
    case 'probing':
      return 'Reading';
    case 'running':
      return formatPercent(state.fraction);
    case 'encoding':
      return 'Saving';
    case 'paused':
      return `Paused at ${formatPercent(state.fraction)}`;
    case 'done':
      return 'Done';
    case 'failed':
      return 'Failed';
    case 'skipped':
      return 'Skipped';
    case 'cancelled':
      return 'Cancelled';
  }
}

/** The second half of a row's state: how long it takes or took, or why there is no result. */
export function stateNote(state: JobState): string {
  switch (state.kind) {
    case 'running':
      return state.leftMs === null ? '' : `${formatDuration(state.leftMs)} left`;
    case 'done':
      return formatDuration(state.tookMs);
    case 'failed':
      return state.error.message;
    case 'skipped':
      return 'Its result exists already';
    case 'queued':
    case 'probing':
    case 'encoding':
    case 'paused':
    case 'cancelled':
      return '';
  }
}

/** How far a photo is, 0…1, or null where a bar would say nothing. */
export function fractionOf(state: JobState): number | null {
  switch (state.kind) {
    case 'running':
    case 'encoding':
    case 'paused':
      return state.fraction;
    case 'queued':
    case 'probing':
    case 'done':
    case 'failed':
    case 'skipped':
    case 'cancelled':
      return null;
  }
}

/** What the queue can be narrowed to. */
export type Filter = 'all' | 'waiting' | 'active' | 'done' | 'failed';

const filterOf: Readonly<Record<JobStateKind, Exclude<Filter, 'all'>>> = {
  queued: 'waiting',
  probing: 'waiting',
  running: 'active',
  encoding: 'active',
  paused: 'active',
  done: 'done',
  skipped: 'done',
  cancelled: 'waiting',
  failed: 'failed',
};

/** Whether a state belongs to a filter. */
export function passes(filter: Filter, kind: JobStateKind): boolean {
  return filter === 'all' || filterOf[kind] === filter;
}

/** Whether a photo can be tried once more. */
export function canRetry(kind: JobStateKind): boolean {
  return kind === 'failed' || kind === 'cancelled' || kind === 'skipped';
}

/** Whether there is something left to stop. */
export function canCancel(kind: JobStateKind): boolean {
  return passes('active', kind) || kind === 'queued' || kind === 'probing';
}

/** What a photo will lose, in a sentence. */
export function lossSentence(loss: PlannedResult['losses'][number]): string {
  return {
    colours: 'Its colours, CMYK or Lab, become sRGB.',
    depth: 'Of more than 8 bits a sample 8 remain; PNG and TIFF keep them all.',
    transparency: 'Its transparency is left out; every format but JPEG keeps it.',
  }[loss];
}
