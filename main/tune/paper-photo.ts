/** The photo that the paper's table is measured on: a reduced one, whose original is known. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { success, type Result } from '../engine/errors.ts';
import type { Size } from '../engine/geometry.ts';
import { sizePool, type Machine } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import { withHost } from '../pool/with-host.ts';

/** Four sample photos, of which a part of this size is taken. */
const SAMPLES = ['friends.jpg', 'brushes.jpg', 'mountains.jpg', 'dandelions.jpg'];
const CELL: Size = { widthPx: 450, heightPx: 360 };

/** The sheet of four beside and above itself: 3600 × 2160, of which 900 × 540 remain at ×4. */
const SHEET_REPEATS = { across: 4, down: 3 };

/** How good a result is. */
export interface Quality {
  /** Absent where the picture is too small or too flat. */
  readonly niqe?: number;
  /** On luma, against the original. */
  readonly psnrDb?: number;
}

export interface PaperPhoto {
  readonly description: string;
  readonly reducedPath: string;
  readonly originalPath: string;
  /** Of the reduced photo. */
  readonly size: Size;
  /** How many times the original is larger. */
  readonly scale: number;
  /** Measures a result; empty where the picture is too small or too flat to be judged. */
  judge(path: string): Promise<Result<Quality>>;
}

export interface PaperPhotoOptions {
  readonly start: StartProcess;
  readonly machine: Machine;
  readonly scale: number;
  /** Existing folder for the photo and its original. */
  readonly folder: string;
  readonly repeats?: { readonly across: number; readonly down: number };
  readonly signal?: AbortSignal;
}

/**
 * Makes the photo and hands it over, with a worker that judges results for as long as it is used.
 *
 * @returns what `use` returns; or why the photo could not be made; or `cancelled`
 */
export async function withPaperPhoto<T>(
  options: PaperPhotoOptions,
  use: (photo: PaperPhoto) => Promise<Result<T>>,
): Promise<Result<T>> {
  const { start, machine, scale, folder, repeats = SHEET_REPEATS, signal } = options;
  const size = sizePool(machine, { workers: 1, threads: 1, memoryBytes: 'auto', tilePx: 64, scale });
  const [originalPath, reducedPath] = [join(folder, 'original.png'), join(folder, 'photo.png')];
  return withHost({ start, size, ...(signal && { signal }) }, async (host) => {
    const made = await host.run({
      kind: 'reduce',
      samples: SAMPLES.map((name) => fileURLToPath(new URL(`../../resources/samples/${name}`, import.meta.url))),
      cell: CELL,
      columns: 2,
      repeats,
      factor: scale,
      originalPath,
      reducedPath,
    });
    if (!made.ok) return made;
    return use({
      description: descriptionOf(made.value, scale),
      reducedPath,
      originalPath,
      size: made.value,
      scale,
      judge: async (path) => {
        const scored = await host.run({ kind: 'score', path, reference: originalPath, scratchFolder: folder });
        if (scored.ok) return success({ niqe: scored.value.niqe, psnrDb: scored.value.likeness!.psnrDb });
        return scored.error.code === 'too-small' || scored.error.code === 'too-flat' ? success({}) : scored;
      },
    });
  });
}

function descriptionOf({ widthPx, heightPx }: Size, scale: number): string {
  return (
    `parts of ${SAMPLES.length} sample photos side by side, repeated as mirror images to ` +
    `${widthPx * scale} × ${heightPx * scale}, and reduced by ${scale} with bicubic interpolation to ` +
    `${widthPx} × ${heightPx}`
  );
}
