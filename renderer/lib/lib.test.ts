import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Picture } from '../../preload/contract/dto.ts';
import { formatBytes, formatDuration, formatPercent } from './format.ts';
import { changeOf, commonOverrides } from './overrides.ts';
import { firstOwnValue } from './own-value.ts';
import { levelFor, tilesIn } from './pyramid.ts';
import { rowKey } from './row-keys.ts';
import { fitView, toFrame, toPicture, zoomAt } from './viewport.ts';

const side = fc.integer({ min: 1, max: 40_000 });
const frame = fc.record({ width: fc.integer({ min: 50, max: 4000 }), height: fc.integer({ min: 50, max: 3000 }) });
const zoom = fc.double({ min: 0.01, max: 64, noNaN: true });
const point = fc.record({ x: fc.integer({ min: 0, max: 4000 }), y: fc.integer({ min: 0, max: 3000 }) });

describe('the view', () => {
  it('keeps under the pointer what was there while it zooms', () => {
    fc.assert(
      fc.property(frame, point, zoom, zoom, (size, at, from, to) => {
        const view = { centreX: 500, centreY: 400, zoom: from };
        const before = toPicture(at, view, size);
        const after = toPicture(at, zoomAt(view, size, at, to), size);
        expect(after.x).toBeCloseTo(before.x, 3);
        expect(after.y).toBeCloseTo(before.y, 3);
      }),
    );
  });

  it('shows all of a picture that fits', () => {
    fc.assert(
      fc.property(side, side, frame, (width, height, size) => {
        const view = fitView({ width, height }, size);
        const corner = toFrame({ x: 0, y: 0 }, view, size);
        expect(corner.x).toBeGreaterThanOrEqual(-0.001);
        expect(corner.y).toBeGreaterThanOrEqual(-0.001);
      }),
    );
  });
});

describe('the pyramid', () => {
  const pictureOf = (widthPx: number, heightPx: number): Picture => {
    const levels = 1 + Math.max(0, Math.ceil(Math.log2(Math.max(widthPx, heightPx) / 512)));
    return { token: 't', widthPx, heightPx, tilePx: 512, levels };
  };

  it('covers every pixel once, on each level', () => {
    fc.assert(
      fc.property(side, side, fc.nat(7), (widthPx, heightPx, wanted) => {
        const picture = pictureOf(widthPx, heightPx);
        const level = Math.min(wanted, picture.levels - 1);
        fc.pre(widthPx * heightPx < 60e6 * 4 ** level);
        const tiles = tilesIn(picture, level, { left: 0, top: 0, right: widthPx, bottom: heightPx });
        expect(tiles.reduce((sum, tile) => sum + tile.width * tile.height, 0)).toBe(widthPx * heightPx);
      }),
    );
  });

  it('has its coarsest level in one tile, and asks for no finer one than the screen shows', () => {
    const picture = pictureOf(20_000, 10_000);
    expect(tilesIn(picture, picture.levels - 1, { left: 0, top: 0, right: 20_000, bottom: 10_000 })).toHaveLength(1);
    expect([1, 0.5, 0.3, 0.01].map((scale) => levelFor(picture, scale))).toEqual([0, 1, 1, picture.levels - 1]);
  });
});

describe('a photo’s own settings', () => {
  const batch = {
    model: 'faithful',
    target: { kind: 'scale', factor: 4 },
    format: 'same',
    quality: 92,
    nameTemplate: '{name}.{ext}',
  } as const;

  it('are none once they equal the batch again', () => {
    expect(changeOf({ quality: 80 }, batch)).toEqual({ quality: 80 });
    expect(changeOf({ quality: 92, target: { kind: 'scale', factor: 4 } }, batch)).toEqual({
      quality: null,
      target: null,
    });
  });

  it('are said of several photos only where they agree', () => {
    expect(commonOverrides([{ quality: 80, format: 'png' }, { quality: 80 }])).toEqual({ quality: 80 });
    expect(commonOverrides([{ quality: 80 }, null])).toEqual({});
  });
});

describe('a value of one’s own', () => {
  it('begins where automatic is, or at the nearest that may be chosen', () => {
    // One worker comes to 192 MB by itself, and a person may ask for 256 or more.
    expect(firstOwnValue(192, 256, 1024 ** 2)).toBe(256);
    expect(firstOwnValue(3000, 256, 1024 ** 2)).toBe(3000);
    expect(firstOwnValue(300, 1, 256)).toBe(256);
  });
});

describe('words', () => {
  it('say a hundred per cent only of what is finished', () => {
    expect([0, 0.994, 0.9999, 1].map(formatPercent)).toEqual(['0 %', '99 %', '99 %', '100 %']);
  });

  it('say sizes and times as a person would', () => {
    expect([12, 1500, 3_500_000, 1024 ** 3].map(formatBytes)).toEqual(['12 B', '1.5 KB', '3.3 MB', '1 GB']);
    expect([300, 12_000, 200_000, 7_500_000].map(formatDuration)).toEqual([
      'under a second',
      '12 s',
      '3 min 20 s',
      '2 h 5 min',
    ]);
  });
});

describe('keys in the list', () => {
  const press = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

  it('step, extend, move and act', () => {
    expect(rowKey({ ...press, key: 'PageDown', shiftKey: true }, 9)).toEqual({
      kind: 'step',
      rows: 9,
      select: 'range',
    });
    expect(rowKey({ ...press, key: 'ArrowDown', ctrlKey: true }, 9)).toEqual({ kind: 'step', rows: 1, select: 'none' });
    expect(rowKey({ ...press, key: ' ', ctrlKey: true }, 9)).toEqual({ kind: 'toggle' });
    expect(rowKey({ ...press, key: 'ArrowUp', altKey: true }, 9)).toEqual({ kind: 'move', to: 'up' });
    expect(rowKey({ ...press, key: 'a', ctrlKey: true }, 9)).toEqual({ kind: 'all' });
    expect(rowKey({ ...press, key: 'r', ctrlKey: true }, 9)).toBeNull();
    expect(rowKey({ ...press, key: 'x' }, 9)).toBeNull();
  });
});
