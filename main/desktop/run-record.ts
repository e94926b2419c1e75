/** What is remembered of the run under way, or of the last one, for the diagnostics. Pure: the time is told. */
import type {
  BatchTimes,
  ComputedOn,
  PhotoTimes,
  StageTimes,
  WorkerTimes,
} from '../../preload/contract/diagnostics.ts';
import type { JobId, RunState } from '../../preload/contract/dto.ts';
import type { Outcome } from '../jobs/job.ts';
import { loadOf, pausedMs, photoProfile, spanOf, type Pause, type PhotoProfile } from '../tune/profile.ts';
import type { TracedPhoto } from '../tune/trace.ts';
import type { WorkerReport } from '../worker/protocol.ts';
import { StageStore } from './stage-store.ts';

/** Photos that are told of one by one. Of 10,000 nobody reads more, and the totals are of all. */
export const MOST_SHOWN = 100;
/** A run that is held more often forgets its first pauses; so many workers come and go only where photos end them. */
const MOST_KEPT = 1000;

const noTime: StageTimes = { decode: 0, wait: 0, infer: 0, stitch: 0, write: 0, encode: 0, store: 0 };

/** A photo that is done. */
export interface DonePhoto {
  readonly job: JobId;
  readonly name: string;
  readonly outcome: Outcome;
}

/** Adds up photos as they are done, and keeps no more of a run of any size than of one of a few hundred photos. */
export class RunRecord {
  #begunMs: number | undefined;
  /** When the run was held, and nothing was left to finish. */
  #pauses: Pause[] = [];
  #pausedFromMs: number | undefined;
  #span: Pause | undefined;
  #photos = 0;
  #totals = noTime;
  #slowest: PhotoTimes[] = [];
  #computed = new Map<string, ComputedOn>();
  #loads = new Map<number, { inferMs: number; codecMs: number }>();
  #reports = new Map<number, WorkerReport>();
  #stages = new StageStore();

  /** A run begins, and the last one is forgotten. All times are milliseconds since the epoch. */
  begin(nowMs: number): void {
    this.#begunMs = nowMs;
    this.#pauses = [];
    this.#pausedFromMs = undefined;
    this.#span = undefined;
    this.#photos = 0;
    this.#totals = noTime;
    this.#slowest = [];
    this.#computed = new Map();
    this.#loads = new Map();
    this.#reports = new Map();
    this.#stages = new StageStore();
  }

  pause(nowMs: number): void {
    this.#pausedFromMs ??= nowMs;
  }

