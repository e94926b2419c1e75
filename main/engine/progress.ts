/**
 * How far a batch is, how fast it goes and how long it will take. Pure: the time is told, never read.
 *
 * Work is counted in source pixels, since a network's time follows them whatever the scale. Overall progress never goes
 * back, though photos are found late, turn out larger than thought, or lose tiles to a worker that died.
 */
export interface Progress {
  /** 0…1; reaches 1 only when the batch has ended. */
  readonly fraction: number;
  /** Source pixels a second, smoothed; 0 until something was worked on. */
  readonly pixelsPerSecond: number;
  /** Smoothed, so that it glides instead of jumping; undefined until it can be told. */
  readonly remainingMs: number | undefined;
}

interface Photo {
  readonly pixels: number;
  fraction: number;
}

/** The rate forgets what is older than about this. */
const rateMemoryMs = 10_000;
/** The time left comes close to a new estimate within about this. */
const glideMs = 4_000;
/** Less than this is too short to tell a rate from. */
const leastMs = 1_500;
/** No batch is said to take longer than a hundred days, so that a stall or a sleeping computer is soon forgotten. */
const longestMs = 100 * 86_400_000;
/** A batch that is not ended is never quite complete. */
const almost = 0.9999;

/** Estimates the progress of one batch. */
export class ProgressEstimator {
  readonly #photos = new Map<string, Photo>();
  #expectedPhotos = 0;
  #expectedPixels: number | undefined;
  #knownPixels = 0;
  #donePixels = 0;
  #startMs: number | undefined;
  #lastMs = 0;
  #shown = 0;
  #ended = false;
  // Work and time, both fading: their quotient is the rate.
  #recentPixels = 0;
  #recentMs = 0;
  #pendingPixels = 0;
  #remaining: number | undefined;

  /**
   * Says how much there is to do; may be said again when more is found.
   *
   * @param photos how many there are
   * @param pixels source pixels of all of them, where known; else photos of unknown size count as the average
   */
  expect(photos: number, pixels?: number): void {
    this.#expectedPhotos = photos;
    this.#expectedPixels = pixels;
  }

  /** A photo's work begins; from the first on the clock runs. */
  start(id: string, pixels: number, nowMs: number): void {
    if (this.#startMs === undefined) this.#startMs = this.#lastMs = nowMs;
    // A second try of the same photo keeps what it had shown.
    if (!this.#photos.has(id)) this.#add(id, Math.max(1, pixels));
  }

  /** How much of a photo is done, 0…1; a smaller value than before is passed over. */
  advance(id: string, fraction: number): void {
    const photo = this.#photos.get(id);
    if (photo !== undefined) this.#pendingPixels += this.#raise(photo, fraction);
  }

  /**
   * A photo is through. What was not worked on (skipped, failed) adds to the progress, not to the rate.
   *
   * @param worked whether the rest of the photo was really computed
   */
  settle(id: string, worked: boolean): void {
    if (worked) this.advance(id, 1);
    this.#raise(this.#photos.get(id) ?? this.#add(id, this.#averagePixels()), 1);
  }

  /** The batch is through: progress is 1 from now on. */
  end(): void {
    this.#ended = true;
  }

  /** How far a photo is, 0…1. */
  fractionOf(id: string): number {
    return this.#photos.get(id)?.fraction ?? 0;
  }

  /** Where the batch stands. Times of calls must not go back. */
  at(nowMs: number): Progress {
    const elapsedMs = Math.max(0, nowMs - this.#lastMs);
    const total = this.#totalPixels();
    const fraction = total === 0 ? 0 : Math.min(almost, this.#donePixels / total);
    this.#shown = this.#ended ? 1 : Math.max(this.#shown, fraction);
    if (this.#startMs === undefined) return { fraction: this.#shown, pixelsPerSecond: 0, remainingMs: undefined };
    this.#lastMs = Math.max(this.#lastMs, nowMs);
    const pixelsPerMs = this.#rate(elapsedMs);
    this.#glide(elapsedMs, pixelsPerMs === 0 ? undefined : (total - this.#donePixels) / pixelsPerMs);
    const remainingMs = this.#ended ? 0 : this.#remaining;
    return { fraction: this.#shown, pixelsPerSecond: pixelsPerMs * 1000, remainingMs };
  }

  #add(id: string, pixels: number): Photo {
    const photo = { pixels, fraction: 0 };
    this.#photos.set(id, photo);
    this.#knownPixels += pixels;
    return photo;
  }

  /** Takes a photo's fraction up, never down. Returns the pixels that this adds. */
  #raise(photo: Photo, fraction: number): number {
    const next = Math.min(1, fraction);
    if (!(next > photo.fraction)) return 0;
    const pixels = (next - photo.fraction) * photo.pixels;
    photo.fraction = next;
    this.#donePixels += pixels;
    return pixels;
  }

  #rate(elapsedMs: number): number {
    const fade = Math.exp(-elapsedMs / rateMemoryMs);
    this.#recentPixels = this.#recentPixels * fade + this.#pendingPixels;
    this.#recentMs = this.#recentMs * fade + elapsedMs;
    this.#pendingPixels = 0;
    return this.#recentMs === 0 ? 0 : this.#recentPixels / this.#recentMs;
  }

  #glide(elapsedMs: number, estimateMs: number | undefined): void {
    if (estimateMs === undefined || this.#lastMs - (this.#startMs ?? 0) < leastMs) return;
    const estimate = Math.min(longestMs, Math.max(0, estimateMs));
    if (this.#remaining === undefined) this.#remaining = estimate;
    else {
      const expected = Math.max(0, this.#remaining - elapsedMs);
      this.#remaining = expected + (estimate - expected) * (1 - Math.exp(-elapsedMs / glideMs));
    }
  }

  /** Source pixels of the whole batch, as far as they are known. */
  #totalPixels(): number {
    return this.#knownPixels + this.#unknownPhotos() * this.#averagePixels();
  }

  #unknownPhotos(): number {
    return Math.max(0, this.#expectedPhotos - this.#photos.size);
  }

  /** What a photo of unknown size counts. */
  #averagePixels(): number {
    const unknown = this.#unknownPhotos();
    if (this.#expectedPixels !== undefined && unknown > 0) {
      return Math.max(0, this.#expectedPixels - this.#knownPixels) / unknown;
    }
    return this.#photos.size === 0 ? 1 : this.#knownPixels / this.#photos.size;
  }
}
