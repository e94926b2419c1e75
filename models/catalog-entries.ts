// Written by test/helpers/refresh-catalog.ts from the files in models/weights. Do not edit.
import type { CatalogEntry } from './catalog.ts';

export const catalogEntries: readonly Omit<CatalogEntry, 'family' | 'precisions' | 'figures' | 'weightsFile'>[] = [
  {
    id: 'quicksrnet-l-x2',
    size: 'L',
    scale: 2,
    training: 'faithful',
    licence: 'MIT',
    colourOrder: 'rgb',
    sha256: '108837ef625493e11e47d51cc9763356b169068e1872d23f456cdba0cb87fd7c',
    bytes: 1661944,
    parameters: 414924,
    haloPx: 13,
    checks: {
      '7': 'd3de2007e1a7317c737b2c6ca7ffb395c3e770c271f8ab96f8e6fe478a317cda',
      '8': '7f0c37c6d28a5d65d4d646b11c34665fa0ea94e83baadc494a9abe8b385074e8',
    },
  },
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
  {
    id: 'quicksrnet-s-x4',
    size: 'S',
    scale: 4,
    training: 'faithful',
    licence: 'MIT',
    colourOrder: 'rgb',
    sha256: '80f6d55e08b57f3ef5259c34c5faf08e38f0da1f93d30c4ab186701fad95aef6',
    bytes: 133856,
    parameters: 33264,
    haloPx: 4,
    checks: {
      '7': '990574c47772fe651a463040fc7d0712168547671748fb9ea490f3ff42310dda',
      '8': 'ad8f1dde18c9a1b26d18396b5cfab96c135c8c90463bf4416c4a613d5bba8878',
    },
  },
];
