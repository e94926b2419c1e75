import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { choiceLine, detailLines, deviceLines, verdictOf } from '../../main/command/devices-view.ts';
import { poolSizeOf } from '../../main/jobs/batch.ts';
import { applyDevices, networkOf, providerOf } from '../../main/jobs/device.ts';
import { applyTunings } from '../../main/jobs/tuned.ts';
import {
  chooseDevice,
  findDevices,
  parseDeviceRecords,
  staleDeviceNotice,
  withNewRecord,
  type DeviceRecord,
  type DeviceVerdict,
} from '../../main/settings/device-record.ts';
import { createDeviceStore, devicesPath } from '../../main/settings/device-store.ts';
import { defaultSettings } from '../../main/settings/schema.ts';
import { fastestRight } from '../../main/tune/devices.ts';
import { catalog, requireModel } from '../../models/catalog.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';

const machine = { processor: 'Fast 9000', cores: 8, memoryBytes: 16e9, runtime: '1.30.0' };
const subject = { network: 'QuickSRNet-L-x4', precision: 'int8' } as const;
const cpu: DeviceVerdict = {
  provider: 'cpu',
  state: 'right',
  difference: { maximumSteps: 0, meanSteps: 0 },
  megapixelsPerSecond: 12.5,
};
const webgpu: DeviceVerdict = {
  provider: 'webgpu',
  state: 'right',
  difference: { maximumSteps: 1, meanSteps: 0.0123 },
  megapixelsPerSecond: 90,
};
const lying: DeviceVerdict = {
  provider: 'cuda',
  state: 'wrong',
  difference: { maximumSteps: 200, meanSteps: 50.125 },
};
const broken: DeviceVerdict = {
  provider: 'dml',
  state: 'failed',
  reason: { code: 'session-failed', message: 'It cannot be loaded.', details: { reason: 'adapter.cc:136\nnone' } },
};
const record: DeviceRecord = {
  ...machine,
  ...subject,
  devices: [cpu, webgpu, lying, broken],
  fastest: 'webgpu',
  probedAt: '2026-01-02T03:04:05.000Z',
};
const found = { kind: 'found', record } as const;

describe('the device that work runs on', () => {
  it('is the one that a person chose, else the fastest found right, else the processor', () => {
    expect(chooseDevice('cuda', found)).toBe('cuda');
    expect(chooseDevice('cpu', found)).toBe('cpu');
    expect(chooseDevice('auto', found)).toBe('webgpu');
    expect(chooseDevice('auto', { kind: 'none' })).toBe('cpu');
    expect(chooseDevice('auto', { kind: 'stale', record, changes: ['runtime'] })).toBe('cpu');
    expect(providerOf({ device: 'auto' })).toBe('cpu');
  });

  it('is the fastest of those that give the right picture', () => {
    expect(fastestRight([cpu, webgpu, lying, broken])).toBe('webgpu');
    expect(fastestRight([cpu, { ...webgpu, megapixelsPerSecond: 5 }])).toBe('cpu');
    expect(fastestRight([cpu, lying, broken])).toBe('cpu');
    expect(fastestRight([])).toBe('cpu');
  });

  it('decides the workers: one with one thread on a graphics device, as many as cores on the processor', () => {
    const on = (device: 'cpu' | 'webgpu') => poolSizeOf({ ...defaultSettings, device }, machine);
    expect(on('cpu')).toMatchObject({ provider: 'cpu', workers: 8, threads: 1 });
    expect(on('webgpu')).toMatchObject({ provider: 'webgpu', workers: 1, threads: 1 });
    expect(poolSizeOf({ ...defaultSettings, device: 'webgpu', workers: 2 }, machine).workers).toBe(2);
  });

  it('has tunings of its own', () => {
    const { id: modelId, sha256: weightsSha256 } = requireModel('quicksrnet-l-x4');
    const tuned = { tilePx: 256, workers: 4, threads: 2, pixelsPerSecond: 1, gain: 1, tunedAt: '2026-01-02' };
    const tuning = { ...machine, modelId, weightsSha256, precision: 'int8', provider: 'cpu', ...tuned } as const;
    const settled = (device: 'cpu' | 'webgpu') =>
      applyTunings({ ...defaultSettings, device }, [tuning], machine, catalog).settings;
    expect(settled('cpu')).toMatchObject({ tilePx: 256, workers: 4, threads: 2 });
    expect(settled('webgpu')).toMatchObject({ tilePx: 'auto', workers: 'auto', threads: 'auto' });
  });
});

