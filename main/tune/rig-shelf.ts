import { success, type Result } from '../engine/errors.ts';
import type { Crew } from './space.ts';

/**
 * Keeps the workers of several crews alive beside each other, as many as memory allows: crews are then measured in
 * turn without a start between, and those that stand idle cost nothing but memory.
 */
export class RigShelf<Rig extends AsyncDisposable> implements AsyncDisposable {
  readonly #open: (crew: Crew) => Promise<Result<Rig>>;
  readonly #mostWorkers: number;
  /** In the order of their last use. */
  readonly #rigs = new Map<string, { readonly crew: Crew; readonly rig: Rig }>();

  /** @param mostWorkers of all crews together; one crew may have more, alone */
  constructor(mostWorkers: number, open: (crew: Crew) => Promise<Result<Rig>>) {
    this.#mostWorkers = mostWorkers;
    this.#open = open;
  }

  /** The workers of a crew, started where they are not there. */
  async of(crew: Crew): Promise<Result<Rig>> {
    const name = nameOf(crew);
    const known = this.#rigs.get(name);
    if (known !== undefined) {
      this.#rigs.delete(name);
      this.#rigs.set(name, known);
      return success(known.rig);
    }
    await this.#makeRoom(crew.workers);
    const opened = await this.#open(crew);
    if (opened.ok) this.#rigs.set(name, { crew, rig: opened.value });
    return opened;
  }

  /** Ends a crew's workers. */
  async drop(crew: Crew): Promise<void> {
    const known = this.#rigs.get(nameOf(crew));
    this.#rigs.delete(nameOf(crew));
    await known?.rig[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#rigs.values()].map(({ crew }) => this.drop(crew)));
  }

  async #makeRoom(workers: number): Promise<void> {
    for (const { crew } of [...this.#rigs.values()]) {
      const alive = [...this.#rigs.values()].reduce((sum, one) => sum + one.crew.workers, 0);
      if (alive + workers <= this.#mostWorkers) return;
      await this.drop(crew);
    }
  }
}

function nameOf({ workers, threads }: Crew): string {
  return `${workers}×${threads}`;
}
