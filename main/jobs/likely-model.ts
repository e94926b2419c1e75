import type { EnhanceSettings } from '../settings/schema.ts';
import { catalog, type CatalogEntry } from '../../models/catalog.ts';
import { selectModels, type ModelChoice } from './target.ts';

/** The part of the settings that chooses a model. */
export type ModelWish = Pick<EnhanceSettings, 'model' | 'target'>;

/** The model of the catalogue that most photos of these settings will use, where the settings alone tell. */
export function likelyModel(wish: ModelWish): CatalogEntry | undefined {
  return likelyAmong(wish, catalog);
}

/** As `likelyModel`, among models that may be a person's own. */
export function likelyAmong<Model extends ModelChoice>(
  { model, target }: ModelWish,
  models: readonly Model[],
): Model | undefined {
  const selected = selectModels(model, models);
  if (!selected.ok) return undefined;
  const byScale = [...selected.value].sort((one, other) => one.scale - other.scale);
  const factor = target.kind === 'scale' ? target.factor : Infinity;
  return byScale.find(({ scale }) => scale >= factor) ?? byScale.at(-1);
}
