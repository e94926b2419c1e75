// Written by test/helpers/refresh-catalog.ts from the files in models/weights. Do not edit.
import type { CatalogEntry } from './catalog.ts';

export const catalogEntries: readonly Omit<CatalogEntry, 'family' | 'precisions' | 'figures' | 'weightsFile'>[] = [
  {
    id: 'quicksrnet-l-x4-photo',
    size: 'L',
    scale: 4,
    training: 'photo',
    licence: 'MIT',
    colourOrder: 'rgb',
    sha256: 'b410f32552322690bc2a46fcc03feca8434f93a5499f5031896f44fb047942d0',
    bytes: 1745032,
    parameters: 435696,
    haloPx: 13,
    checks: {
      '7': '6ce29591da3e022bed56c77f41c5eda830e4b40e050fab78bc279240505727e5',
      '8': '39c795be2befbceb429cdada4a9fed672f88dde7a2932bea58dcd30eae35c045',
    },
  },
  {
    id: 'quicksrnet-l-x4',
    size: 'L',
    scale: 4,
    training: 'faithful',
    licence: 'MIT',
    colourOrder: 'rgb',
    sha256: '012f1a51a391eed670174cc516b6dc47ba0a89c1e2f257cd49558af9d33fae11',
    bytes: 1745032,
    parameters: 435696,
    haloPx: 13,
    checks: {
      '7': '683956a0f6436f940da0eeedbef43683454d51125109a09aeebbcd9023708546',
      '8': '14f2bcba97b9e412a2ec106f4d201403a65176497bff4aaaaac0b27d945c1b3b',
    },
  },
];
