/** Where the time of each photo and of each worker went. Pure; the command line and the window show the same. */
import { workedMs } from '../jobs/worked-time.ts';
import type { ArenaCounters } from '../engine/arena.ts';
import type { StageTime, WorkerReport } from '../worker/protocol.ts';
import type { TracedPhoto } from './trace.ts';

/** One photo, in milliseconds. Its strips are worked on side by side, so that the parts may be more than the whole. */
export interface PhotoProfile {
  readonly name: string;
  /** From the begin of its first stage to the end of its last, without pauses. */
  readonly elapsedMs: number;
  readonly decodeMs: number;
  /** Nothing of it ran: others were in work. */
  readonly waitMs: number;
  /** Inside the model. */
  readonly inferMs: number;
  /** Around the model: reading rows, borders, cutting and stitching tiles. */
  readonly stitchMs: number;
  /** Finished strips to disk. */
  readonly writeMs: number;
  readonly encodeMs: number;
  /** Sync and rename. */
  readonly storeMs: number;
}

/** When nothing was done because a person held the batch; milliseconds since the epoch, as stages are. */
export type Pause = Pick<StageTime, 'startMs' | 'endMs'>;

/** One worker, in milliseconds. */
export interface WorkerProfile {
  /** Process id. */
  readonly worker: number;
  /** Its model's lane was in use. */
  readonly inferMs: number;
  /** Of the batch's time. */
  readonly utilisation: number;
  /** Decoding, encoding and storing; they run beside the model. */
  readonly codecMs: number;
  /** Absent where the worker is gone, or was not asked. */
  readonly arena?: ArenaCounters;
  readonly peakRssBytes?: number;
}

/** A batch. Plain values, fit for JSON and for messages. */
export interface Profile {
  /** From the first stage's begin to the last one's end. */
  readonly elapsedMs: number;
  readonly photos: readonly PhotoProfile[];
  readonly workers: readonly WorkerProfile[];
}

/**
 * Adds up the stages of a batch.
 *
 * @param reports of the workers, after the batch; those of workers that did nothing are left out
 */
export function profileOf(photos: readonly TracedPhoto[], reports: readonly WorkerReport[] = []): Profile {
  const stages = photos.flatMap((photo) => photo.stages);
  const elapsedMs = lengthOf(stages);
  return {
    elapsedMs,
    photos: photos.map((photo) => photoProfile(photo)),
    workers: [...new Set(stages.map(({ worker }) => worker))].map((worker) => {
      const own = stages.filter((stage) => stage.worker === worker);
      const { inferMs, codecMs } = loadOf(own);
      const report = reports.find((one) => one.worker === worker);
      return {
        worker,
        inferMs,
        utilisation: inferMs / elapsedMs,
        codecMs,
        ...(report && { arena: report.arena, peakRssBytes: report.peakRssBytes }),
      };
    }),
  };
}

/**
 * Adds up the stages of one photo.
 *
 * @param pauses that do not overlap; a pause begins once the last strip under way is finished
 */
export function photoProfile({ name, stages, runMs }: TracedPhoto, pauses: readonly Pause[] = []): PhotoProfile {
  const elapsedMs = Math.max(0, lengthOf(stages) - pausedMs(stages, pauses));
  return {
    name,
    elapsedMs,
    decodeMs: sumOf(stages, ['decode']),
    // Clocks of two processes differ by a hair, and so may a pause and what ran until it began.
    waitMs: Math.max(0, elapsedMs - workedMs(stages)),
    inferMs: runMs,
    stitchMs: sumOf(stages, ['infer']) - runMs,
    writeMs: sumOf(stages, ['write']),
    encodeMs: sumOf(stages, ['encode']),
    storeMs: sumOf(stages, ['store']),
  };
}

/** What stages of one worker come to. */
export function loadOf(stages: readonly StageTime[]): Pick<WorkerProfile, 'inferMs' | 'codecMs'> {
  return { inferMs: sumOf(stages, ['infer']), codecMs: sumOf(stages, ['decode', 'encode', 'store']) };
}

function sumOf(stages: readonly StageTime[], kinds: readonly StageTime['stage'][]): number {
  return stages
    .filter(({ stage }) => kinds.includes(stage))
    .reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
}

/** From the first begin to the last end. Not by spreading them: a batch has more stages than a call takes arguments. */
export function spanOf(stages: readonly Pause[]): Pause | undefined {
  if (stages.length === 0) return undefined;
  return stages.reduce(({ startMs, endMs }, stage) => ({
    startMs: Math.min(startMs, stage.startMs),
    endMs: Math.max(endMs, stage.endMs),
  }));
}

function lengthOf(stages: readonly StageTime[]): number {
  const span = spanOf(stages);
  return span === undefined ? 0 : span.endMs - span.startMs;
}

/** Milliseconds of pauses between the first begin and the last end. */
export function pausedMs(stages: readonly Pause[], pauses: readonly Pause[]): number {
  const span = spanOf(stages);
  if (span === undefined) return 0;
  return pauses.reduce(
    (sum, { startMs, endMs }) => sum + Math.max(0, Math.min(endMs, span.endMs) - Math.max(startMs, span.startMs)),
    0,
  );
}
