/** The real queue without workers: a spec takes its tasks and answers them. */
import { failure, success } from '../../main/engine/errors.ts';
import type { PhotoInfo } from '../../main/engine/ports.ts';
import type { Job } from '../../main/jobs/job.ts';
import { EnhanceQueue, type Resolve } from '../../main/jobs/queue.ts';
import type { PoolTask } from '../../main/pool/pool.ts';
import type { OpenPhoto } from '../../main/worker/protocol.ts';

export class HandFedQueue {
  readonly queue: EnhanceQueue;
  #onWake: () => void = () => undefined;

  constructor(scratchFolder: string, resolve: Resolve, workers = 1) {
    this.queue = new EnhanceQueue({
      workers,
      scratchFolder,
      budget: { sourceBytes: 1, outputBytes: 1 },
      resolve,
      listener: { onJob: () => undefined, onNotice: () => undefined },
    });
    this.queue.connect(() => {
      this.#onWake();
    });
  }

  /** The task that is next for a lane. */
  given(lane: 'codec' | 'infer'): PoolTask {
    const task = this.queue.next(lane, 0);
    if (task === undefined) throw new Error(`There is nothing to do for ${lane}.`);
    return task;
  }

  /** Answers a task; settles once the queue asks to be asked again. */
  async answer(task: PoolTask, value: object): Promise<void> {
    await this.#settle(() => {
      task.settle(success(value as never));
    });
  }

  /** Answers a task with an error. */
  async refuse(task: PoolTask, code: string, details = {}): Promise<void> {
    await this.#settle(() => {
      task.settle(failure(code, 'No.', details));
    });
  }

  /** Answers the headers of so many photos. */
  async probe(count: number): Promise<void> {
    await this.answer(this.given('codec'), { photos: Array.from({ length: count }, () => success({} as PhotoInfo)) });
  }

  stateOf(id: string): Job['state'] | undefined {
    return this.queue.jobs.find((job) => job.id === id)?.state;
  }

  async #settle(act: () => void): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#onWake = resolve;
    });
    act();
    await woken;
  }
}

/** What a worker answers once a photo is open. */
export function opened(strips: number, spoolBytes: number): object {
  const photo = { stripTiles: Array.from({ length: strips }, () => 1) } as unknown as OpenPhoto;
  return { photo, spoolBytes, stages: [] };
}
