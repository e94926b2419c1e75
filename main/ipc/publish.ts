import type { WebContents } from 'electron';
import type { EventName, EventPayload } from '../../preload/contract/channels.ts';
import type { QueueDelta } from '../../preload/contract/dto.ts';
import type { MachineState } from '../../preload/contract/machine.ts';
import { Paced } from './paced.ts';

/** What there is to tell, as it is when it is told. */
export interface News {
  /** All that changed in the queue since it was last called, or null. */
  readonly queue: () => QueueDelta | null;
  readonly machine: () => MachineState;
}

/** Tells the window what happens; the only way to it. */
export class Publisher implements Disposable {
  #contents: WebContents | undefined;
  readonly #queue: Paced;
  readonly #machine: Paced;

  constructor(news: News) {
    this.#queue = new Paced(() => {
      const delta = news.queue();
      if (delta !== null) this.send('queue:changed', delta);
    });
    this.#machine = new Paced(() => {
      this.send('machine:changed', news.machine());
    });
  }

  attach(contents: WebContents): void {
    this.#contents = contents;
    contents.once('destroyed', () => {
      this.#contents = undefined;
    });
  }

  /** The queue changed: its changes are sent together, soon. */
  queueChanged(): void {
    this.#queue.ask();
  }

  /** What is known of this computer changed, or what is being measured. */
  machineChanged(): void {
    this.#machine.ask();
  }

  send<N extends EventName>(name: N, payload: EventPayload<N>): void {
    if (this.#contents?.isDestroyed() === false) this.#contents.send(name, payload);
  }

  [Symbol.dispose](): void {
    this.#queue[Symbol.dispose]();
    this.#machine[Symbol.dispose]();
    this.#contents = undefined;
  }
}
