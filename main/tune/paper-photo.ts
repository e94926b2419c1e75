/** The photo that the paper's table is measured on: a reduced one, whose original is known. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { success, type Result } from '../engine/errors.ts';
import type { Size } from '../engine/geometry.ts';
import { sizePool, type Machine } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import { WorkerHost } from '../pool/worker-host.ts';

/** Four sample photos, of which a part of this size is taken. */
const SAMPLES = ['friends.jpg', 'brushes.jpg', 'mountains.jpg', 'dandelions.jpg'];
const CELL: Size = { widthPx: 450, heightPx: 360 };

/** The sheet of four beside and above itself: 3600 × 2160, of which 900 × 540 remain at ×4. */
export const SHEET_REPEATS = { across: 4, down: 3 };

/** How good a result is. */
export interface Quality {
  /** Absent where the picture is too small or too flat. */
  readonly niqe?: number;
  /** On luma, against the original. */
  readonly psnrDb?: number;
}

export interface PaperPhoto extends AsyncDisposable {
  readonly description: string;
  readonly reducedPath: string;
  readonly originalPath: string;
  /** Of the reduced photo. */
  readonly size: Size;
  /** How many times the original is larger. */
  readonly scale: number;
  /** Measures a result, in a worker of its own. */
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

/** Makes the photo, and starts the worker that judges results. */
export async function makePaperPhoto(options: PaperPhotoOptions): Promise<Result<PaperPhoto>> {
  const { start, machine, scale, folder, repeats = SHEET_REPEATS, signal } = options;
  const { threads, layout } = sizePool(machine, { workers: 1, threads: 1, memoryBytes: 'auto', tilePx: 64, scale });
  const quiet = { onNotice: () => undefined, onExit: () => undefined };
  const host = new WorkerHost(start, { threads, provider: 'cpu', layout, reuseArena: true }, quiet);
  const stop = (): Promise<void> => host.stop();
  const [originalPath, reducedPath] = [join(folder, 'original.png'), join(folder, 'photo.png')];
  const ready = await host.ready;
  const made = ready.ok
    ? await host.run({
        kind: 'reduce',
        samples: SAMPLES.map((name) => fileURLToPath(new URL(`../../resources/samples/${name}`, import.meta.url))),
        cell: CELL,
        columns: 2,
        repeats,
        factor: scale,
        originalPath,
        reducedPath,
      })
    : ready;
  if (!made.ok) {
    await stop();
    return made;
  }
  const { widthPx, heightPx } = made.value;
  return success({
    description:
      `parts of ${SAMPLES.length} sample photos side by side, repeated as mirror images to ` +
      `${widthPx * scale} × ${heightPx * scale}, and reduced by ${scale} with bicubic interpolation to ` +
      `${widthPx} × ${heightPx}`,
    reducedPath,
    originalPath,
    size: made.value,
    scale,
    judge: async (path) => {
      const task = { kind: 'score', path, reference: originalPath, scratchFolder: folder } as const;
      const scored = await host.run(task, signal === undefined ? {} : { signal });
      if (scored.ok) return success({ niqe: scored.value.niqe, psnrDb: scored.value.likeness!.psnrDb });
      return scored.error.code === 'too-small' || scored.error.code === 'too-flat' ? success({}) : scored;
    },
    [Symbol.asyncDispose]: stop,
  });
}
