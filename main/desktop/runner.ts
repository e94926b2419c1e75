/** The parts that work, put together for the window: queue, pool, source of tasks. */
import { rm } from 'node:fs/promises';
import type { Failure } from '../engine/errors.ts';
import type { Job } from '../jobs/job.ts';
import { EnhanceQueue, type Resolve } from '../jobs/queue.ts';
import { makeScratchFolder } from '../jobs/scratch.ts';
import { Pool } from '../pool/pool.ts';
import type { PoolSize } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import type { WorkerConfig } from '../worker/protocol.ts';
import { WorkSource } from './work-source.ts';

export interface RunnerOptions {
  readonly size: PoolSize;
  readonly start: StartProcess;
  readonly scratchBase: string;
  /** Where the models' weights lie; left out, in the source tree. */
  readonly weightsFolder?: string;
  /** Where imported models lie; left out, only the catalogue's can be used. */
  readonly importedFolder?: string;
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

  private constructor(options: RunnerOptions, scratchFolder: string) {
    const { size, start, weightsFolder, importedFolder, resolve, onJob, onNotice } = options;
    this.size = size;
    this.scratchFolder = scratchFolder;
    const { provider, workers, threads, layout, budget } = size;
    this.queue = new EnhanceQueue({ workers, scratchFolder, budget, resolve, listener: { onJob, onNotice } });
    this.source = new WorkSource(this.queue);
    const config: WorkerConfig = {
      threads,
      provider,
      layout,
      reuseArena: true,
      ...(weightsFolder !== undefined && { weightsFolder }),
      ...(importedFolder !== undefined && { importedFolder }),
    };
    this.pool = new Pool({ workers, config, start }, this.source);
    this.source.connect(() => {
      this.pool.wake();
    });
  }

  /** Starts workers, over a folder for spool files that goes even where this process ends without warning. */
  static async open(options: RunnerOptions): Promise<Runner> {
    return new Runner(options, await makeScratchFolder(options.scratchBase));
  }

  /** Whether these workers are what is asked for, and still there. */
  fits(size: PoolSize): boolean {
    return this.source.isOpen && JSON.stringify(this.size) === JSON.stringify(size);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.queue.cancelAll();
    await this.pool.dispose();
    // What cancelled photos left is known by files in the scratch folder.
    await this.queue.cleared();
    this.source.close();
    await rm(this.scratchFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
