import type { Failure } from '../engine/errors.ts';
import type { Size } from '../engine/geometry.ts';

/** What happens in a batch, as far as a person at a terminal or a program that reads `--json` wants to know. */
export type BatchEvent =
  /** May come again, when more photos are found. */
  | { readonly kind: 'batch-started'; readonly photos: number; readonly sourcePixels?: number }
  | {
      readonly kind: 'photo-started';
      readonly id: string;
      readonly path: string;
      readonly source: Size;
      readonly result: Size;
    }
  | { readonly kind: 'photo-progress'; readonly id: string; readonly fraction: number }
  | {
      readonly kind: 'photo-done';
      readonly id: string;
      readonly path: string;
      readonly outPath: string;
      readonly result: Size;
      readonly elapsedMs: number;
      readonly fileBytes: number;
    }
  | { readonly kind: 'photo-failed'; readonly id: string; readonly path: string; readonly failure: Failure }
  | { readonly kind: 'photo-skipped'; readonly id: string; readonly path: string; readonly reason: Failure }
  /** Something to know that is no photo's failure. */
  | { readonly kind: 'notice'; readonly notice: Failure }
  | {
      readonly kind: 'batch-ended';
      readonly done: number;
      readonly failed: number;
      readonly skipped: number;
      readonly elapsedMs: number;
      readonly interrupted: boolean;
    };

/** How a batch ended. */
export type BatchEnd = Extract<BatchEvent, { readonly kind: 'batch-ended' }>;

/** The program's exit code after a batch: 0 all done, 1 some failed, 130 interrupted. */
export function exitCodeOf(end: BatchEnd): 0 | 1 | 130 {
  if (end.interrupted) return 130;
  return end.failed > 0 ? 1 : 0;
}
