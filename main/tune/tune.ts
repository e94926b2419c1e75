/** Finds the fastest settings for a model on this machine: crews first, then tiles by halving, then whole batches. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, success, type Result } from '../engine/errors.ts';
import type { Size } from '../engine/geometry.ts';
import { sizePool, type Machine } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import type { Precision, WorkerConfig } from '../worker/protocol.ts';
import { openBatchRig } from './batch-rig.ts';
import { makeBenchPhotos } from './bench-photos.ts';
import { TuneClock, type TuneEvent } from './events.ts';
import type { Instruments } from './instruments.ts';
import { Race } from './race.ts';
import { openRawRig } from './raw-rig.ts';
import { reportOf, type TuneReport } from './report.ts';
import { poolSizeFor, searchSpace, specOfCell, type Crew, type SpaceRequest } from './space.ts';
import { runStages } from './stages.ts';

export interface TuneOptions {
  readonly start: StartProcess;
  readonly machine: Machine;
  /** For the pixel memory of all workers together. */
  readonly memoryBytes: number | 'auto';
  readonly provider: WorkerConfig['provider'];
  readonly precision: Precision;
  readonly model: { readonly id: string; readonly scale: number; readonly fieldPx: number };
  /** The tile that is used where nothing is tuned. */
  readonly standardTilePx: number;
  readonly photo: TunePhoto;
  readonly budgetMs: number;
  /** Where temporary files go. */
  readonly scratchBase: string;
  /** Where models lie, where that is not the source tree. */
  readonly folders?: Pick<WorkerConfig, 'weightsFolder' | 'importedFolder'>;
  /** Ends the tuning within a second; it is then answered with `cancelled`, and nothing is left behind. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TuneEvent) => void;
  /** Sides to choose among in place of the usual ones. */
  readonly tilesPx?: readonly number[];
  readonly crews?: readonly Crew[];
}

/** What is enhanced again and again. */
export type TunePhoto =
  /** A small photo that is first made as large as the photos of people are. */
  | { readonly kind: 'sample'; readonly path: string; readonly megapixels?: number }
  /** A photo of the person's own, as it is. */
  | ({ readonly kind: 'own'; readonly path: string } & Size);

/** Of the photos that are made of a sample. */
const SAMPLE_MEGAPIXELS = 2;

/** Copies of it, so that the codec reads what the system has not just read. */
const SAMPLE_COPIES = 4;

/**
 * Tunes.
 *
 * @returns the report; or `cancelled`, or the failure of the settings that are used where nothing is tuned. A cell that
 *   fails alone, by lack of memory perhaps, is left out.
 */
export async function tune(options: TuneOptions): Promise<Result<TuneReport>> {
  const { budgetMs, scratchBase, signal, onEvent = () => undefined } = options;
  const clock = new TuneClock(budgetMs, onEvent);
  const folder = await mkdtemp(join(scratchBase, 'tessera-tune-'));
  try {
    clock.emit({ kind: 'phase', phase: 'photos', cells: 0 });
    const photos = await photosOf(options, folder);
    if (!photos.ok) return signal?.aborted === true ? CANCELLED : photos;
    const request = requestOf(options, photos.value.size);
    const candidates = searchSpace(request);
    if (candidates.length === 0) {
      return failure('nothing-to-tune', 'No tile fits the memory for this photo. Raise the memory limit.');
    }
    const race = new Race(candidates, options.machine.cores);
    const instruments = instrumentsOf(options, request, folder);
    const ran = await runStages({
      instruments,
      modelId: options.model.id,
      race,
      clock,
      photos: photos.value.paths,
    });
    if (signal?.aborted === true) return CANCELLED;
    if (!ran.ok) return ran;
    onEvent({ kind: 'progress', fraction: 1, remainingMs: 0 });
    return success(reportOf(race, { photo: photos.value.size, elapsedMs: clock.elapsedMs }));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

const CANCELLED: Result<never> = failure('cancelled', 'The tuning was cancelled; nothing was changed.');

function requestOf(options: TuneOptions, photo: Size): SpaceRequest {
  const { machine, memoryBytes, provider, precision, model, standardTilePx, tilesPx, crews } = options;
  const { scale, fieldPx } = model;
  const fixed = { machine, memoryBytes, provider, precision, scale, fieldPx, photo, standardTilePx };
  return { ...fixed, ...(tilesPx && { tilesPx }), ...(crews && { crews }) };
}

/** Real workers. */
function instrumentsOf(options: TuneOptions, request: SpaceRequest, folder: string): Instruments {
  const { start, provider, precision, model, folders, signal } = options;
  const { machine, memoryBytes, scale, standardTilePx } = request;
  const common = { start, provider, ...(folders && { folders }), ...(signal && { signal }) };
  const wishes = { workers: 'auto', threads: 1, memoryBytes, tilePx: standardTilePx, scale } as const;
  // A session that is opened within a batch would count as the batch's time.
  const preload = { modelId: model.id, precision, tilePx: standardTilePx };
  return {
    openRaw: (crew) =>
      openRawRig({ ...common, size: poolSizeFor(request, crew), modelId: model.id, precision, padding: 'valid' }),
    openBatches: async (crew) =>
      success(await openBatchRig({ ...common, size: poolSizeFor(request, crew), scale, folder, preload })),
    // As many as memory allows: those that wait take no core.
    mostWorkers: sizePool({ ...machine, cores: 1024 }, wishes).workers,
  };
}

/** The photos that batches are made of. */
async function photosOf(
  options: TuneOptions,
  folder: string,
): Promise<Result<{ readonly paths: readonly string[]; readonly size: Size }>> {
  const { photo, start, model, precision, standardTilePx, machine, folders, signal } = options;
  if (photo.kind === 'own') {
    const { path, widthPx, heightPx } = photo;
    return success({ paths: Array.from({ length: SAMPLE_COPIES }, () => path), size: { widthPx, heightPx } });
  }
  const cell = { provider: 'cpu', precision, workers: machine.cores, threads: 1, tilePx: standardTilePx } as const;
  const made = await makeBenchPhotos({
    start,
    size: poolSizeFor(requestOf(options, { widthPx: 1, heightPx: 1 }), { workers: 1, threads: machine.cores }),
    spec: specOfCell(cell, model.id),
    sample: photo.path,
    folder,
    count: SAMPLE_COPIES,
    megapixels: photo.megapixels ?? SAMPLE_MEGAPIXELS,
    ...(folders && { folders }),
    ...(signal && { signal }),
  });
  return made.ok ? success({ paths: made.value.paths, size: made.value.photo }) : made;
}
