import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MachineBook } from '../../main/desktop/machine-book.ts';
import { poolSizeOf } from '../../main/jobs/batch.ts';
import { readTuningMachine } from '../../main/jobs/machine.ts';
import { likelyModel } from '../../main/jobs/likely-model.ts';
import { defaultTileFor, tileOf } from '../../main/jobs/tile.ts';
import { applyTunings, staleTunings } from '../../main/jobs/tuned.ts';
import { defaultSettings, type EnhanceSettings } from '../../main/settings/schema.ts';
import { createDeviceStore } from '../../main/settings/device-store.ts';
import { createTuningStore, tuningsPath } from '../../main/settings/tuning-store.ts';
import { findTuning, staleNotice, withNewTuning, type Tuning } from '../../main/settings/tuning.ts';
import { catalog } from '../../models/catalog.ts';
import { weightsIdOf, type KnownModel } from '../../models/known.ts';
import type { Settings } from '../../preload/contract/dto.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';
import { importedModel } from '../helpers/imported-model.ts';

const machine = { processor: 'Fast 9000', cores: 8, memoryBytes: 16e9, runtime: '1.30.0' };
const model = likelyModel(defaultSettings)!;
const subject = { modelId: model.id, weightsSha256: model.sha256, precision: 'int8', provider: 'cpu' } as const;
const tuning: Tuning = {
  ...machine,
  ...subject,
  tilePx: 256,
  workers: 4,
  threads: 2,
  pixelsPerSecond: 5e7,
  gain: 1.12,
  tunedAt: '2026-01-02T03:04:05.000Z',
};

const imported = importedModel('own');

describe('a remembered tuning', () => {
  it('holds on the same machine, for the same weights and runtime', () => {
    expect(findTuning([tuning], machine, subject)).toEqual({ kind: 'tuned', tuning });
    // A few megabytes come and go with a kernel.
    expect(findTuning([tuning], { ...machine, memoryBytes: 15.8e9 }, subject).kind).toBe('tuned');
  });

  it.each([
    ['processor', { processor: 'Slow 1' }, subject, 'machine'],
    ['cores', { cores: 4 }, subject, 'machine'],
    ['memory', { memoryBytes: 8e9 }, subject, 'machine'],
    ['runtime', { runtime: '1.31.0' }, subject, 'runtime'],
    ['weights', {}, { ...subject, weightsSha256: 'other' }, 'model'],
  ] as const)('is stale with another %s, and says so', (_, change, asked, expected) => {
    const found = findTuning([tuning], { ...machine, ...change }, asked);
    expect(found).toMatchObject({ kind: 'stale', changes: [expected] });
    const notice = staleNotice(found);
    expect(notice).toMatchObject({ code: 'tuning-stale' });
    expect(notice?.message).toContain('tessera tune');
  });

  it('says nothing where this model or precision was never tuned', () => {
    for (const other of [{ modelId: 'other' }, { precision: 'fp32' as const }, { provider: 'cuda' }]) {
      const found = findTuning([tuning], machine, { ...subject, ...other });
      expect(found).toEqual({ kind: 'none' });
      expect(staleNotice(found)).toBeUndefined();
    }
  });

  it('that holds goes before newer ones that do not, and the newest of those that hold first', () => {
    const elsewhere = { ...tuning, cores: 2, tunedAt: '2026-05-05T00:00:00.000Z' };
    const later = { ...tuning, tilePx: 192, tunedAt: '2026-02-02T00:00:00.000Z' };
    expect(findTuning([elsewhere, tuning], machine, subject)).toEqual({ kind: 'tuned', tuning });
    expect(findTuning([tuning, later], machine, subject)).toEqual({ kind: 'tuned', tuning: later });
  });

  it('takes the place of the one before it, on this machine alone', () => {
    const elsewhere = { ...tuning, cores: 2 };
    const again = { ...tuning, tilePx: 192, runtime: '1.31.0' };
    expect(withNewTuning([elsewhere, tuning], again)).toEqual([elsewhere, again]);
  });
});

