import { failure, success, type Failure, type Result } from '../engine/errors.ts';
import type { FromWorker, Task, TaskKind, TaskValues, WorkerConfig, WorkerReport } from '../worker/protocol.ts';
import type { Exit, StartProcess, WorkerProcess } from './transport.ts';

/** A cancelled task that has not answered by then has its worker killed: cancel answers within a second. */
const CANCEL_GRACE_MS = 800;
/** The kinds that hold up whoever cancelled them, because they run in the model. */
const STOPPABLE: ReadonlySet<TaskKind> = new Set(['infer', 'measure', 'compare']);
/** How long a worker may take to end by itself. */
const SHUTDOWN_GRACE_MS = 2_000;
/** How long a worker may take from its start to `ready`. */
const START_TIMEOUT_MS = 60_000;

export interface TaskListener {
  /** Seen before the task's worker died, was cancelled or finished. */
  readonly onTile?: () => void;
  readonly signal?: AbortSignal;
}

export interface HostListener {
  readonly onNotice: (notice: Failure) => void;
  /** The process is gone, by itself or by `kill`; every task under way has been answered with `worker-died`, or with `worker-restarted` after a kill that a cancel needed. */
  readonly onExit: (exit: Exit) => void;
}

interface Running {
  readonly answer: (result: Result<TaskValues[TaskKind]>) => void;
  readonly onTile: (() => void) | undefined;
}

type State = 'starting' | 'ready' | 'stopping' | 'gone';

/** One worker process: start, ready, tasks, exit, kill. */
export class WorkerHost {
  readonly #process: WorkerProcess;
  readonly #listener: HostListener;
  readonly #tasks = new Map<number, Running>();
  readonly #ready = Promise.withResolvers<Result<void>>();
  readonly #gone = new Deferred();
  #reports: ((report: WorkerReport | undefined) => void)[] = [];
  #state: State = 'starting';
  #lastTaskId = 0;
  #endedOnPurpose = false;

  constructor(start: StartProcess, config: WorkerConfig, listener: HostListener) {
    this.#listener = listener;
    this.#process = start();
    this.#process.onMessage((message) => {
      this.#receive(message);
    });
    this.#process.onExit((exit) => {
      this.#exited(exit);
    });
    this.#process.send({ type: 'configure', config });
    const timeout = setTimeout(() => {
      this.kill();
    }, START_TIMEOUT_MS);
    void this.ready.finally(() => {
      clearTimeout(timeout);
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Whether it was this host that ended the process, because a cancel was not answered. */
  get endedOnPurpose(): boolean {
    return this.#endedOnPurpose;
  }

  get state(): State {
    return this.#state;
  }

  /** Settles when the worker takes tasks, or is gone before that. */
  get ready(): Promise<Result<void>> {
    return this.#ready.promise;
  }

  /**
   * Runs a task in the worker.
   *
   * @returns the task's own result, or `worker-died`, or `cancelled`
   */
  async run<Kind extends TaskKind>(
    task: Extract<Task, { kind: Kind }>,
    { onTile, signal }: TaskListener = {},
  ): Promise<Result<TaskValues[Kind]>> {
    if (this.#state !== 'ready') return this.#died(undefined);
    const taskId = (this.#lastTaskId += 1);
    let grace: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      this.#process.send({ type: 'cancel', taskId });
      // Decoding and encoding cannot be stopped half-way, and need not be: nobody waits for a cancelled one.
      if (!STOPPABLE.has(task.kind)) return;
      grace = setTimeout(() => {
        this.#endedOnPurpose = true;
        this.kill();
      }, CANCEL_GRACE_MS);
    };
    const answered = new Promise<Result<TaskValues[TaskKind]>>((answer) => {
      this.#tasks.set(taskId, { answer, onTile });
      this.#process.send({ type: 'task', taskId, task });
    });
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted === true) cancel();
    const result = await answered;
    signal?.removeEventListener('abort', cancel);
    clearTimeout(grace);
    // The worker answers a task with its kind's value: the one cast between the wire and the types.
    return result as Result<TaskValues[Kind]>;
  }

  /** Memory and counters; undefined when the worker is gone. */
  async report(collectGarbage = false): Promise<WorkerReport | undefined> {
    if (this.#state !== 'ready') return undefined;
    return new Promise((resolve) => {
      this.#reports.push(resolve);
      this.#process.send({ type: 'report', collectGarbage });
    });
  }

  /** Asks the worker to end, and ends it after a while. */
  async stop(): Promise<void> {
    if (this.#state === 'gone') return;
    this.#state = 'stopping';
    this.#process.send({ type: 'shutdown' });
    const timeout = setTimeout(() => {
      this.kill();
    }, SHUTDOWN_GRACE_MS);
    await this.#gone.promise;
    clearTimeout(timeout);
  }

  /** Ends the process at once. */
  kill(): void {
    this.#process.kill();
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        if (this.#state === 'starting') this.#state = 'ready';
        this.#ready.resolve(success(undefined));
        return;
      case 'tile':
        this.#tasks.get(message.taskId)?.onTile?.();
        return;
      case 'done': {
        const task = this.#tasks.get(message.taskId);
        this.#tasks.delete(message.taskId);
        task?.answer(message.result);
        return;
      }
      case 'notice':
        this.#listener.onNotice(message.notice);
        return;
      case 'report':
        this.#reports.shift()?.(message.report);
    }
  }

  #exited(exit: Exit): void {
    this.#state = 'gone';
    this.#ready.resolve(this.#died(exit));
    for (const task of this.#tasks.values()) task.answer(this.#died(exit));
    this.#tasks.clear();
    for (const report of this.#reports) report(undefined);
    this.#reports = [];
    this.#gone.settle();
    this.#listener.onExit(exit);
  }

  #died(exit: Exit | undefined): Result<never, Failure<'worker-died' | 'worker-restarted'>> {
    const code = this.#endedOnPurpose ? 'worker-restarted' : 'worker-died';
    return failure(code, 'The program part that works on photos stopped. Try again; free memory if it is short.', {
      pid: this.pid,
      exitCode: exit?.code,
      signal: exit?.signal,
      cause: exit?.errorOutput,
    });
  }
}

/** Something that happens once and can be waited for. */
class Deferred {
  settle: () => void = () => undefined;
  readonly promise = new Promise<void>((resolve) => {
    this.settle = resolve;
  });
}
