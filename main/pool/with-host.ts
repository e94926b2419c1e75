/** A worker outside any pool, for one task or a few. */
import { failure, type Failure, type Result } from '../engine/errors.ts';
import type { Provider } from '../engine/ports.ts';
import type { WorkerConfig } from '../worker/protocol.ts';
import type { PoolSize } from './sizing.ts';
import type { StartProcess } from './transport.ts';
import { WorkerHost } from './worker-host.ts';

export interface HostOptions {
  readonly start: StartProcess;
  /** Threads and pixel memory; how many workers there are is not asked. */
  readonly size: Pick<PoolSize, 'threads' | 'layout'>;
  /** The processor where left out. */
  readonly provider?: Provider;
  /** Where models lie, where that is not the source tree. */
  readonly folders?: Pick<WorkerConfig, 'weightsFolder' | 'importedFolder'>;
  /** Told what the worker says, such as that it left a device. */
  readonly onNotice?: (notice: Failure) => void;
  /** Ends the worker at once. */
  readonly signal?: AbortSignal;
}

/**
 * Starts a worker, hands it over once it takes tasks, and ends it when what is done with it has settled.
 *
 * @returns what `use` returns; `worker-died` where the worker does not start; `cancelled` after the signal
 */
export async function withHost<T>(
  { start, size, provider = 'cpu', folders, onNotice = () => undefined, signal }: HostOptions,
  use: (host: WorkerHost) => Promise<Result<T>>,
): Promise<Result<T>> {
  const config = { threads: size.threads, provider, layout: size.layout, reuseArena: true, ...folders };
  const host = new WorkerHost(start, config, { onNotice, onExit: () => undefined });
  const kill = (): void => {
    host.kill();
  };
  signal?.addEventListener('abort', kill);
  if (signal?.aborted === true) kill();
  try {
    const ready = await host.ready;
    const result = ready.ok ? await use(host) : ready;
    return signal?.aborted === true ? failure('cancelled', 'Cancelled.') : result;
  } finally {
    signal?.removeEventListener('abort', kill);
    await host.stop();
  }
}
