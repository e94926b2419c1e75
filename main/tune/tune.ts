/** Finds the fastest settings for a model on this machine: crews first, then tiles by halving, then whole batches. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, success, type Result } from '../engine/errors.ts';
import type { Size } from '../engine/geometry.ts';
import type { Provider } from '../engine/ports.ts';
import { sizePool, type Machine } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import type { Precision, WorkerConfig } from '../worker/protocol.ts';
import { openBatchRig, type BatchRig } from './batch-rig.ts';
import { makeBenchPhotos } from './bench-photos.ts';
import { TuneClock, type TuneEvent } from './events.ts';
import type { Instruments } from './instruments.ts';
import { Race } from './race.ts';
import { openRawRig, type RawRig } from './raw-rig.ts';
import { reportOf, type TuneReport } from './report.ts';
import { poolSizeFor, searchSpace, specOfCell, type Crew, type SpaceRequest } from './space.ts';
import { runStages } from './stages.ts';
import type { TunedModel } from './subject.ts';

export interface TuneOptions {
  readonly start: StartProcess;
  readonly machine: Machine;
  /** For the pixel memory of all workers together. */
  readonly memoryBytes: number | 'auto';
  readonly provider: WorkerConfig['provider'];
  readonly precision: Precision;
  readonly model: TunedModel;
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
  | { readonly kind: 'sample'; readonly path: string }
  /** A photo of the person's own, as it is. */
  | ({ readonly kind: 'own'; readonly path: string } & Size);

/** Copies of it, so that the codec reads what the system has not just read. */
const SAMPLE_COPIES = 4;

/**
 * Tunes.
 *
 * @returns the report; or `cancelled`; or `device-failed` where the device was left for the processor meanwhile; or the
 *   failure of the settings that are used where nothing is tuned. A cell that fails alone, by lack of memory perhaps, is
 *   left out.
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
  const { machine, memoryBytes, provider, precision, model, tilesPx, crews } = options;
  const { scale, fieldPx, standardTilePx } = model;
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
    openRaw: async (crew) => {
      const size = poolSizeFor(request, crew);
      const rig = await openRawRig({ ...common, size, modelId: model.id, precision, padding: 'valid' });
      return rig.ok ? success(rawOn(provider, rig.value)) : rig;
    },
    openBatches: async (crew) => {
      const size = poolSizeFor(request, crew);
      return success(batchesOn(provider, await openBatchRig({ ...common, size, scale, folder, preload })));
    },
    // As many as memory allows: those that wait take no core.
    mostWorkers: sizePool({ ...machine, cores: 1024 }, wishes).workers,
  };
}

/** Workers leave a device that fails, and what they then measure is the processor. */
function deviceLeft(provider: Provider): Result<never> {
  return failure(
    'device-failed',
    `The device ${provider} failed or computed wrong, and the processor took its place. "tessera devices" says more.`,
    { provider },
  );
}

function rawOn(provider: Provider, rig: RawRig): RawRig {
  return {
    ...rig,
    run: async (tile, durationMs) => {
      const ran = await rig.run(tile, durationMs);
      return ran.ok && ran.value.provider !== provider ? deviceLeft(provider) : ran;
    },
  };
}

function batchesOn(provider: Provider, rig: BatchRig): BatchRig {
  return {
    ...rig,
    run: async (spec, photos) => {
      const ran = await rig.run(spec, photos);
      return ran.ok && ran.value.outcomes.some((one) => one.provider !== provider) ? deviceLeft(provider) : ran;
    },
  };
}

/** What enlarges the sample: the quickest network, whatever is tuned, so that the budget is for measurements. */
const PHOTO_MODEL = 'quicksrnet-s-x4';
const PHOTO_SCALE = 4;
const PHOTO_CELL = { provider: 'cpu', precision: 'int8', workers: 1, threads: 1, tilePx: 384 } as const;

/** The photos that batches are made of. */
async function photosOf(
  options: TuneOptions,
  folder: string,
): Promise<Result<{ readonly paths: readonly string[]; readonly size: Size }>> {
  const { photo, start, model, machine, folders, signal } = options;
  if (photo.kind === 'own') {
    const { path, widthPx, heightPx } = photo;
    return success({ paths: Array.from({ length: SAMPLE_COPIES }, () => path), size: { widthPx, heightPx } });
  }
  const made = await makeBenchPhotos({
    start,
    size: sizePool(machine, {
      workers: 1,
      threads: machine.cores,
      memoryBytes: options.memoryBytes,
      tilePx: PHOTO_CELL.tilePx,
      scale: PHOTO_SCALE,
    }),
    spec: specOfCell(PHOTO_CELL, PHOTO_MODEL),
    sample: photo.path,
    folder,
    count: SAMPLE_COPIES,
    megapixels: model.sampleMegapixels,
    ...(folders && { folders }),
    ...(signal && { signal }),
  });
  return made.ok ? success({ paths: made.value.paths, size: made.value.photo }) : made;
}
