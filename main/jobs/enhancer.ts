/** The parts that enhance photos, put together: the queue, the pool and the scratch folder. Both front doors use it. */
import { rm } from 'node:fs/promises';
import { Pool } from '../pool/pool.ts';
import type { PoolSize } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import type { Trial, WorkerConfig } from '../worker/protocol.ts';
import { makeScratchFolder } from './scratch.ts';
import { EnhanceQueue, type Resolve } from './queue.ts';
import type { QueueListener } from './roster.ts';

export interface EnhancerOptions {
  readonly size: PoolSize;
  readonly start: StartProcess;
  /** The size's where left out. */
  readonly provider?: WorkerConfig['provider'];
  /** Where a folder for spool files is made; see `scratchBase`. */
  readonly scratchBase: string;
  readonly resolve: Resolve;
  readonly listener: QueueListener;
  /** Switched off only to measure what the arena is worth. */
  readonly reuseArena?: boolean;
  readonly preload?: NonNullable<WorkerConfig['preload']>;
  /** What a benchmark has done worse than it could be. */
  readonly trial?: Trial;
  /** Where the models' weights lie; left out, in the source tree. */
  readonly weightsFolder?: string;
  /** Where imported models lie; left out, only the catalogue's can be used. */
  readonly importedFolder?: string;
}

export interface Enhancer extends AsyncDisposable {
  readonly queue: EnhanceQueue;
  readonly pool: Pool;
  readonly scratchFolder: string;
}

/** Starts workers and an empty queue. Disposing ends the workers and removes the spool files. */
export async function startEnhancer(options: EnhancerOptions): Promise<Enhancer> {
  const {
    size,
    start,
    provider = size.provider,
    resolve,
    listener,
    reuseArena = true,
    preload,
    trial,
    weightsFolder,
    importedFolder,
  } = options;
  const scratchFolder = await makeScratchFolder(options.scratchBase);
  const queue = new EnhanceQueue({ workers: size.workers, scratchFolder, budget: size.budget, resolve, listener });
  const config: WorkerConfig = {
    threads: size.threads,
    provider,
    layout: size.layout,
    reuseArena,
    ...(preload && { preload }),
    ...(trial && { trial }),
    ...(weightsFolder !== undefined && { weightsFolder }),
    ...(importedFolder !== undefined && { importedFolder }),
  };
  const pool = new Pool({ workers: size.workers, config, start }, queue);
  queue.connect(() => {
    pool.wake();
  });
  return {
    queue,
    pool,
    scratchFolder,
    async [Symbol.asyncDispose](): Promise<void> {
      queue.cancelAll();
      await pool.dispose();
      // What cancelled photos left is known by files in the scratch folder.
      await queue.cleared();
      await rm(scratchFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
