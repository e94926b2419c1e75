/** What the benchmarks of batches have in common: a model, photos of a wanted size, and settings that a person chose. */
import { knownModels, type KnownModel } from '../../models/known.ts';
import { success, type Result } from '../engine/errors.ts';
import type { Size } from '../engine/geometry.ts';
import { poolSizeOf } from '../jobs/batch.ts';
import { specOf } from '../jobs/resolve.ts';
import { withScratchFolder } from '../jobs/scratch.ts';
import { selectModels } from '../jobs/target.ts';
import type { PoolSize } from '../pool/sizing.ts';
import { importedModelsFolder } from '../settings/models-folder.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import { makeBenchPhotos } from '../tune/bench-photos.ts';
import type { EnhanceSpec } from '../worker/protocol.ts';
import { interruptible } from './interruption.ts';
import { refuse } from './photo-headers.ts';
import { samplePhoto } from './sample-photo.ts';
import type { Surroundings } from './surroundings.ts';

/** The model that the settings mean, the largest scale where they mean several. */
export function benchModel({ model }: Pick<EnhanceSettings, 'model'>): Result<KnownModel> {
  const models = selectModels(model, knownModels(importedModelsFolder()));
  return models.ok ? success(models.value.reduce((one, other) => (one.scale > other.scale ? one : other))) : models;
}

/** A batch, ready to be run. */
export interface BenchBatch {
  readonly model: KnownModel;
  /** Where models lie that were imported. */
  readonly folders: { readonly importedFolder: string };
  readonly size: PoolSize;
  readonly spec: EnhanceSpec;
  readonly paths: readonly string[];
  /** Of each photo. */
  readonly photo: Size;
  /** Where temporary files go; removed afterwards. */
  readonly scratchFolder: string;
  /** Aborted where the person interrupts. */
  readonly signal: AbortSignal;
}

interface BatchCommand {
  readonly settings: EnhanceSettings;
  readonly photos: number;
  readonly photoMegapixels: number;
  readonly json: boolean;
}

/** Makes the photos of a batch and hands it over; returns the exit code. */
export async function withBenchBatch(
  command: BatchCommand,
  surroundings: Surroundings,
  work: (batch: BenchBatch) => Promise<Result<void>>,
): Promise<number> {
  const { settings, photos, photoMegapixels, json } = command;
  const model = benchModel(settings);
  if (!model.ok) return refuse(model.error, surroundings);
  const [size, spec] = [poolSizeOf(settings), specOf(settings, model.value)];
  const folders = { importedFolder: importedModelsFolder() };
  return interruptible(surroundings, json, (signal) =>
    withScratchFolder(async (scratchFolder) => {
      const made = await makeBenchPhotos({
        start: surroundings.start,
        size,
        spec,
        sample: samplePhoto,
        folder: scratchFolder,
        count: photos,
        megapixels: photoMegapixels,
        folders,
        signal,
      });
      if (!made.ok) return made;
      const worked = await work({ model: model.value, folders, size, spec, ...made.value, scratchFolder, signal });
      return worked.ok ? success(0) : worked;
    }),
  );
}
