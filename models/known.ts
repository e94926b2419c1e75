import { catalog, findModel } from './catalog.ts';
import type { CatalogEntry } from './catalog.ts';
import { findImported, listImported } from './import/imported-models.ts';
import type { ImportedModel } from './import/imported-models.ts';

/** A model of the catalogue, or one that a person imported. */
export type KnownModel = CatalogEntry | ImportedModel;

/**
 * The catalogue and what was imported. An import takes no name of the catalogue's away.
 *
 * @param importedFolder where imported models are kept
 */
export function knownModels(importedFolder: string): readonly KnownModel[] {
  return [...catalog, ...listImported(importedFolder).filter(({ id }) => findModel(id) === undefined)];
}

/** What tells a model's weights from those of another of its name. */
export function weightsIdOf({ sha256 }: Pick<KnownModel, 'sha256'>): string {
  return typeof sha256 === 'string' ? sha256 : `${sha256.param} ${sha256.bin}`;
}

/** The model with this id, or undefined. */
export function findKnownModel(id: string, importedFolder: string): KnownModel | undefined {
  return findModel(id) ?? findImported(importedFolder, id);
}