describe('what an automatic value comes to', () => {
  const auto: EnhanceSettings = defaultSettings;
  const apply = (settings: EnhanceSettings, on = machine) => applyTunings(settings, [tuning], on, catalog);

  it('is what was tuned, where something was', () => {
    const { settings, notice } = apply(auto);
    expect(settings).toEqual({ ...auto, tilePx: 256, workers: 4, threads: 2 });
    expect(notice).toBeUndefined();
    expect(tileOf(settings, model)).toBe(256);
    expect(poolSizeOf(settings, machine)).toMatchObject({ workers: 4, threads: 2 });
  });

  it('is the default where nothing was tuned, or the tuning is stale', () => {
    expect(applyTunings(auto, [], machine, catalog)).toEqual({ settings: auto });
    const { settings, notice } = apply(auto, { ...machine, cores: 2 });
    expect(settings).toBe(auto);
    expect(notice?.code).toBe('tuning-stale');
    expect(tileOf(settings, model)).toBe(defaultTileFor(model.haloPx));
    expect(poolSizeOf(settings, { cores: 2, memoryBytes: 16e9 })).toMatchObject({ workers: 2, threads: 1 });
  });

  it('yields to what a person fixed', () => {
    expect(apply({ ...auto, tilePx: 128 }).settings).toMatchObject({ tilePx: 128, workers: 4, threads: 2 });
    // The pair belongs together: eight workers with two threads each would be too many for eight cores.
    expect(apply({ ...auto, workers: 8 }).settings).toMatchObject({ tilePx: 256, workers: 8, threads: 'auto' });
    expect(apply({ ...auto, threads: 1 }).settings).toMatchObject({ workers: 'auto', threads: 1 });
    expect(apply({ ...auto, memoryBytes: 1e9 }).settings).toMatchObject({ workers: 'auto', threads: 'auto' });
    // A tile is tuned with the model's own halo around it.
    expect(apply({ ...auto, haloPx: 100 }).settings.tilePx).toBe('auto');
    expect(apply({ ...auto, tiling: 'plain' }).settings.tilePx).toBe('auto');
  });

  it('is the tuned one of the model and precision that will be used', () => {
    expect(apply({ ...auto, precision: 'fp32' }).settings.tilePx).toBe('auto');
    expect(apply({ ...auto, model: 'photo' }).settings.tilePx).toBe('auto');
    expect(apply({ ...auto, target: { kind: 'scale', factor: 3.5 } }).settings.tilePx).toBe(256);
    expect(apply({ ...auto, target: { kind: 'scale', factor: 2 } }).settings.tilePx).toBe('auto');
  });

  it('is that of the device and precision that are computed with', () => {
    const onDevice: Tuning = { ...tuning, precision: 'fp32', provider: 'webgpu', tilePx: 640, workers: 1, threads: 1 };
    const settled = (settings: EnhanceSettings) =>
      applyTunings(settings, [tuning, onDevice], machine, catalog).settings.tilePx;
    // int8 is what was asked for; a device computes in fp32.
    expect(settled({ ...auto, device: 'webgpu' })).toBe(640);
    expect(settled({ ...auto, device: 'cpu' })).toBe(256);
    expect(settled({ ...auto, device: 'cuda' })).toBe('auto');
  });

  it('is that of an imported model, until its files are others', () => {
    const own = imported;
    const ofOwn: Tuning = {
      ...tuning,
      modelId: 'own',
      weightsSha256: weightsIdOf(own),
      precision: 'fp32',
      tilePx: 512,
    };
    const wish: EnhanceSettings = { ...auto, model: 'own' };
    const apply = (models: readonly KnownModel[]) => applyTunings(wish, [ofOwn], machine, models);
    expect(apply([...catalog, own]).settings).toMatchObject({ tilePx: 512, workers: 4, threads: 2 });
    const changed = { ...own, sha256: { param: 'p', bin: 'other' } };
    expect(apply([...catalog, changed])).toMatchObject({ settings: wish, notice: { code: 'tuning-stale' } });
    expect(staleTunings([ofOwn], machine, [...catalog, changed])).toMatchObject([{ code: 'tuning-stale' }]);
    // An import that was removed needs no news.
    expect(staleTunings([ofOwn], machine, catalog)).toEqual([]);
  });

  it('is not worth a notice to somebody who fixed everything', () => {
    const fixed: EnhanceSettings = { ...auto, tilePx: 128, workers: 2, threads: 1 };
    expect(apply(fixed, { ...machine, cores: 2 }).notice).toBeUndefined();
  });

  it('is listed as stale beside the models', () => {
    expect(staleTunings([tuning], machine, catalog)).toEqual([]);
    expect(staleTunings([tuning], { ...machine, runtime: '2' }, catalog)).toMatchObject([{ code: 'tuning-stale' }]);
  });
});

describe('the file of tunings', () => {
  it('lies beside the settings, keeps what is remembered, and forgets', async () => {
    await using folder = await temporaryFolder();
    const path = tuningsPath(join(folder.path, 'deep', 'settings.json'));
    const store = createTuningStore(path);
    expect(await store.load()).toEqual([]);
    expect(await store.remember([tuning])).toEqual({ ok: true, value: undefined });
    expect(await store.remember([{ ...tuning, precision: 'fp32' }])).toMatchObject({ ok: true });
    expect(await createTuningStore(path).load()).toHaveLength(2);
    await store.forget(({ precision }) => precision === 'int8');
    expect(await store.load()).toEqual([{ ...tuning, precision: 'fp32' }]);
    expect(await readdir(join(folder.path, 'deep'))).toEqual(['tunings.json']);
  });

  it('counts as empty where it cannot be understood', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'tunings.json');
    for (const text of ['{', '{"version":2,"tunings":[]}', '{"version":1,"tunings":[{"tilePx":-1}]}']) {
      await writeFile(path, text);
      expect(await createTuningStore(path).load()).toEqual([]);
    }
  });

  it('that cannot be written is a failure with a sentence', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'file'), '');
    const saved = await createTuningStore(join(folder.path, 'file', 'tunings.json')).remember([tuning]);
    expect(saved).toMatchObject({ ok: false, error: { code: 'settings-unwritable' } });
  });
});

describe('this machine', () => {
  it('is known by its processor, cores, memory and the runtime that is installed', async () => {
    const found = readTuningMachine();
    const path = new URL('../../node_modules/onnxruntime-node/package.json', import.meta.url);
    const installed = JSON.parse(await readFile(path, 'utf8')) as { version: string };
    expect(found.runtime).toBe(installed.version);
    expect(found.cores).toBeGreaterThan(0);
    expect(found.processor).not.toBe('');
  });
});

describe('what the window forgets', () => {
  it('is the tuning of this machine alone; others may share its folder', async () => {
    await using folder = await temporaryFolder();
    const tunings = createTuningStore(join(folder.path, 'tunings.json'));
    const elsewhere = { ...tuning, processor: 'Slow 100' };
    await tunings.remember([tuning, elsewhere]);
    const devices = createDeviceStore(join(folder.path, 'devices.json'));
    const book = new MachineBook({ tunings, devices, machine, models: catalog });
    await book.load();
    const settings = { ...defaultSettings, theme: 'system', notifyWhenDone: false, outputFolder: null } as Settings;
    expect(await book.forgetTuning(settings)).toMatchObject({ ok: true });
    expect(await tunings.load()).toEqual([elsewhere]);
  });
});
