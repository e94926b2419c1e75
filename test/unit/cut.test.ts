import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutPhoto, planOf } from '../../main/engine/cut.ts';

const colour = { content: 'colour', channels: 3, bytesPerSample: 1 } as const;
const alpha = { content: 'alpha', channels: 1, bytesPerSample: 1 } as const;

describe('a photo that is cut', () => {
  it('has a file and a count of tiles a strip, and comes to the same plan wherever it arrives', () => {
    const sizes = fc.record({ widthPx: fc.integer({ min: 1, max: 900 }), heightPx: fc.integer({ min: 1, max: 900 }) });
    const planes = fc.constantFrom([colour], [colour, alpha]);
    const tilings = fc.constantFrom('dilated' as const, 'plain' as const, 'average' as const);
    fc.assert(
      fc.property(sizes, planes, tilings, fc.integer({ min: 64, max: 256 }), (image, each, tiling, tilePx) => {
        const budget = { sourceBytes: 4 * 900 * 400, outputBytes: 16 * 4 * 900 * 400 };
        const request = { image, scale: 4, spec: { tiling, tilePx }, haloPx: 13, budget, planes: each };
        const cut = cutPhoto(request, (strip) => `band-${strip}`);
        if (!cut.ok) throw new Error(cut.error.message);
        const plan = planOf(JSON.parse(JSON.stringify(cut.value)) as typeof cut.value);
        if (!plan.ok) throw new Error(plan.error.message);
        expect(plan).toEqual(planOf(request));
        expect(cut.value.bandPaths).toEqual(plan.value.strips.map((_, strip) => `band-${strip}`));
        expect(cut.value.stripTiles).toHaveLength(plan.value.strips.length);
        const tiles = cut.value.stripTiles.reduce((sum, count) => sum + count, 0);
        expect(tiles).toBe(plan.value.tileCount * each.length);
      }),
    );
  });

  it('fails as its plan does', () => {
    const budget = { sourceBytes: 1e6, outputBytes: 16e6 };
    const image = { widthPx: 100, heightPx: 100 };
    const request = { image, scale: 4, haloPx: 13, budget, planes: [colour] };
    expect(cutPhoto({ ...request, spec: { tiling: 'dilated', tilePx: 40 } }, String)).toMatchObject({
      error: { code: 'tile-too-small' },
    });
  });
});
