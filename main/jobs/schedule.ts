import type { Job } from './job.ts';
import type { StripLedger } from './strips.ts';

/** What the order of work depends on. */
export interface Scheduled {
  readonly job: Job;
  readonly ledger: StripLedger | undefined;
  /** What its temporary files may take on disk, all together. */
  readonly spoolBytes: number;
}

/** Headers read in one task. */
const PROBE_BATCH = 16;

/**
 * Which photo is next for what. Each worker stays on one photo while another is decoded ahead and the last one is
 * encoded; a worker that finds no photo of its own takes strips of another's.
 */
export class Schedule<E extends Scheduled> {
  readonly #workers: number;
  // Sets keep the order in which photos came.
  readonly #toProbe = new Set<E>();
  readonly #toOpen = new Set<E>();
  readonly #open = new Set<E>();
  readonly #toClose = new Set<E>();
  readonly #setAside = new Set<E>();
  /** Photos whose temporary files did not fit the disk beside those of others. */
  readonly #roomless = new Set<E>();

  constructor(workers: number) {
    this.#workers = workers;
  }

  waitForProbe(entry: E): void {
    this.#toProbe.add(entry);
  }

  waitForOpen(entry: E): void {
    this.#open.delete(entry);
    this.#toOpen.add(entry);
  }

  waitForClose(entry: E): void {
    this.#toClose.add(entry);
  }

  setAside(entry: E): void {
    this.forget(entry);
    this.#setAside.add(entry);
  }

  /** The photo leaves the order of work. */
  forget(entry: E): void {
    for (const set of [this.#toProbe, this.#toOpen, this.#open, this.#toClose, this.#setAside, this.#roomless]) {
      set.delete(entry);
    }
  }

  /** Photos whose temporary files are on disk. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Bytes that open photos but this one may still write: free now, and not free for it. */
  bytesToCome(entry: E): number {
    const others = [...this.#open].filter((other) => other !== entry);
    return others.reduce((sum, { spoolBytes, ledger }) => sum + spoolBytes * (ledger?.leftShare ?? 1), 0);
  }

  /** Puts a photo off until there is room. */
  waitForRoom(entry: E): void {
    this.#open.delete(entry);
    this.#roomless.add(entry);
  }

  /** Files of another photo are gone: those that were put off may fit now, and come first. */
  roomFreed(): void {
    putFirst(this.#toOpen, [...this.#roomless]);
    this.#roomless.clear();
  }

  /** Photos whose headers are to be read before those of others. */
  probeFirst(entries: readonly E[]): void {
    putFirst(this.#toProbe, entries);
  }

  /** Puts the photos that nobody began into a new order; those it does not name come last, as they were. */
  reorder(entries: readonly E[]): void {
    for (const set of [this.#toProbe, this.#toOpen]) {
      const rest = new Set(set);
      const wanted = entries.filter((entry) => rest.delete(entry));
      set.clear();
      for (const entry of [...wanted, ...rest]) set.add(entry);
    }
  }

  /** The photo whose strip a worker takes next: its own, or one that nobody works on, or another's. */
  forStrip(worker: number): E | undefined {
    const waiting = [...this.#open].filter(({ ledger }) => ledger !== undefined && ledger.pending > 0);
    return (
      waiting.find(({ ledger }) => ledger!.isLastOf(worker)) ??
      waiting.find(({ ledger }) => ledger!.running === 0) ??
      waiting[0]
    );
  }

  takeForClose(): E | undefined {
    return takeFirst(this.#toClose);
  }

  /** The next photo to decode: one ahead, and never so many that wait for their encode that they fill the disk. */
  takeForOpen(): E | undefined {
    const toInfer = [...this.#open].filter(({ ledger }) => ledger === undefined || ledger.pending > 0).length;
    // Where one found no room, the next would find none either, and be tried in vain.
    if (this.#roomless.size > 0 && this.#open.size > 0) return undefined;
    if (toInfer > this.#workers || this.#open.size > 2 * this.#workers + 1) return undefined;
    const entry = takeFirst(this.#toOpen);
    if (entry !== undefined) this.#open.add(entry);
    return entry;
  }

  /** Photos whose headers to read: one at the start, so that work begins at once, then many together. */
  takeForProbe(): E[] {
    const size = this.#toOpen.size + this.#open.size === 0 ? 1 : PROBE_BATCH;
    const batch: E[] = [];
    while (batch.length < size && this.#toProbe.size > 0) batch.push(takeFirst(this.#toProbe)!);
    return batch;
  }

  /** A photo to try once more, when all others are through. */
  takeSetAside(): E | undefined {
    const othersLeft =
      this.#toProbe.size + this.#toOpen.size + this.#open.size + this.#toClose.size + this.#roomless.size > 0;
    return othersLeft ? undefined : takeFirst(this.#setAside);
  }

  /** Whether this photo waits for its encode; it does no longer. */
  takeClose(entry: E): boolean {
    return this.#toClose.delete(entry);
  }
}

function putFirst<T>(entries: Set<T>, first: readonly T[]): void {
  const all = new Set([...first, ...entries]);
  entries.clear();
  for (const entry of all) entries.add(entry);
}

function takeFirst<T>(entries: Set<T>): T | undefined {
  for (const entry of entries) {
    entries.delete(entry);
    return entry;
  }
  return undefined;
}
