import type { Diagnostics } from '../../preload/contract/diagnostics.ts';
import type { Api } from '../api/api.ts';
import { formatPhotos } from '../lib/format.ts';

/** What was asked of the page last, in a sentence. */
export interface Said {
  readonly tone: 'good' | 'bad';
  readonly words: string;
}

/** Where a batch's time went, as long as somebody looks. */
export class DiagnosticsState {
  /** Null until it was read. */
  known = $state.raw<Diagnostics | null>(null);
  said = $state.raw<Said | null>(null);
  #open = $state(false);
  readonly #api: Api;
  readonly #pauseMs: number;
  #reading = false;
  #wanted = false;

  /** @param pauseMs between two readings; photos may be done many times a second */
  constructor(api: Api, pauseMs = 1000) {
    this.#api = api;
    this.#pauseMs = pauseMs;
  }

  get open(): boolean {
    return this.#open;
  }

  set open(open: boolean) {
    this.#open = open;
    this.said = null;
  }

  /** Reads anew, at once or a pause after the last time. Nothing is read while nobody looks. */
  async refresh(): Promise<void> {
    this.#wanted = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#wanted && this.#open) {
        this.#wanted = false;
        this.known = await this.#api.ask('diagnostics:read');
        this.#wanted ||= isPartial(this.known);
        await new Promise((resolve) => setTimeout(resolve, this.#pauseMs));
      }
    } finally {
      this.#reading = false;
    }
  }

  /** Asks where to, and writes the batch as a trace. */
  async exportTrace(): Promise<void> {
    const written = await this.#api.ask('diagnostics:exportTrace');
    if (!written.ok) this.said = { tone: 'bad', words: written.error.message };
    else if (written.value === null) this.said = null;
    else {
      const { photos, leftOut } = written.value;
      const rest = leftOut === 0 ? '' : ` The ${formatPhotos(leftOut)} before them were let go of.`;
      this.said = { tone: 'good', words: `The trace tells of ${formatPhotos(photos)}.${rest}` };
    }
  }

  /** Puts a report for a fault's description on the clipboard. */
  async copy(): Promise<void> {
    await this.#api.ask('diagnostics:copy');
    this.said = { tone: 'good', words: 'Copied.' };
  }
}

/** Workers that are busy or only starting have not told all yet. */
function isPartial({ facts, batch }: Diagnostics): boolean {
  return facts.codec === null || (batch?.workers ?? []).some(({ alive, arena }) => alive && arena === null);
}
