import { join } from 'node:path';
import { failure, success, type Result } from '../engine/errors.ts';
import { startEnhancer, type Enhancer } from '../jobs/enhancer.ts';
import type { Job, Outcome } from '../jobs/job.ts';
import type { PoolSize } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import type { EnhanceSpec, StageTime, Trial, WorkerConfig, WorkerReport } from '../worker/protocol.ts';

export interface BatchRigOptions {
  readonly start: StartProcess;
  readonly size: PoolSize;
  readonly scale: number;
  /** Existing folder for results and spool files. */
  readonly folder: string;
  /** The size's where left out. */
  readonly provider?: WorkerConfig['provider'];
  readonly reuseArena?: boolean;
  /** What is done worse than it could be, to learn what it is worth. */
  readonly trial?: Trial;
  /** What the workers load and warm up before the first batch. */
  readonly preload?: NonNullable<WorkerConfig['preload']>;
  /** Where models lie, where that is not the source tree. */
  readonly folders?: Pick<WorkerConfig, 'weightsFolder' | 'importedFolder'>;
  /** Cancels the batch under way. */
  readonly signal?: AbortSignal;
}

/** What one run of a batch came to. */
export interface BatchFigures {
  /** From the first task to the last stored result; workers were ready and warm. */
  readonly elapsedMs: number;
  /** Result pixels that were kept: no halo, no overlap. */
  readonly keptPixels: number;
  /** Inside the sessions, all workers together. */
  readonly runMs: number;
  /** Inference lanes in use, all workers together. */
  readonly inferMs: number;
  /** Of decoding and encoding, by the clock; they run beside inference, and their steps wait for its tiles. */
  readonly codecMs: number;
  /** Processor time of all workers and all their threads: inference, and decoding and encoding beside it. */
  readonly cpuMs: number;
  /**
   * Growth of `arrayBuffers` + `external`, summed over the workers, from the third photo to the last. Real where the
   * workers run with `--expose-gc`; undefined for fewer photos.
   */
  readonly growthBytes: number | undefined;
  readonly reports: readonly WorkerReport[];
  readonly outcomes: readonly Outcome[];
}

/** A queue and its workers, kept for one batch after another, which may differ in all but the workers. */
export interface BatchRig extends AsyncDisposable {
  /** @returns the figures, or the first photo's failure, or `cancelled` */
  run(spec: EnhanceSpec, photos: readonly string[]): Promise<Result<BatchFigures>>;
}

/** Starts the workers, and settles once they are warm. */
export async function openBatchRig(options: BatchRigOptions): Promise<BatchRig> {
  const {
    start,
    size,
    scale,
    folder,
    provider = size.provider,
    reuseArena = true,
    preload,
    trial,
    folders,
    signal,
  } = options;
  const specs = new Map<string, EnhanceSpec>();
  let onDone: () => void = () => undefined;
  const enhancer = await startEnhancer({
    size,
    start,
    provider,
    scratchBase: folder,
    reuseArena,
    ...(preload && { preload }),
    ...(trial && { trial }),
    ...folders,
    resolve: (job, info) => {
      const path = join(folder, `${job.id.split('-')[1] ?? job.id}.jpg`);
      const large = { widthPx: info.widthPx * scale, heightPx: info.heightPx * scale };
      const output = { path, format: 'jpeg', quality: 92, mayOverwrite: true, ...large } as const;
      return Promise.resolve(success({ info, spec: specs.get(job.id)!, output }));
    },
    listener: {
      onNotice: () => undefined,
      onJob: (job) => {
        if (job.state.kind === 'done') onDone();
      },
    },
  });
  let runs = 0;
  // Reports are answered in the inference lane, and so after the warm-up.
  await unlessAborted(
    enhancer.pool.ready().then(() => enhancer.pool.reports()),
    signal,
  );
  return {
    run: async (spec, photos) => {
      if (isAborted(signal)) return CANCELLED;
      runs += 1;
      const batch = photos.map((source, index) => ({ id: `${runs}-${index}`, source }));
      for (const { id } of batch) specs.set(id, spec);
      const cpuBeforeMs = cpuOf(await enhancer.pool.reports());
      const memory = watchMemory(enhancer);
      onDone = memory.photoDone;
      const startMs = performance.now();
      enhancer.queue.add(batch);
      await unlessAborted(enhancer.queue.settled(), signal);
      if (isAborted(signal)) return CANCELLED;
      const elapsedMs = performance.now() - startMs;
      const outcomes = outcomesOf(enhancer.queue.jobs);
      for (const { id } of batch) enhancer.queue.remove(id);
      if (!outcomes.ok) return outcomes;
      const growthBytes = await memory.growthBytes();
      const reports = await enhancer.pool.reports();
      const cpuMs = cpuOf(reports) - cpuBeforeMs;
      return success({ ...sums(outcomes.value), elapsedMs, cpuMs, growthBytes, reports, outcomes: outcomes.value });
    },
    [Symbol.asyncDispose]: () => disposeEnhancer(enhancer, signal),
  };
}

