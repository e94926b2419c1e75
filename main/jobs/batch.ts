/** From settings to running workers: what the command line and the window do alike. */
import type { Failure } from '../engine/errors.ts';
import { sizePool, type Machine, type PoolSize } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import { catalog } from '../../models/catalog.ts';
import { knownModels } from '../../models/known.ts';
import { importedModelsFolder } from '../settings/models-folder.ts';
import { startEnhancer, type Enhancer } from './enhancer.ts';
import type { Job, JobEvent } from './job.ts';
import { realFolder } from './file-tree.ts';
import { readMachine } from './machine.ts';
import { createNamer } from './naming.ts';
import { scratchBase } from './scratch.ts';
import type { Resolve } from './queue.ts';
import { providerOf } from './device.ts';
import { createResolver, tileOf } from './resolve.ts';
import type { ScannedPhoto } from './scan.ts';
import { selectModels } from './target.ts';
import { likelyModel } from './likely-model.ts';
import { failure, success, type Result } from '../engine/errors.ts';

/** Device, workers, threads and memory for these settings on this machine. */
export function poolSizeOf(
  settings: Pick<EnhanceSettings, 'device' | 'workers' | 'threads' | 'memoryBytes' | 'tilePx'>,
  machine: Machine = readMachine(),
): PoolSize {
  const scale = Math.max(...catalog.map((entry) => entry.scale));
  const { workers, threads, memoryBytes } = settings;
  const provider = providerOf(settings);
  return sizePool(machine, { provider, workers, threads, memoryBytes, tilePx: tileOf(settings), scale });
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
  const likely = likelyModel(settings);
  const importedFolder = importedModelsFolder();
  const enhancer = await startEnhancer({
    size: poolSizeOf(settings),
    start,
    scratchBase: await scratchBase(),
    importedFolder,
    resolve: (job, info) => resolve(job, info),
    listener: { onJob, onNotice },
    ...(likely !== undefined && {
      preload: { modelId: likely.id, precision: settings.precision, tilePx: tileOf(settings) },
    }),
  });
  const { queue, pool } = enhancer;
  return {
    queue,
    pool,
    add: (photos) => {
      const sources = photos.flatMap((photo) => [photo.path, photo.realPath]);
      const namer = createNamer({ outFolder, template: settings.nameTemplate, sources });
      if (!namer.ok) return namer;
      resolve = createResolver({
        settings,
        models: knownModels(importedFolder),
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