describe('what is remembered of devices', () => {
  it('holds on the same machine, for the same network and precision', () => {
    expect(findDevices([record], machine, subject)).toEqual(found);
    expect(findDevices([record], { ...machine, memoryBytes: 15.8e9 }, subject).kind).toBe('found');
    expect(findDevices([record], machine, { ...subject, network: 'QuickSRNet-S-x4' })).toEqual({ kind: 'none' });
    expect(findDevices([record], machine, { ...subject, precision: 'fp32' })).toEqual({ kind: 'none' });
  });

  it.each([
    ['processor', { processor: 'Slow 1' }, 'machine'],
    ['cores', { cores: 4 }, 'machine'],
    ['memory', { memoryBytes: 8e9 }, 'machine'],
    ['runtime', { runtime: '1.31.0' }, 'runtime'],
  ] as const)('is stale with another %s, and says so where it matters', (_, change, expected) => {
    const stale = findDevices([record], { ...machine, ...change }, subject);
    expect(stale).toMatchObject({ kind: 'stale', changes: [expected] });
    expect(staleDeviceNotice('auto', stale)).toMatchObject({ code: 'devices-stale' });
    expect(staleDeviceNotice('auto', stale)?.message).toContain('tessera devices');
    expect(staleDeviceNotice('cpu', stale)).toBeUndefined();
    const onProcessor = findDevices([{ ...record, fastest: 'cpu' }], { ...machine, ...change }, subject);
    expect(staleDeviceNotice('auto', onProcessor)).toBeUndefined();
    expect(staleDeviceNotice('auto', found)).toBeUndefined();
  });

  it('that holds goes before newer ones that do not, and the newest of those that hold first', () => {
    const elsewhere = { ...record, cores: 2, probedAt: '2026-05-05T00:00:00.000Z' };
    const later: DeviceRecord = { ...record, fastest: 'cpu', probedAt: '2026-02-02T00:00:00.000Z' };
    expect(findDevices([elsewhere, record], machine, subject)).toEqual(found);
    expect(findDevices([record, later], machine, subject)).toEqual({ kind: 'found', record: later });
  });

  it('gives way to a new record of this machine, network and precision alone', () => {
    const elsewhere = { ...record, cores: 2 };
    const exact: DeviceRecord = { ...record, precision: 'fp32' };
    const again: DeviceRecord = { ...record, fastest: 'cpu', runtime: '1.31.0' };
    expect(withNewRecord([elsewhere, exact, record], again)).toEqual([elsewhere, exact, again]);
  });

  it('replaces auto in settings, for every training of a network', () => {
    const applied = (settings: typeof defaultSettings, on = machine) => applyDevices(settings, [record], on, catalog);
    expect(applied(defaultSettings)).toEqual({ settings: { ...defaultSettings, device: 'webgpu' } });
    expect(applied({ ...defaultSettings, model: 'photo' }).settings.device).toBe('webgpu');
    expect(applied({ ...defaultSettings, model: 'faithful-s' }).settings.device).toBe('cpu');
    expect(applied({ ...defaultSettings, device: 'cuda' }).settings.device).toBe('cuda');
    const stale = applied(defaultSettings, { ...machine, runtime: '2' });
    expect(stale.settings.device).toBe('cpu');
    expect(stale.notice?.code).toBe('devices-stale');
    expect(networkOf({ id: 'own', family: 'imported', size: '', scale: 2 })).toBe('own');
  });

  it('lies beside the settings, and comes back as it was', async () => {
    await using folder = await temporaryFolder();
    const path = devicesPath(join(folder.path, 'deep', 'settings.json'));
    const store = createDeviceStore(path);
    expect(await store.load()).toEqual([]);
    expect(await store.remember(record)).toMatchObject({ ok: true });
    expect(await createDeviceStore(path).load()).toEqual([record]);
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, -20));
    expect(await store.load()).toEqual([]);
    expect(parseDeviceRecords({ version: 2, records: [record] })).toBeUndefined();
  });
});

describe('the table of devices', () => {
  const look = { paint: (_: unknown, text: string): string => text };

  it('has a line a device, in plain words, and marks the one that auto takes', () => {
    const lines = deviceLines(record, look);
    expect(lines).toHaveLength(5);
    expect(lines[1]).toMatch(/^ {2}cpu \(processor\) +12\.5 {2}right/);
    expect(lines[2]).toMatch(
      /^\* webgpu \(WebGPU\) +90\.0 {2}right: differs by 1\/255 at most, 0\.01\/255 on average$/,
    );
    expect(lines[3]).toMatch(/- {2}computes wrong: differs by 200\/255 at most, 50\.13\/255 on average$/);
    expect(lines[4]).toMatch(/- {2}failed: It cannot be loaded\.$/);
    expect(choiceLine(record)).toContain('"auto" takes WebGPU');
    expect(choiceLine({ ...record, fastest: 'cpu' })).toContain('takes the processor');
  });

  it("keeps the runtime's own words apart", () => {
    expect(verdictOf(broken)).not.toContain('adapter.cc');
    expect(detailLines(record).join('\n')).toContain('adapter.cc:136');
    expect(detailLines({ ...record, devices: [cpu, lying] })).toEqual([]);
  });
});
