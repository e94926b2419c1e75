import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  checkFormatLimit,
  finalSize,
  longestSidePx,
  planTarget,
  resolveFormat,
  selectModels,
} from '../../main/jobs/target.ts';
import type { ModelChoice } from '../../main/jobs/target.ts';
import type { Target } from '../../main/settings/schema.ts';

const models: readonly ModelChoice[] = (['S', 'L'] as const).flatMap((size) =>
  [4, 2, 3].map((scale) => ({
    id: `net-${size.toLowerCase()}-x${scale}`,
    scale,
    training: 'faithful',
    size,
    haloPx: size === 'S' ? 4 : 13,
  })),
);
const large = models.filter(({ size }) => size === 'L');
const photo = { widthPx: 1000, heightPx: 750 };

function plan(target: Target, source = photo, among: readonly ModelChoice[] = large) {
  const result = planTarget(source, target, among);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

describe('the models that a setting means', () => {
  const ids = (reference: string) => {
    const found = selectModels(reference, models);
    return found.ok ? found.value.map(({ id }) => id) : found.error;
  };

  it('are every scale of the largest size for a training', () => {
    expect(ids('faithful')).toEqual(['net-l-x4', 'net-l-x2', 'net-l-x3']);
    expect(ids('faithful-s')).toEqual(['net-s-x4', 'net-s-x2', 'net-s-x3']);
  });

  it('are one model for its id', () => {
    expect(ids('net-s-x3')).toEqual(['net-s-x3']);
  });

  it('are refused by the names that exist', () => {
    expect(ids('faithfull')).toMatchObject({
      code: 'model-unknown',
      message: expect.stringContaining('faithful, net-s-x4') as unknown,
    });
  });
});

describe("a photo's target", () => {
  it.each([
    [2, 2, 'none'],
    [2.5, 3, 'down'],
    [3, 3, 'none'],
    [3.01, 4, 'down'],
    [4, 4, 'none'],
    [1, 2, 'down'],
  ])('of ×%d takes the ×%d model, resize %s', (factor, scale, resize) => {
    expect(plan({ kind: 'scale', factor })).toMatchObject({ model: { scale }, resize, factor });
    expect(plan({ kind: 'scale', factor }).notice).toBeUndefined();
  });

  it.each<[Target, number, number]>([
    [{ kind: 'scale', factor: 2.5 }, 2500, 1875],
    [{ kind: 'width', widthPx: 3001 }, 3001, 2251],
    [{ kind: 'height', heightPx: 3000 }, 4000, 3000],
    [{ kind: 'fit', widthPx: 3000, heightPx: 3000 }, 3000, 2250],
    [{ kind: 'fit', widthPx: 9000, heightPx: 1500 }, 2000, 1500],
    [{ kind: 'longEdge', longEdgePx: 2000 }, 2000, 1500],
    [{ kind: 'megapixels', megapixels: 3 }, 2000, 1500],
  ])('%j is %d × %d', (target, widthPx, heightPx) => {
    expect(plan(target)).toMatchObject({ widthPx, heightPx });
  });

  it('measures the long edge along the height of an upright photo', () => {
    expect(plan({ kind: 'longEdge', longEdgePx: 2000 }, { widthPx: 750, heightPx: 1000 })).toMatchObject({
      widthPx: 1500,
      heightPx: 2000,
    });
  });

  it('beyond the largest model is enlarged by Lanczos and says so', () => {
    expect(plan({ kind: 'scale', factor: 6 })).toMatchObject({
      model: { scale: 4 },
      modelSize: { widthPx: 4000, heightPx: 3000 },
      widthPx: 6000,
      resize: 'up',
      notice: { code: 'target-beyond-model', message: expect.stringContaining('×1.5') as unknown },
    });
  });

  it('below the photo itself says that the photo becomes smaller', () => {
    expect(plan({ kind: 'width', widthPx: 500 })).toMatchObject({
      model: { scale: 2 },
      resize: 'down',
      notice: { code: 'target-shrinks' },
    });
  });

  it('beyond ×16 is refused', () => {
    expect(planTarget(photo, { kind: 'width', widthPx: 16_001 }, large)).toMatchObject({
      ok: false,
      error: { code: 'target-too-large', message: expect.stringContaining('1000 × 750') as unknown },
    });
    expect(planTarget(photo, { kind: 'width', widthPx: 16_000 }, large)).toMatchObject({ ok: true });
  });

  it('uses the one model that was named, whatever its scale', () => {
    const only = models.filter(({ id }) => id === 'net-s-x2');
    expect(plan({ kind: 'scale', factor: 4 }, photo, only)).toMatchObject({ model: { scale: 2 }, resize: 'up' });
  });

  it('keeps the shape within a pixel, has at least a pixel a side and hits the size asked for', () => {
    const side = fc.integer({ min: 1, max: 20_000 });
    fc.assert(
      fc.property(side, side, side, (widthPx, heightPx, asked) => {
        const byWidth = finalSize({ widthPx, heightPx }, { kind: 'width', widthPx: asked });
        expect(byWidth.widthPx).toBe(asked);
        expect(byWidth.heightPx).toBeGreaterThanOrEqual(1);
        expect(Math.abs(byWidth.heightPx - (asked * heightPx) / widthPx)).toBeLessThan(1);
        const fit = finalSize({ widthPx, heightPx }, { kind: 'fit', widthPx: asked, heightPx: asked });
        expect(Math.max(fit.widthPx, fit.heightPx)).toBe(asked);
      }),
    );
  });

  it('never upsamples what a larger model can make', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 4, noNaN: true }), fc.integer({ min: 1, max: 9000 }), (factor, px) => {
        const made = plan({ kind: 'scale', factor }, { widthPx: px, heightPx: 7 });
        expect(made.modelSize.widthPx).toBeGreaterThanOrEqual(made.widthPx);
        expect(made.resize).not.toBe('up');
      }),
    );
  });
});

describe("a result's format", () => {
  it('is as the source where it can be written, PNG where not', () => {
    expect(['jpeg', 'png', 'webp', 'tiff', 'heif', 'gif'].map((format) => resolveFormat('same', format))).toEqual([
      'jpeg',
      'png',
      'webp',
      'tiff',
      'avif',
      'png',
    ]);
    expect(resolveFormat('webp', 'jpeg')).toBe('webp');
  });

  it.each([
    ['jpeg', 65_500],
    ['webp', 16_383],
    ['avif', 16_384],
  ] as const)('%s ends at %d pixels a side and says what else would do', (format, limit) => {
    expect(checkFormatLimit(format, { widthPx: limit, heightPx: 1 })).toMatchObject({ ok: true });
    expect(checkFormatLimit(format, { widthPx: 1, heightPx: limit + 1 })).toMatchObject({
      ok: false,
      error: { code: 'format-limit', message: expect.stringMatching(/Choose .*png.*smaller size/) as unknown },
    });
  });

  it.each(['jpeg', 'webp', 'avif'] as const)('has the limit that the encoder of %s really has', async (format) => {
    const encode = (width: number) =>
      sharp({ create: { width, height: 1, channels: 3, background: '#123' }, limitInputPixels: false })
        .toFormat(format, format === 'avif' ? { effort: 0 } : {})
        .toBuffer();
    await expect(encode(longestSidePx[format])).resolves.toBeInstanceOf(Buffer);
    await expect(encode(longestSidePx[format] + 1)).rejects.toThrow();
  });
});
