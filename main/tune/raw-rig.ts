import { failure, success, type Failure, type Result } from '../engine/errors.ts';
import type { Provider, TileShape } from '../engine/ports.ts';
import type { PoolSize } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import { WorkerHost } from '../pool/worker-host.ts';
import type { Precision, TaskValues, WorkerConfig } from '../worker/protocol.ts';

export interface RawRigOptions {
  readonly start: StartProcess;
  readonly size: PoolSize;
  readonly modelId: string;
  readonly precision: Precision;
  /** `same` computes no halo; `valid` is the graph of dilated tiles. */
  readonly padding: 'same' | 'valid';
  /** The size's where left out. */
  readonly provider?: WorkerConfig['provider'];
  /** Where models lie, where that is not the source tree. */
  readonly folders?: Pick<WorkerConfig, 'weightsFolder' | 'importedFolder'>;
  /** Told what workers say, such as that they left a device. */
  readonly onNotice?: (notice: Failure) => void;
  /** Ends the workers at once. */
  readonly signal?: AbortSignal;
}

/** The raw speed of one tile shape. */
export interface RawFigures {
  readonly tile: TileShape;
  /** What was really computed on. */
  readonly provider: Provider;
  /** All workers together; every pixel that the graph puts out. */
  readonly pixelsPerSecond: number;
  /** One tile, on each worker while all run. */
  readonly tileMs: number;
}

/** Workers that run blank tiles and nothing else, kept for one shape after another. */
export interface RawRig extends AsyncDisposable {
  /**
   * Runs one tile shape on all workers at once. A shape's first time costs one tile more, if that takes less than the
   * duration.
   *
   * @param durationMs at least one tile is run, whatever it takes
   */
  run(tile: TileShape, durationMs: number): Promise<Result<RawFigures>>;
}

/** Starts the workers. */
export async function openRawRig(options: RawRigOptions): Promise<Result<RawRig>> {
  const { start, size, modelId, precision, padding, provider = size.provider, folders, signal } = options;
  const config = { threads: size.threads, provider, layout: size.layout, reuseArena: true, ...folders } as const;
  const { onNotice = (): void => undefined } = options;
  const quiet = { onNotice, onExit: () => undefined };
  const hosts = Array.from({ length: size.workers }, () => new WorkerHost(start, config, quiet));
  const kill = (): void => {
    for (const host of hosts) host.kill();
  };
  signal?.addEventListener('abort', kill);
  if (signal?.aborted === true) kill();
  const stop = async (): Promise<void> => {
    signal?.removeEventListener('abort', kill);
    await Promise.all(hosts.map((host) => host.stop()));
  };
  const cancelled = failure('cancelled', 'The measurement was cancelled.');
  const started = await Promise.all(hosts.map((host) => host.ready));
  const failed = started.find((one) => !one.ok);
  if (failed !== undefined) {
    await stop();
    return signal?.aborted === true ? cancelled : failed;
  }
  const known = new Set<string>();
  return success({
    run: async (tile, durationMs) => {
      const task = { kind: 'measure', modelId, precision, padding, tile } as const;
      const runAll = (ms: number): Promise<Result<TaskValues['measure']>[]> =>
        Promise.all(hosts.map((host) => host.run({ ...task, durationMs: ms })));
      // Once to open the session and to meet the shape, so that all workers then run at the same time.
      const shape = `${tile.widthPx}×${tile.heightPx}`;
      const first = known.has(shape) ? undefined : figuresOf(tile, await runAll(1));
      known.add(shape);
      // A tile that alone takes the time has been measured by then: a slow model's minute is short.
      const isLong = first?.ok === true && first.value.tileMs >= durationMs;
      const figures = isLong ? first : figuresOf(tile, await runAll(durationMs));
      return signal?.aborted === true ? cancelled : figures;
    },
    [Symbol.asyncDispose]: stop,
  });
}

function figuresOf(tile: TileShape, results: readonly Result<TaskValues['measure']>[]): Result<RawFigures> {
  let pixelsPerSecond = 0;
  let tileMs = 0;
  let provider: Provider = 'cpu';
  for (const result of results) {
    if (!result.ok) return result;
    const { tiles, elapsedMs, outputPixels } = result.value;
    ({ provider } = result.value);
    pixelsPerSecond += (tiles * outputPixels * 1000) / elapsedMs;
    tileMs += elapsedMs / tiles / results.length;
  }
  return success({ tile, provider, pixelsPerSecond, tileMs });
}