  /** Something was finished: a run that is held is not idle before its workers are. */
  stir(nowMs: number): void {
    if (this.#pausedFromMs !== undefined) this.#pausedFromMs = nowMs;
  }

  /** The run goes on, or ends. */
  resume(nowMs: number): void {
    if (this.#pausedFromMs !== undefined) this.#pauses.push({ startMs: this.#pausedFromMs, endMs: nowMs });
    if (this.#pauses.length > MOST_KEPT) this.#pauses.shift();
    this.#pausedFromMs = undefined;
  }

  /** Adds a photo that is done, and says where its time went. */
  add({ job, name, outcome }: DonePhoto): PhotoProfile {
    const { stages, runMs, assignment, provider, precision } = outcome;
    const photo = { name, stages, runMs };
    const profile = photoProfile(photo, this.#pauses);
    const { info, output } = assignment;
    const times = stageTimes(profile);
    this.#photos += 1;
    this.#totals = sum(this.#totals, times);
    this.#span = spanOf([...(this.#span === undefined ? [] : [this.#span]), ...stages]);
    this.#keepIfSlow({
      job,
      name,
      source: { widthPx: info.widthPx, heightPx: info.heightPx },
      result: { widthPx: output.widthPx, heightPx: output.heightPx },
      format: output.format,
      elapsedMs: profile.elapsedMs,
      stages: times,
    });
    const key = `${provider}/${precision}`;
    const photos = (this.#computed.get(key)?.photos ?? 0) + 1;
    this.#computed.set(key, { device: provider, precision, photos });
    this.#addLoads(photo);
    this.#stages.add(photo);
    return profile;
  }

  /** What workers say of themselves; the last word of each counts. */
  learn(reports: readonly WorkerReport[]): void {
    for (const report of reports) this.#reports.set(report.worker, report);
    dropOldest(this.#reports);
  }

  /** How many photos a trace can tell of. */
  get tracedCount(): number {
    return this.#stages.size;
  }

  /** The photos that a trace can tell of. */
  traced(): TracedPhoto[] {
    return this.#stages.photos();
  }

  /**
   * What is known so far, or null before the first run.
   *
   * @param failed photos of the run that failed
   * @param alive workers that are still there
   */
  view(run: RunState['kind'], failed: number, alive: readonly number[] = []): BatchTimes | null {
    if (this.#begunMs === undefined) return null;
    const span = this.#span === undefined ? [] : [this.#span];
    const heldMs = pausedMs(span, this.#pauses);
    const elapsedMs = span.reduce((_, { startMs, endMs }) => Math.max(0, endMs - startMs - heldMs), 0);
    return {
      run: run === 'idle' ? 'ended' : run,
      startedAt: new Date(this.#begunMs).toISOString(),
      elapsedMs,
      pausedMs: heldMs,
      photos: this.#photos,
      failed,
      totals: this.#totals,
      slowest: this.#slowest.toSorted(bySlowness).slice(0, MOST_SHOWN),
      workers: [...this.#loads].map(([worker, load]) => ({
        ...this.#workerTimes(worker, load, elapsedMs),
        alive: alive.includes(worker),
      })),
      computed: [...this.#computed.values()],
      traceable: this.#stages.size,
    };
  }

  /** Sorted now and then, not for each photo. */
  #keepIfSlow(photo: PhotoTimes): void {
    this.#slowest.push(photo);
    if (this.#slowest.length > 2 * MOST_SHOWN) {
      this.#slowest = this.#slowest.toSorted(bySlowness).slice(0, MOST_SHOWN);
    }
  }

  #addLoads({ stages }: TracedPhoto): void {
    for (const worker of new Set(stages.map((stage) => stage.worker))) {
      const { inferMs, codecMs } = loadOf(stages.filter((stage) => stage.worker === worker));
      const before = this.#loads.get(worker) ?? { inferMs: 0, codecMs: 0 };
      this.#loads.set(worker, { inferMs: before.inferMs + inferMs, codecMs: before.codecMs + codecMs });
    }
    dropOldest(this.#loads);
  }

  #workerTimes(
    worker: number,
    { inferMs, codecMs }: { readonly inferMs: number; readonly codecMs: number },
    elapsedMs: number,
  ): Omit<WorkerTimes, 'alive'> {
    const report = this.#reports.get(worker);
    return {
      worker,
      inferMs,
      inUse: elapsedMs === 0 ? 0 : inferMs / elapsedMs,
      codecMs,
      arena: report?.arena ?? null,
      peakMemoryBytes: report?.peakRssBytes ?? null,
    };
  }
}

function dropOldest(byWorker: Map<number, unknown>): void {
  for (const worker of byWorker.keys()) {
    if (byWorker.size <= MOST_KEPT) return;
    byWorker.delete(worker);
  }
}

function bySlowness(one: PhotoTimes, other: PhotoTimes): number {
  return other.elapsedMs - one.elapsedMs;
}

function stageTimes(profile: PhotoProfile): StageTimes {
  return {
    decode: profile.decodeMs,
    wait: profile.waitMs,
    infer: profile.inferMs,
    stitch: profile.stitchMs,
    write: profile.writeMs,
    encode: profile.encodeMs,
    store: profile.storeMs,
  };
}

function sum(one: StageTimes, other: StageTimes): StageTimes {
  return {
    decode: one.decode + other.decode,
    wait: one.wait + other.wait,
    infer: one.infer + other.infer,
    stitch: one.stitch + other.stitch,
    write: one.write + other.write,
    encode: one.encode + other.encode,
    store: one.store + other.store,
  };
}
