// Written by models/graph/refresh.ts from the files in models/weights. Do not edit.
import type { WeightsFacts } from './graph/describe.ts';

export const catalogEntries: readonly (WeightsFacts & { readonly id: string })[] = [
  {
    id: 'quicksrnet-l-x4',
    size: 'L',
    scale: 4,
    training: 'faithful',
    licence: 'MIT',
    colourOrder: 'rgb',
    sha256: '7b6886e7d01f54e4a5a45056d4655821edabc7b9306a8e5a4688f1200f37bade',
    bytes: 1744992,
    parameters: 435696,
    haloPx: 13,
  },
];
