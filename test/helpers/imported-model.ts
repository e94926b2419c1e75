import type { ImportedModel } from '../../models/import/imported-models.ts';

/** What is known of a model that a person imported: a compact network of a large halo, fp32 alone. */
export function importedModel(id: string): ImportedModel {
  return {
    version: 1,
    id,
    name: id,
    family: 'imported',
    training: id,
    size: '',
    precisions: ['fp32'],
    scale: 4,
    haloPx: 34,
    parameters: 1_200_000,
    licence: '',
    sha256: { param: 'p', bin: 'b' },
    files: { param: `${id}.param`, bin: `${id}.bin` },
    folder: '/models',
  };
}
