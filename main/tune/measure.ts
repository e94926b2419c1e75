/** Measures batches through the real queue, pool and workers, and the raw speed of the sessions beside them. */
import { join } from 'node:path';
import { success, type Result } from '../engine/errors.ts';
import type { Provider, TileShape } from '../engine/ports.ts';
import { startEnhancer } from '../jobs/enhancer.ts';
import type { Outcome } from '../jobs/job.ts';
import type { PoolSize } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import { WorkerHost } from '../pool/worker-host.ts';
import type { EnhanceSpec, Precision, StageTime, WorkerReport } from '../worker/protocol.ts';

/** What is to be measured. */
export interface BatchMeasurement {
  readonly start: StartProcess;
  readonly size: PoolSize;
  readonly spec: EnhanceSpec;
  readonly scale: number;
  readonly photos: readonly string[];
  /** Existing folder for results and spool files. */
  readonly folder: string;
  readonly reuseArena?: boolean;
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
  /** Of decoding and encoding, as wall time; they run beside inference. */
  readonly codecMs: number;
  /**
   * Growth of `arrayBuffers` + `external`, summed over the workers, from the third photo to the last. Real where the
   * workers run with `--expose-gc`; undefined for fewer photos.
   */
  readonly growthBytes: number | undefined;
  readonly reports: readonly WorkerReport[];
  readonly outcomes: readonly Outcome[];
}

/** Runs a batch once. The workers' start and warm-up are outside the measured time. */
export async function measureBatch(options: BatchMeasurement): Promise<Result<BatchFigures>> {
  const { start, size, spec, scale, photos, folder, reuseArena = true } = options;
  const memory: number[] = [];
  let done = 0;
  const measureMemory = async (): Promise<void> => {
    const reports = await enhancer.pool.reports(true);
    memory.push(reports.reduce((sum, report) => sum + report.arrayBufferBytes + report.externalBytes, 0));
  };
  const enhancer = await startEnhancer({
    size,
    start,
    provider: 'cpu',
    scratchBase: folder,
    reuseArena,
    preload: { modelId: spec.modelId, precision: spec.precision, tilePx: spec.tilePx },
    resolve: (job, info) => {
      const large = { widthPx: info.widthPx * scale, heightPx: info.heightPx * scale };
      const output = { path: join(folder, `${job.id}.jpg`), format: 'jpeg', quality: 92, mayOverwrite: true } as const;
      return Promise.resolve(success({ info, spec, output: { ...output, ...large } }));
    },
    listener: {
      onNotice: () => undefined,
      onJob: (job) => {
        if (job.state.kind === 'done' && (done += 1) === 3) void measureMemory();
      },
    },
  });
  try {
    await enhancer.pool.ready();
    // Answered in the inference lane, and so after the warm-up.
    await enhancer.pool.reports();
    const startMs = performance.now();
    enhancer.queue.add(photos.map((source, index) => ({ id: String(index), source })));
    await enhancer.queue.settled();
    const elapsedMs = performance.now() - startMs;
    await measureMemory();
    const outcomes: Outcome[] = [];
    for (const { state } of enhancer.queue.jobs) {
      if (state.kind === 'failed') return { ok: false, error: state.failure };
      if (state.kind === 'done') outcomes.push(state.outcome);
    }
    const reports = await enhancer.pool.reports();
    const growthBytes = memory.length < 2 ? undefined : memory.at(-1)! - memory[0]!;
    return success({ ...sums(outcomes), elapsedMs, growthBytes, reports, outcomes });
  } finally {
    await enhancer[Symbol.asyncDispose]();
  }
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

export interface RawMeasurement {
  readonly start: StartProcess;
  readonly size: PoolSize;
  readonly modelId: string;
  readonly precision: Precision;
  readonly padding: 'same' | 'valid';
  readonly tiles: readonly TileShape[];
  readonly durationMs: number;
  /** Without, the processor. */
  readonly provider?: Provider;
  readonly signal?: AbortSignal;
}

/** The raw speed of one tile shape. */
export interface RawFigures {
  readonly tile: TileShape;
  /** All workers together; every pixel that the graph puts out. */
  readonly pixelsPerSecond: number;
  /** One tile, on each worker while all run. */
  readonly tileMs: number;
}

/** Runs each tile shape on all workers at once, blank tiles and nothing else. */
export async function measureRaw(options: RawMeasurement): Promise<Result<readonly RawFigures[]>> {
  const { start, size, modelId, precision, padding, tiles, durationMs, provider = 'cpu', signal } = options;
  const config = { threads: size.threads, provider, layout: size.layout, reuseArena: true };
  const listener = signal === undefined ? {} : { signal };
  const quiet = { onNotice: () => undefined, onExit: () => undefined };
  const hosts = Array.from({ length: size.workers }, () => new WorkerHost(start, config, quiet));
  try {
    await Promise.all(hosts.map((host) => host.ready));
    const figures: RawFigures[] = [];
    for (const tile of tiles) {
      const task = { kind: 'measure', modelId, precision, padding, tile, durationMs } as const;
      // Once to open the session and warm it, so that all workers then run at the same time.
      await Promise.all(hosts.map((host) => host.run({ ...task, durationMs: 1 }, listener)));
      const results = await Promise.all(hosts.map((host) => host.run(task, listener)));
      let pixelsPerSecond = 0;
      let tileMs = 0;
      for (const result of results) {
        if (!result.ok) return result;
        const { tiles: count, elapsedMs, outputPixels } = result.value;
        pixelsPerSecond += (count * outputPixels * 1000) / elapsedMs;
        tileMs += elapsedMs / count / results.length;
      }
      figures.push({ tile, pixelsPerSecond, tileMs });
    }
    return success(figures);
  } finally {
    await Promise.all(hosts.map((host) => host.stop()));
  }
}
