import type { Cell } from './space.ts';

/** What happens while a machine is tuned, for a terminal or a window to show. */
export type TuneEvent =
  | { readonly kind: 'phase'; readonly phase: TunePhase; readonly cells: number }
  /** One measurement of a cell, as the rate that a batch would have. */
  | { readonly kind: 'measured'; readonly cell: Cell; readonly pixelsPerSecond: number }
  /** Measured no more. */
  | { readonly kind: 'dropped'; readonly cells: readonly Cell[] }
  /** How far it is, never going back, and how long it will take at most. */
  | { readonly kind: 'progress'; readonly fraction: number; readonly remainingMs: number };

/** Making the photos; workers × threads at one tile; tiles; whole batches of the best few. */
export type TunePhase = 'photos' | 'crews' | 'tiles' | 'batches';

/** Measures out a tuning's time. */
export class TuneClock {
  readonly #startMs: number;
  readonly #budgetMs: number;
  readonly #now: () => number;
  readonly #onEvent: (event: TuneEvent) => void;

  constructor(budgetMs: number, onEvent: (event: TuneEvent) => void, now = (): number => performance.now()) {
    this.#budgetMs = budgetMs;
    this.#onEvent = onEvent;
    this.#now = now;
    this.#startMs = now();
  }

  get elapsedMs(): number {
    return this.#now() - this.#startMs;
  }

  /** Whether so many milliseconds more end before this share of the budget is spent. */
  hasRoom(ms: number, share = 1): boolean {
    return this.elapsedMs + ms <= this.#budgetMs * share;
  }

  get leftMs(): number {
    return Math.max(0, this.#budgetMs - this.elapsedMs);
  }

  emit(event: TuneEvent): void {
    this.#onEvent(event);
    const fraction = Math.min(0.999, this.elapsedMs / this.#budgetMs);
    if (event.kind !== 'progress') this.#onEvent({ kind: 'progress', fraction, remainingMs: this.leftMs });
  }
}
