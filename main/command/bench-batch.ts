/** What the benchmarks of batches have in common: a model, photos of a wanted size, and settings that a person chose. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { catalog, findModel, type CatalogEntry } from '../../models/catalog.ts';
import { success, type Result } from '../engine/errors.ts';
import type { Size } from '../engine/geometry.ts';
import { poolSizeOf } from '../jobs/batch.ts';
import { specOf } from '../jobs/resolve.ts';
import { scratchBase } from '../jobs/scratch.ts';
import { selectModels } from '../jobs/target.ts';
import type { PoolSize } from '../pool/sizing.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import { makeBenchPhotos } from '../tune/bench-photos.ts';
import type { EnhanceSpec } from '../worker/protocol.ts';
import { refuse } from './photo-headers.ts';
import type { Surroundings } from './surroundings.ts';

const samplePhoto = fileURLToPath(new URL('../../resources/samples/friends.jpg', import.meta.url));

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
  /** Where temporary files go. */
  readonly scratchBase: string;
}

/** Makes the photos of a batch, hands it over, and removes them; returns the exit code. */
export async function withBenchBatch(
  command: { readonly settings: EnhanceSettings; readonly photos: number; readonly photoMegapixels: number },
  surroundings: Surroundings,
  work: (batch: BenchBatch) => Promise<number>,
): Promise<number> {
  const { settings, photos, photoMegapixels } = command;
  const model = benchModel(settings);
  if (!model.ok) return refuse(model.error, surroundings);
  const base = await scratchBase();
  const folder = await mkdtemp(join(base, 'tessera-photos-'));
  try {
    const size = poolSizeOf(settings);
    const spec = specOf(settings, model.value.id);
    const made = await makeBenchPhotos({
      start: surroundings.start,
      size,
      spec,
      sample: samplePhoto,
      folder,
      count: photos,
      megapixels: photoMegapixels,
    });
    if (!made.ok) return refuse(made.error, surroundings);
    return await work({ model: model.value, size, spec, ...made.value, scratchBase: base });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
