/** Where a batch's time went, and on what it was computed. */
import type { JobId, PixelSize } from './dto.ts';
import type { Device } from './machine.ts';

/** What work on a photo consists of, in the order in which it happens. */
export type Stage = 'decode' | 'wait' | 'infer' | 'stitch' | 'write' | 'encode' | 'store';

/**
 * Milliseconds of each. Strips of a photo are worked on side by side, so that all together may be more than the time
 * that the photo took. Waiting is when nothing of it ran; a pause is none of it.
 */
export type StageTimes = Readonly<Record<Stage, number>>;

/** One photo that is done. */
export interface PhotoTimes {
  readonly job: JobId;
  readonly name: string;
  readonly source: PixelSize;
  readonly result: PixelSize;
  /** Of the result. */
  readonly format: 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif';
  /** From its first stage to its last, without pauses. */
  readonly elapsedMs: number;
  readonly stages: StageTimes;
}

/** A worker's pixel memory since it was started. */
interface ArenaUse {
  readonly reservedBytes: number;
  /** Requests that were served from what was there. */
  readonly reused: number;
  /** Requests that did not fit. */
  readonly refused: number;
  /** Slabs that were allocated; one is what it should be. */
  readonly allocations: number;
}

/** One worker's part of a batch. */
export interface WorkerTimes {
  /** Process id. */
  readonly worker: number;
  /** Its model's lane was in use. */
  readonly inferMs: number;
  /** That, of the batch's time: 0…1. */
  readonly inUse: number;
  /** Decoding, encoding and storing; they run beside the model. */
  readonly codecMs: number;
  /** Whether it is still there; one that ended may have taken its counters with it. */
  readonly alive: boolean;
  /** Null until the worker has told: it answers between two strips. */
  readonly arena: ArenaUse | null;
  readonly peakMemoryBytes: number | null;
}

/** What photos were really computed on, and in. */
export interface ComputedOn {
  readonly device: Device;
  readonly precision: 'int8' | 'fp32';
  readonly photos: number;
}

/** The batch that runs, or the last one of this session. */
export interface BatchTimes {
  readonly run: 'running' | 'paused' | 'ended';
  /** ISO 8601. */
  readonly startedAt: string;
  /** From the first stage of its finished photos to the last, without pauses. */
  readonly elapsedMs: number;
  readonly pausedMs: number;
  /** Photos that are done; the others are not in any of these numbers. */
  readonly photos: number;
  readonly failed: number;
  /** Of all photos that are done. */
  readonly totals: StageTimes;
  /** The slowest photos, slowest first; all of them where there are few. */
  readonly slowest: readonly PhotoTimes[];
  readonly workers: readonly WorkerTimes[];
  readonly computed: readonly ComputedOn[];
  /** Photos that a trace can still tell of: the last ones of a large batch. */
  readonly traceable: number;
}

/** What a report of a fault needs to know of this computer and of the program. */
export interface SystemFacts {
  readonly tessera: string;
  readonly onnxRuntime: string;
  /** What photos are read and written with; null until a worker told. */
  readonly codec: { readonly sharp: string; readonly libvips: string; readonly build: 'native' | 'wasm' } | null;
  /** Null where another program stands in for it. */
  readonly electron: string | null;
  readonly node: string;
  /** Name, release and architecture. */
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
}

/** All that the diagnostics show. */
export interface Diagnostics {
  /** Null until a batch has begun in this session. */
  readonly batch: BatchTimes | null;
  readonly facts: SystemFacts;
}

/** What came of an export. */
export interface TraceReport {
  readonly photos: number;
  /** Photos of the batch that the trace does not tell of any more. */
  readonly leftOut: number;
}
