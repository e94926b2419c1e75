/** What the benchmarks of batches have in common: a model, photos of a wanted size, and settings that a person chose. */
import { catalog, findModel, type CatalogEntry } from '../../models/catalog.ts';
import { success, type Result } from '../engine/errors.ts';
import type { Size } from '../engine/geometry.ts';
import { poolSizeOf } from '../jobs/batch.ts';
import { specOf } from '../jobs/resolve.ts';
import { withScratchFolder } from '../jobs/scratch.ts';
import { selectModels } from '../jobs/target.ts';
import type { PoolSize } from '../pool/sizing.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import { makeBenchPhotos } from '../tune/bench-photos.ts';
import type { EnhanceSpec } from '../worker/protocol.ts';
import { interruptible } from './interruption.ts';
import { refuse } from './photo-headers.ts';
import { samplePhoto } from './sample-photo.ts';
import type { Surroundings } from './surroundings.ts';

/** The catalogue's model that the settings mean, the largest scale where they mean several. */
export function benchModel({ model }: Pick<EnhanceSettings, 'model'>): Result<CatalogEntry> {
  const models = selectModels(model, catalog);
  if (!models.ok) return models;
  const { id } = models.value.reduce((one, other) => (one.scale > other.scale ? one : other));
  return success(findModel(id)!);
}

/** A batch, ready to be run. */
export interface BenchBatch {
  readonly model: CatalogEntry;
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
        signal,
      });
      if (!made.ok) return made;
      const worked = await work({ model: model.value, size, spec, ...made.value, scratchFolder, signal });
      return worked.ok ? success(0) : worked;
    }),
  );
}
