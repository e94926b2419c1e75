import type { WebContents } from 'electron';
import type { EventName, EventPayload } from '../../preload/contract/channels.ts';
import type { QueueDelta } from '../../preload/contract/dto.ts';

/** Ten a second is as much as an eye follows. */
const intervalMs = 100;

/** Tells the window what happens; the only way to it. */
export class Publisher implements Disposable {
  readonly #collect: () => QueueDelta | null;
  #contents: WebContents | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;

  /** @param collect all that changed in the queue since it was last called, or null */
  constructor(collect: () => QueueDelta | null) {
    this.#collect = collect;
  }

  attach(contents: WebContents): void {
    this.#contents = contents;
    contents.once('destroyed', () => {
      this.#contents = undefined;
    });
  }

  /** The queue changed: its changes are sent together, soon. */
  queueChanged(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#lastMs = Date.now();
        const delta = this.#collect();
        if (delta !== null) this.send('queue:changed', delta);
      },
      Math.max(0, this.#lastMs + intervalMs - Date.now()),
    );
  }

  send<N extends EventName>(name: N, payload: EventPayload<N>): void {
    if (this.#contents?.isDestroyed() === false) this.#contents.send(name, payload);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#contents = undefined;
  }
}