const CANCELLED: Result<never> = failure('cancelled', 'The measurement was cancelled.');

/** Waits for something, or for the abort: nobody waits for what a cancelled measurement still has under way. */
export async function unlessAborted(work: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) {
    await work;
    return;
  }
  const aborted = Promise.withResolvers<undefined>();
  const abort = (): void => {
    aborted.resolve(undefined);
  };
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  await Promise.race([work, aborted.promise]);
  signal.removeEventListener('abort', abort);
}

/** Ends an enhancer's workers; after a cancel at once, since all that they write to is a measurement's own. */
export async function disposeEnhancer(enhancer: Enhancer, signal: AbortSignal | undefined): Promise<void> {
  // First, so that the pool starts no other worker in the place of one that was ended.
  const disposed = enhancer[Symbol.asyncDispose]();
  if (signal?.aborted === true) for (const pid of enhancer.pool.pids()) endProcess(pid);
  await disposed;
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}

/** A function, because a signal changes behind the compiler's back. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function cpuOf(reports: readonly WorkerReport[]): number {
  return reports.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/** Reads the workers' memory at a batch's third photo and at its end. */
function watchMemory({ pool }: Enhancer): {
  readonly photoDone: () => void;
  readonly growthBytes: () => Promise<number | undefined>;
} {
  const readings: Promise<number>[] = [];
  let done = 0;
  const read = async (): Promise<number> => {
    const reports = await pool.reports(true);
    return reports.reduce((sum, report) => sum + report.arrayBufferBytes + report.externalBytes, 0);
  };
  return {
    photoDone: () => {
      if ((done += 1) === 3) readings.push(read());
    },
    growthBytes: async () => {
      if (readings.length === 0) return undefined;
      const [after, before] = [await read(), await readings[0]!];
      return after - before;
    },
  };
}

function outcomesOf(jobs: readonly Job[]): Result<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { state } of jobs) {
    if (state.kind === 'failed') return { ok: false, error: state.failure };
    if (state.kind === 'cancelled') return CANCELLED;
    if (state.kind === 'done') outcomes.push(state.outcome);
  }
  return success(outcomes);
}

function sums(outcomes: readonly Outcome[]): Pick<BatchFigures, 'keptPixels' | 'runMs' | 'inferMs' | 'codecMs'> {
  const timeOf = (stages: readonly StageTime['stage'][]): number =>
    outcomes
      .flatMap((outcome) => outcome.stages)
      .filter(({ stage }) => stages.includes(stage))
      .reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  return {
    keptPixels: outcomes.reduce((sum, { assignment: { output } }) => sum + output.widthPx * output.heightPx, 0),
    runMs: outcomes.reduce((sum, outcome) => sum + outcome.runMs, 0),
    inferMs: timeOf(['infer']),
    codecMs: timeOf(['decode', 'encode', 'store']),
  };
}
