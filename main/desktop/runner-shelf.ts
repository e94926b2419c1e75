import type { PoolSize } from '../pool/sizing.ts';
import type { Runner } from './runner.ts';

/** Keeps one set of workers: the same as long as their size fits, another in its place once it does not. */
export class RunnerShelf implements AsyncDisposable {
  readonly #wantedSize: () => PoolSize;
  readonly #open: (size: PoolSize) => Promise<Runner>;
  #current: Runner | undefined;
  /** Whoever asks waits for those before: two at once would start two sets of workers. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param wantedSize what the settings ask for now */
  constructor(wantedSize: () => PoolSize, open: (size: PoolSize) => Promise<Runner>) {
    this.#wantedSize = wantedSize;
    this.#open = open;
  }

  /** Workers of the size that is wanted when it is the caller's turn. */
  async fitting(): Promise<Runner> {
    const mine = this.#turn.then(() => this.#take(this.#wantedSize()));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    await this.#current?.[Symbol.asyncDispose]();
    this.#current = undefined;
  }

  async #take(size: PoolSize): Promise<Runner> {
    if (this.#current?.fits(size) === true) return this.#current;
    const former = this.#current;
    // Off the shelf before it ends: should that fail, nobody gets dead workers.
    this.#current = undefined;
    await former?.[Symbol.asyncDispose]();
    this.#current = await this.#open(size);
    return this.#current;
  }
}
