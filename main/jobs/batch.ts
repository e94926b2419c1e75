/** From settings to running workers: what the command line and the window do alike. */
import type { Failure } from '../engine/errors.ts';
import { sizePool, type Machine, type PoolSize } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import { knownModels } from '../../models/known.ts';
import { importedModelsFolder } from '../settings/models-folder.ts';
import { startEnhancer, type Enhancer } from './enhancer.ts';
import type { Job, JobEvent } from './job.ts';
import { realFolder } from './file-tree.ts';
import { readMachine } from './machine.ts';
import { createNamer, sourcePaths } from './naming.ts';
import { scratchBase } from './scratch.ts';
import type { Resolve } from './queue.ts';
import { providerOf } from './device.ts';
import { createResolver } from './resolve.ts';
import type { ScannedPhoto } from './scan.ts';
import { selectModels } from './target.ts';
import { largestTileOf, tileOf } from './tile.ts';
import { likelyAmong } from './likely-model.ts';
import { failure, success, type Result } from '../engine/errors.ts';

/**
 * Device, workers, threads and memory for these settings on this machine: with room for the tiles of every model, since
 * one spot is compared among models without other workers.
 */
export function poolSizeOf(
  settings: Pick<EnhanceSettings, 'device' | 'workers' | 'threads' | 'memoryBytes' | 'tilePx' | 'haloPx'>,
  machine: Machine = readMachine(),
): PoolSize {
  const models = knownModels(importedModelsFolder());
  const scale = Math.max(...models.map((model) => model.scale));
  const { workers, threads, memoryBytes } = settings;
  const provider = providerOf(settings);
  const tilePx = largestTileOf(settings, models);
  return sizePool(machine, { provider, workers, threads, memoryBytes, tilePx, scale });
}

export interface BatchOptions {
  readonly settings: EnhanceSettings;
  readonly outFolder: string;
  readonly start: StartProcess;
  readonly onJob: (job: Job, event: JobEvent) => void;
  readonly onNotice: (notice: Failure) => void;
}

/** A batch whose workers are on their way while its photos are still looked for. */
export interface Batch extends AsyncDisposable, Pick<Enhancer, 'queue' | 'pool'> {
  /** Adds all photos. Once a batch, because results are named so that they meet no photo of it. */
  add(photos: readonly ScannedPhoto[]): Result<void>;
}

/** Starts the workers of a batch. */
export async function startBatch(options: BatchOptions): Promise<Batch> {
  const { settings, start, onJob, onNotice } = options;
  // A link to the photos' own folder must not hide that a result would take a photo's place.
  const outFolder = await realFolder(options.outFolder);
  let resolve: Resolve = () => Promise.reject(new Error('Photos are added before they are resolved.'));
  const importedFolder = importedModelsFolder();
  const models = knownModels(importedFolder);
  const likely = likelyAmong(settings, models);
  const enhancer = await startEnhancer({
    size: poolSizeOf(settings),
    start,
    scratchBase: await scratchBase(),
    importedFolder,
    resolve: (job, info) => resolve(job, info),
    listener: { onJob, onNotice },
    ...(likely !== undefined && {
      preload: { modelId: likely.id, precision: settings.precision, tilePx: tileOf(settings, likely) },
    }),
  });
  const { queue, pool } = enhancer;
  return {
    queue,
    pool,
    add: (photos) => {
      const sources = photos.flatMap((photo) => [photo.path, photo.realPath]);
      const namer = createNamer({ outFolder, template: settings.nameTemplate, sources: sourcePaths(sources) });
      if (!namer.ok) return namer;
      resolve = createResolver({
        settings,
        models,
        namer: namer.value,
        placeOf: (id) => ({ index: Number(id) + 1, relativeFolder: photos[Number(id)]!.relativeFolder }),
        onNotice: (_, notice) => {
          onNotice(notice);
        },
      });
      queue.add(photos.map((photo, index) => ({ id: String(index), source: photo.path })));
      return success(undefined);
    },
    [Symbol.asyncDispose]: () => enhancer[Symbol.asyncDispose](),
  };
}

/** Refuses settings that no photo could be enhanced with, before any is looked at. */
export function checkSettings({ model }: EnhanceSettings): Result<void> {
  const selected = selectModels(model, knownModels(importedModelsFolder()));
  return selected.ok ? success(undefined) : failure(selected.error.code, selected.error.message);
}
