/** Runs what it is given one after the other, in order. A failure of one does not stop the next. */
export class Lane {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work, work);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}

/** A few things that are lent out and given back; whoever comes when none is left waits in line. */
export class Slots<T> {
  readonly #free: T[];
  readonly #waiting: ((slot: T) => void)[] = [];

  constructor(slots: readonly T[]) {
    this.#free = [...slots];
  }

  async acquire(): Promise<T> {
    const slot = this.#free.shift();
    return slot ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  release(slot: T): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(slot);
    else next(slot);
  }
}
