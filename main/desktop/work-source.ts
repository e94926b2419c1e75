import type { Failure, Result } from '../engine/errors.ts';
import type { EnhanceQueue } from '../jobs/queue.ts';
import type { LaneName, PoolTask, TaskSource } from '../pool/pool.ts';
import type { TaskKind, TaskOf, TaskValues } from '../worker/protocol.ts';

/** What a person waits for goes before the batch; what only completes the list, after it. */
export type Urgency = 'now' | 'idle';

/** Gives a pool the batch's tasks, and single tasks before and behind them. */
export class WorkSource implements TaskSource {
  readonly #queue: EnhanceQueue;
  readonly #single: Readonly<Record<Urgency, Record<LaneName, PoolTask[]>>> = {
    now: { infer: [], codec: [] },
    idle: { infer: [], codec: [] },
  };
  #wake: () => void = () => undefined;
  /** Why nothing will be done any more. */
  #refusal: Failure | undefined;

  constructor(queue: EnhanceQueue) {
    this.#queue = queue;
  }

  connect(wake: () => void): void {
    this.#wake = wake;
    this.#queue.connect(wake);
  }

  /** Has one task done. */
  async run<Kind extends TaskKind>(task: TaskOf<Kind>, urgency: Urgency): Promise<Result<TaskValues[Kind]>> {
    if (this.#refusal !== undefined) return { ok: false, error: this.#refusal };
    const lane: LaneName = task.kind === 'infer' || task.kind === 'measure' ? 'infer' : 'codec';
    return new Promise((resolve) => {
      this.#single[urgency][lane].push({
        task,
        signal: new AbortController().signal,
        onTile: () => undefined,
        // A worker answers a task with its own kind's value.
        settle: (result) => {
          resolve(result as Result<TaskValues[Kind]>);
        },
      });
      this.#wake();
    });
  }

  next(lane: LaneName, workerIndex: number): PoolTask | undefined {
    return this.#single.now[lane].shift() ?? this.#queue.next(lane, workerIndex) ?? this.#single.idle[lane].shift();
  }

  onNotice(notice: Parameters<TaskSource['onNotice']>[0]): void {
    this.#queue.onNotice(notice);
  }

  onUnavailable(cause: string): void {
    this.#queue.onUnavailable(cause);
    this.#refuseAll('The program part that works on photos cannot be started.');
  }

  /** No worker will come any more: what waits is answered so. */
  close(): void {
    this.#refuseAll('The program parts that work on photos were started anew. Try again.');
  }

  /** Whether tasks are still done. */
  get isOpen(): boolean {
    return this.#refusal === undefined;
  }

  #refuseAll(message: string): void {
    const error = { code: 'workers-unavailable', message };
    this.#refusal = error;
    for (const lanes of Object.values(this.#single)) {
      for (const tasks of Object.values(lanes)) for (const { settle } of tasks.splice(0)) settle({ ok: false, error });
    }
  }
}
