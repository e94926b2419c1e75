import type { Failure, Result } from '../engine/errors.ts';
import type { Task, TaskKind, TaskValues, WorkerConfig, WorkerReport } from '../worker/protocol.ts';
import type { Exit, StartProcess } from './transport.ts';
import { WorkerHost } from './worker-host.ts';

/** Inference runs alone on a worker; decoding, encoding and reading headers run beside it, on the codec's threads. */
export type LaneName = 'infer' | 'codec';

/** Tasks that a worker holds at once: one under way and one waiting, so that it never stands idle between two. */
const CAPACITY: Readonly<Record<LaneName, number>> = { infer: 2, codec: 2 };

/** A worker that dies at once is not started over and over: the pause doubles up to this. */
const MAX_BACK_OFF_MS = 8_000;
const FIRST_BACK_OFF_MS = 100;
/** So many starts without one finished task, and the pool gives up. */
const MAX_FRUITLESS_STARTS = 6;

/** A task on its way to a worker, and who waits for its result. */
export interface PoolTask {
  readonly task: Task;
  readonly signal: AbortSignal;
  readonly onTile: () => void;
  readonly settle: (result: Result<TaskValues[TaskKind]>) => void;
}

/** Where the pool asks for work. */
export interface TaskSource {
  /** The next task for a lane of a worker, or undefined when there is none now; `wake` asks again. */
  next(lane: LaneName, workerIndex: number): PoolTask | undefined;
  onNotice(notice: Failure): void;
  /**
   * Workers cannot be kept alive; no task will be taken any more.
   *
   * @param cause what the last one wrote while it ended
   */
  onUnavailable(cause: string): void;
}

export interface PoolOptions {
  readonly workers: number;
  readonly config: WorkerConfig;
  readonly start: StartProcess;
}

interface Seat {
  readonly index: number;
  host: WorkerHost | undefined;
  readonly load: Record<LaneName, number>;
  fruitlessStarts: number;
  restart: NodeJS.Timeout | undefined;
}

/** A fixed number of workers that pull tasks from a source; dead ones are started again. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #source: TaskSource;
  readonly #seats: readonly Seat[];
  #disposed = false;

  constructor(options: PoolOptions, source: TaskSource) {
    this.#options = options;
    this.#source = source;
    this.#seats = Array.from({ length: options.workers }, (_, index) => ({
      index,
      host: undefined,
      load: { infer: 0, codec: 0 },
      fruitlessStarts: 0,
      restart: undefined,
    }));
    for (const seat of this.#seats) this.#startWorker(seat);
  }

  /** Asks the source for tasks for every worker that has room. */
  wake(): void {
    if (this.#disposed) return;
    // Round by round, so that the first worker does not take everything.
    let gave = true;
    while (gave) {
      gave = false;
      for (const seat of this.#seats) {
        for (const lane of ['infer', 'codec'] as const) gave = this.#offer(seat, lane) || gave;
      }
    }
  }

  /** Process ids of the workers that live. */
  pids(): number[] {
    return this.#hosts().flatMap((host) => host.pid ?? []);
  }

  /** Memory and counters of each worker that lives. */
  async reports(collectGarbage = false): Promise<WorkerReport[]> {
    const reports = await Promise.all(this.#hosts().map((host) => host.report(collectGarbage)));
    return reports.filter((report) => report !== undefined);
  }

  /** Settles once every worker takes tasks, or has failed to start. */
  async ready(): Promise<void> {
    await Promise.all(this.#hosts().map((host) => host.ready));
  }

  /** Ends all workers. Tasks under way are answered with `worker-died`. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const seat of this.#seats) clearTimeout(seat.restart);
    await Promise.all(this.#hosts().map((host) => host.stop()));
  }

  #hosts(): WorkerHost[] {
    return this.#seats.flatMap((seat) => seat.host ?? []);
  }

  #offer(seat: Seat, lane: LaneName): boolean {
    const { host } = seat;
    if (host?.state !== 'ready' || seat.load[lane] >= CAPACITY[lane]) return false;
    const given = this.#source.next(lane, seat.index);
    if (given === undefined) return false;
    seat.load[lane] += 1;
    void this.#run(seat, host, lane, given);
    return true;
  }

  async #run(seat: Seat, host: WorkerHost, lane: LaneName, given: PoolTask): Promise<void> {
    const { task, signal, onTile } = given;
    const result = await host.run(task, { signal, onTile });
    if (seat.host === host) seat.load[lane] -= 1;
    if (result.ok) seat.fruitlessStarts = 0;
    given.settle(result);
    this.wake();
  }

  #startWorker(seat: Seat): void {
    seat.load.infer = 0;
    seat.load.codec = 0;
    const host = new WorkerHost(this.#options.start, this.#options.config, {
      onNotice: (notice) => {
        this.#source.onNotice(notice);
      },
      onExit: (exit) => {
        this.#replace(seat, exit);
      },
    });
    seat.host = host;
    void host.ready.then(() => {
      this.wake();
    });
  }

  #replace(seat: Seat, exit: Exit): void {
    const onPurpose = seat.host?.endedOnPurpose === true;
    seat.host = undefined;
    if (this.#disposed) return;
    if (onPurpose) {
      this.#startWorker(seat);
      return;
    }
    seat.fruitlessStarts += 1;
    if (seat.fruitlessStarts > MAX_FRUITLESS_STARTS) {
      if (this.#seats.every((other) => other.host === undefined && other.fruitlessStarts > MAX_FRUITLESS_STARTS)) {
        this.#source.onUnavailable(exit.errorOutput);
      }
      return;
    }
    const backOffMs = Math.min(FIRST_BACK_OFF_MS * 2 ** (seat.fruitlessStarts - 1), MAX_BACK_OFF_MS);
    seat.restart = setTimeout(() => {
      this.#startWorker(seat);
    }, backOffMs);
  }
}
