import type { Failure } from '../engine/errors.ts';
import { assertNever } from '../engine/errors.ts';
import type { Size } from '../engine/geometry.ts';
import { ProgressEstimator } from '../engine/progress.ts';
import type { Progress } from '../engine/progress.ts';
import type { BatchEnd, BatchEvent } from './events.ts';

/** A photo that is worked on. */
export interface ActivePhoto {
  readonly id: string;
  readonly path: string;
  readonly source: Size;
  readonly result: Size;
}

/** A photo that is left as it was, and why. */
export interface LeftPhoto {
  readonly path: string;
  readonly reason: Failure;
}

/** Keeps count of a batch from its events. The time is told, never read. */
export class BatchTally {
  readonly active = new Map<string, ActivePhoto>();
  readonly failed: LeftPhoto[] = [];
  readonly skipped: LeftPhoto[] = [];
  /** How many photos are to be done. */
  photos = 0;
  done = 0;
  resultPixels = 0;
  resultBytes = 0;
  end: BatchEnd | undefined;
  readonly #estimator = new ProgressEstimator();
  #startedSourcePixels = 0;
  #startedResultPixels = 0;

  apply(event: BatchEvent, nowMs: number): void {
    switch (event.kind) {
      case 'batch-started':
        this.photos = event.photos;
        this.#estimator.expect(event.photos, event.sourcePixels);
        return;
      case 'photo-started':
        this.#start(event, nowMs);
        return;
      case 'photo-progress':
        this.#estimator.advance(event.id, event.fraction);
        return;
      case 'photo-done':
        this.done++;
        this.resultPixels += pixelsOf(event.result);
        this.resultBytes += event.fileBytes;
        this.#settle(event.id, true);
        return;
      case 'photo-failed':
        this.failed.push({ path: event.path, reason: event.failure });
        this.#settle(event.id, false);
        return;
      case 'photo-skipped':
        this.skipped.push({ path: event.path, reason: event.reason });
        this.#settle(event.id, false);
        return;
      case 'notice':
        return;
      case 'batch-ended':
        this.end = event;
        this.active.clear();
        this.#estimator.end();
        return;
      default:
        assertNever(event);
    }
  }

  /** How many photos are through. */
  get settled(): number {
    return this.done + this.failed.length + this.skipped.length;
  }

  fractionOf(id: string): number {
    return this.#estimator.fractionOf(id);
  }

  /** Overall progress; its rate is of *result* pixels, which is what a person gets. */
  progress(nowMs: number): Progress {
    const progress = this.#estimator.at(nowMs);
    const enlargement = this.#startedSourcePixels === 0 ? 0 : this.#startedResultPixels / this.#startedSourcePixels;
    return { ...progress, pixelsPerSecond: progress.pixelsPerSecond * enlargement };
  }

  #start({ id, path, source, result }: ActivePhoto, nowMs: number): void {
    this.active.set(id, { id, path, source, result });
    this.#startedSourcePixels += pixelsOf(source);
    this.#startedResultPixels += pixelsOf(result);
    this.#estimator.start(id, pixelsOf(source), nowMs);
  }

  #settle(id: string, worked: boolean): void {
    this.active.delete(id);
    this.#estimator.settle(id, worked);
  }
}

function pixelsOf({ widthPx, heightPx }: Size): number {
  return widthPx * heightPx;
}
