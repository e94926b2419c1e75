import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { poolSizeOf } from '../../main/jobs/batch.ts';
import { planPhoto } from '../../main/jobs/resolve.ts';
import { DEFAULT_TILE_PX, defaultTileFor, largestTileOf, tileOf } from '../../main/jobs/tile.ts';
import { sizePool } from '../../main/pool/sizing.ts';
import { importedModelsFolder } from '../../main/settings/models-folder.ts';
import { defaultSettings } from '../../main/settings/schema.ts';
import { haloCost } from '../../main/tune/space.ts';
import { catalog } from '../../models/catalog.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';

const own = { id: 'own', scale: 4, training: 'own', size: '', haloPx: 34 };

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the memory that workers reserve', () => {
  it('has room for the default tile of a model that a person imported', async () => {
    await using home = await temporaryFolder();
    for (const name of ['XDG_CONFIG_HOME', 'APPDATA', 'HOME']) vi.stubEnv(name, home.path);
    const roomPx = () =>
      Math.sqrt(poolSizeOf(defaultSettings, { cores: 1, memoryBytes: 8e9 }).layout.tileInputBytes / 6);
    expect(roomPx()).toBe(448);
    const facts = { version: 1, name: 'own', scale: 4, haloPx: 34, parameters: 1, licence: '' };
    await mkdir(importedModelsFolder(), { recursive: true });
    const described = JSON.stringify({ ...facts, sha256: { param: 'p', bin: 'b' } });
    await writeFile(join(importedModelsFolder(), 'own.json'), described);
    expect(roomPx()).toBe(480);
  });
});

describe('the tile that is used where nobody says otherwise', () => {
  it('is the usual one for small networks, and a roomier one for the largest of the catalogue', () => {
    for (const { size, haloPx } of catalog) expect(defaultTileFor(haloPx)).toBe(size === 'L' ? 448 : DEFAULT_TILE_PX);
  });

  it('grows with the halo, so that the halo is little of the work, up to what memory bears', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 45 }), (haloPx) => {
        expect(haloCost(defaultTileFor(haloPx), haloPx)).toBeLessThan(1.18);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1024 }), fc.integer({ min: 0, max: 1024 }), (one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(defaultTileFor(less)).toBeLessThanOrEqual(defaultTileFor(more));
        expect(defaultTileFor(more)).toBeLessThanOrEqual(640);
      }),
    );
  });

  it('follows the model, or the halo that a person set, and yields to a tile that a person set', () => {
    expect(tileOf(defaultSettings, own)).toBe(480);
    expect(tileOf({ ...defaultSettings, haloPx: 40 }, { haloPx: 13 })).toBe(560);
    expect(tileOf({ ...defaultSettings, haloPx: 5 }, own)).toBe(DEFAULT_TILE_PX);
    expect(tileOf({ ...defaultSettings, tilePx: 200 }, own)).toBe(200);
    // The baselines have no halo.
    expect(tileOf({ ...defaultSettings, tiling: 'plain' }, own)).toBe(DEFAULT_TILE_PX);
  });

  it('is what a photo is planned with, and fits the memory that is reserved for the largest', () => {
    const photo = {
      widthPx: 900,
      heightPx: 600,
      format: 'jpeg',
      bitsPerSample: 8,
      grey: false,
      alpha: false,
      convertsToSrgb: true,
      hasProfile: false,
      hasExif: false,
      fileBytes: 1,
      modifiedMs: 0,
    } as const;
    const planned = planPhoto(photo, { ...defaultSettings, model: 'own' }, [...catalog, own]);
    expect(planned).toMatchObject({ ok: true, value: { spec: { modelId: 'own', tilePx: 480, haloPx: 'auto' } } });
    const tilePx = largestTileOf(defaultSettings, [...catalog, own]);
    const wishes = { workers: 1, threads: 1, memoryBytes: 'auto', tilePx, scale: 4 } as const;
    const { layout } = sizePool({ cores: 1, memoryBytes: 8e9 }, wishes);
    expect(layout.tileInputBytes).toBeGreaterThanOrEqual(480 ** 2 * 3);
  });
});
