import { catalogEntries } from './catalog-entries.ts';
import { figuresOf } from './figures.ts';
import type { Figures } from './figures.ts';
import type { WeightsFacts } from './graph/describe.ts';
import { ModelError } from './graph/errors.ts';
import type { Precision } from './graph/build.ts';

/** A model that can be chosen. */
export interface CatalogEntry extends WeightsFacts {
  /** The weights file's name without its ending: `quicksrnet-l-x4`. */
  readonly id: string;
  readonly family: 'QuickSRNet';
  /** SHA-256 of the result of the known tile, computed in integers. */
  readonly check: string;
  readonly precisions: readonly Precision[];
  /** Absent where nothing was measured of these very weights. */
  readonly figures: Figures | undefined;
  /** In `models/weights`. */
  readonly weightsFile: string;
}

/** Every model: exactly the files in `models/weights`. */
export const catalog: readonly CatalogEntry[] = catalogEntries.map((entry) => ({
  ...entry,
  family: 'QuickSRNet',
  precisions: ['int8', 'fp32'],
  figures: figuresOf(entry.sha256),
  weightsFile: `${entry.id}.safetensors`,
}));

/** The entry with this id, or undefined. */
export function findModel(id: string): CatalogEntry | undefined {
  return catalog.find((entry) => entry.id === id);
}

/** The entry with this id. Throws ModelError `model-unknown`, which names those that exist. */
export function requireModel(id: string): CatalogEntry {
  const entry = findModel(id);
  if (entry !== undefined) return entry;
  const known = catalog.map((each) => each.id).join(', ');
  throw new ModelError('model-unknown', `There is no model ${id}. There are: ${known}.`);
}
