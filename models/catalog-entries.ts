// Written by test/helpers/refresh-catalog.ts from the files in models/weights. Do not edit.
import type { CatalogEntry } from './catalog.ts';

export const catalogEntries: readonly Omit<CatalogEntry, 'family' | 'precisions' | 'figures' | 'weightsFile'>[] = [
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
    checks: {
      '7': '6d83e0db99bf7535b861b3ad81db7072251f8e24659f83ebf96d6c125439b264',
      '8': '7ca3df12254dbe718b05927f8130bde57d2ad2771c15e3379c2e33554c909c2a',
    },
  },
];
