/** The parts that work, put together for the window: queue, pool, source of tasks, progress. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunState } from '../../preload/contract/dto.ts';
import { ProgressEstimator } from '../engine/progress.ts';
import type { Failure } from '../engine/errors.ts';
import { fractionOf, isSettled, type Job } from '../jobs/job.ts';
import { EnhanceQueue, type Resolve } from '../jobs/queue.ts';
import { Pool } from '../pool/pool.ts';
import type { PoolSize } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import type { WorkerConfig } from '../worker/protocol.ts';
import { WorkSource } from './work-source.ts';

export interface RunnerOptions {
  readonly size: PoolSize;
  readonly start: StartProcess;
  readonly scratchBase: string;
  readonly weightsFolder: string;
  readonly resolve: Resolve;
  readonly onJob: (job: Job) => void;
  readonly onNotice: (notice: Failure) => void;
}

/** Workers, and what they are given to do. Disposing ends them and removes their files. */
export class Runner implements AsyncDisposable {
  readonly queue: EnhanceQueue;
  readonly source: WorkSource;
  readonly pool: Pool;
  readonly scratchFolder: string;
  readonly size: PoolSize;
  #progress = new ProgressEstimator();
  #expected = 0;

  private constructor(options: RunnerOptions, scratchFolder: string) {
    const { size, start, weightsFolder, resolve, onNotice } = options;
    this.size = size;
    this.scratchFolder = scratchFolder;
    const onJob = (job: Job): void => {
      this.#follow(job);
      options.onJob(job);
    };
    const { workers, threads, layout, budget } = size;
    this.queue = new EnhanceQueue({ workers, scratchFolder, budget, resolve, listener: { onJob, onNotice } });
    this.source = new WorkSource(this.queue);
    const config: WorkerConfig = { threads, provider: 'cpu', weightsFolder, layout, reuseArena: true };
    this.pool = new Pool({ workers, config, start }, this.source);
    this.source.connect(() => {
      this.pool.wake();
    });
  }

  static async open(options: RunnerOptions): Promise<Runner> {
    return new Runner(options, await mkdtemp(join(options.scratchBase, 'tessera-')));
  }

  /** A new batch begins: its progress starts from nothing. */
  begin(): void {
    this.#progress = new ProgressEstimator();
    this.#expected = 0;
  }

  /** Lines up photos. */
  add(photos: readonly Pick<Job, 'id' | 'source'>[]): void {
    this.#expected += photos.length;
    this.#progress.expect(this.#expected);
    this.queue.add(photos);
  }

  /** Photos that were lined up and are no longer part of the batch. */
  forget(count: number): void {
    this.#expected -= count;
    this.#progress.expect(this.#expected);
  }

  end(): void {
    this.#progress.end();
  }

  /** Where the batch stands: its rate is in megapixels of photos, not of results. */
  at(): { readonly run: RunState; readonly fraction: number } {
    const { fraction, pixelsPerSecond, remainingMs } = this.#progress.at(Date.now());
    const leftMs = remainingMs ?? null;
    const megapixelsPerSecond = pixelsPerSecond > 0 ? pixelsPerSecond / 1e6 : null;
    return { run: { kind: 'running', leftMs, megapixelsPerSecond }, fraction };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.queue.cancelAll();
    await this.pool.dispose();
    this.source.close();
    await rm(this.scratchFolder, { recursive: true, force: true });
  }

  #follow({ id, state }: Job): void {
    if (state.kind === 'opening') {
      const { widthPx, heightPx } = state.assignment.info;
      this.#progress.start(id, widthPx * heightPx, Date.now());
    } else if (isSettled(state)) this.#progress.settle(id, state.kind === 'done');
    else this.#progress.advance(id, fractionOf(state));
  }
}
