import type { PoolSize } from '../pool/sizing.ts';
import type { Runner } from './run.ts';

/** Keeps one set of workers: the same as long as their size fits, another in its place once it does not. */
export class RunnerShelf implements AsyncDisposable {
  readonly #open: (size: PoolSize) => Promise<Runner>;
  #current: Runner | undefined;
  /** Whoever asks waits for those before: two at once would start two sets of workers. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(open: (size: PoolSize) => Promise<Runner>) {
    this.#open = open;
  }

  /** Workers of this size. */
  async of(size: PoolSize): Promise<Runner> {
    const mine = this.#turn.then(() => this.#take(size));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    await this.#current?.[Symbol.asyncDispose]();
    this.#current = undefined;
  }

  async #take(size: PoolSize): Promise<Runner> {
    if (this.#current !== undefined && JSON.stringify(this.#current.size) === JSON.stringify(size))
      return this.#current;
    await this.#current?.[Symbol.asyncDispose]();
    this.#current = undefined;
    this.#current = await this.#open(size);
    return this.#current;
  }
}
