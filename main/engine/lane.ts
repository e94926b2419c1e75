/** What whoever waits is answered with at once when it is cancelled. */
export interface WhenAborted<T> {
  readonly signal: AbortSignal;
  readonly value: T;
}

/** Runs what it is given one after the other, in order. A failure of one does not stop the next. */
export class Lane {
  #tail: Promise<unknown> = Promise.resolve();

  /**
   * @param work runs when its turn comes
   * @param aborted what is cancelled while it waits is answered at once and never runs; what runs looks at its own signal
   */
  async run<T>(work: () => Promise<T>, aborted?: WhenAborted<T>): Promise<T> {
    // A signal that has fired already tells nobody who listens from now on.
    if (aborted?.signal.aborted === true) return aborted.value;
    let started = false;
    const start = (): Promise<T> => {
      if (aborted?.signal.aborted === true) return Promise.resolve(aborted.value);
      started = true;
      return work();
    };
    const result = this.#tail.then(start, start);
    this.#tail = result.catch(() => undefined);
    if (aborted === undefined) return result;
    const { signal, value } = aborted;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        if (!started) resolve(value);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      result.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', onAbort);
      });
    });
  }
}

/** A few things that are lent out and given back; whoever comes when none is left waits in line. */
export class Slots<T> {
  readonly #free: T[];
  readonly #waiting: ((slot: T | undefined) => void)[] = [];

  constructor(slots: readonly T[]) {
    this.#free = [...slots];
  }

  /** @returns the slot, or undefined when the signal fires before there is one */
  async acquire(signal: AbortSignal): Promise<T | undefined> {
    if (signal.aborted) return undefined;
    const slot = this.#free.shift();
    if (slot !== undefined) return slot;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener(
        'abort',
        () => {
          const at = this.#waiting.indexOf(resolve);
          if (at === -1) return;
          this.#waiting.splice(at, 1);
          resolve(undefined);
        },
        { once: true },
      );
    });
  }

  release(slot: T): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(slot);
    else next(slot);
  }
}
