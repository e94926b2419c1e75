import type { OpenPhoto } from '../worker/protocol.ts';

/** The strips of one open photo: which wait, which are under way. */
export class StripLedger {
  readonly photo: OpenPhoto;
  readonly #pending: number[];
  readonly #running = new Map<number, { worker: number; tiles: number }>();
  #lastWorker: number | undefined;

  constructor(photo: OpenPhoto) {
    this.photo = photo;
    this.#pending = photo.stripTiles.map((_, index) => index);
  }

  get pending(): number {
    return this.#pending.length;
  }

  get running(): number {
    return this.#running.size;
  }

  get finished(): boolean {
    return this.#pending.length === 0 && this.#running.size === 0;
  }

  /** The share of strips that are not done, 0…1. */
  get leftShare(): number {
    return (this.#pending.length + this.#running.size) / this.photo.stripTiles.length;
  }

  /** Whether a worker took a strip of this photo last; it has the model's tile shape and the plan at hand. */
  isLastOf(worker: number): boolean {
    return this.#lastWorker === worker;
  }

  /** Takes the next strip for a worker. */
  take(worker: number): number | undefined {
    const index = this.#pending.shift();
    if (index === undefined) return undefined;
    this.#lastWorker = worker;
    this.#running.set(index, { worker, tiles: 0 });
    return index;
  }

  countTile(index: number): void {
    const strip = this.#running.get(index);
    if (strip !== undefined) strip.tiles += 1;
  }

  done(index: number): void {
    this.#running.delete(index);
  }

  /** Puts a strip back that broke off; returns how many of its tiles were counted. */
  lost(index: number): number {
    const tiles = this.#running.get(index)?.tiles ?? 0;
    this.#running.delete(index);
    this.#pending.unshift(index);
    return tiles;
  }
}
