/** How far a run is and how long it will take: of the whole, and of each photo that is worked on. */
import { ProgressEstimator, type Progress } from '../engine/progress.ts';
import { fractionOf, isSettled, type Job } from '../jobs/job.ts';

/** Estimates a run and its photos by a clock that stands still while the run is paused. */
export class Pace {
  readonly #readMs: () => number;
  readonly #whole = new ProgressEstimator();
  readonly #photos = new Map<string, PhotoPace>();
  #expected = 0;
  #pausedMs = 0;
  #pausedAtMs: number | undefined;

  /** @param readMs a clock that never goes back, in milliseconds */
  constructor(readMs: () => number = () => performance.now()) {
    this.#readMs = readMs;
  }

  /** So many more photos are to be done. */
  expect(photos: number): void {
    this.#expected += photos;
    this.#whole.expect(this.#expected);
  }

  pause(): void {
    this.#pausedAtMs ??= this.#readMs();
  }

  resume(): void {
    if (this.#pausedAtMs !== undefined) this.#pausedMs += this.#readMs() - this.#pausedAtMs;
    this.#pausedAtMs = undefined;
  }

  /** Something happened to a photo. */
  follow({ id, state }: Job): void {
    if (state.kind === 'opening') this.#begin(id, state.assignment.info);
    else if (isSettled(state)) this.#settle(id, state.kind === 'done');
    else {
      const fraction = fractionOf(state);
      this.#whole.advance(id, fraction);
      this.#photos.get(id)?.advance(fraction, this.#nowMs());
    }
  }

  /** A photo is no longer part of the run. */
  drop(id: string): void {
    this.#settle(id, false);
  }

  /** Time left for one photo, or null until it can be told. */
  leftMs(id: string): number | null {
    return this.#photos.get(id)?.leftMs(this.#nowMs()) ?? null;
  }

  /** Where the whole stands. */
  at(): Progress {
    return this.#whole.at(this.#nowMs());
  }

  end(): void {
    this.#whole.end();
  }

  #begin(id: string, { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number }): void {
    const pixels = widthPx * heightPx;
    this.#whole.start(id, pixels, this.#nowMs());
    // A photo that is opened once more begins anew, and so does what is known of its speed.
    this.#photos.set(id, new PhotoPace(pixels));
  }

  #settle(id: string, worked: boolean): void {
    this.#whole.settle(id, worked);
    this.#photos.delete(id);
  }

  #nowMs(): number {
    return (this.#pausedAtMs ?? this.#readMs()) - this.#pausedMs;
  }
}

/** The pace of one photo from its first tile on: what comes before (a model's warm-up, decoding) foretells nothing. */
class PhotoPace {
  readonly #pixels: number;
  readonly #estimator = new ProgressEstimator();
  #firstFraction: number | undefined;

  constructor(pixels: number) {
    this.#pixels = pixels;
  }

  advance(fraction: number, nowMs: number): void {
    if (fraction <= 0 || fraction >= 1) return;
    if (this.#firstFraction === undefined) {
      this.#firstFraction = fraction;
      const rest = this.#pixels * (1 - fraction);
      this.#estimator.expect(1, rest);
      this.#estimator.start('', rest, nowMs);
    } else this.#estimator.advance('', (fraction - this.#firstFraction) / (1 - this.#firstFraction));
  }

  leftMs(nowMs: number): number | undefined {
    return this.#firstFraction === undefined ? undefined : this.#estimator.at(nowMs).remainingMs;
  }
}
