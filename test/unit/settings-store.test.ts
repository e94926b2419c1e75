import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultSettings } from '../../main/settings/schema.ts';
import type { EnhanceSettings } from '../../main/settings/schema.ts';
import { createSettingsStore, settingsPath } from '../../main/settings/store.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tessera-settings-'));
  path = join(folder, 'tessera', 'settings.json');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function put(text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

const names = async () => (await readdir(dirname(path))).sort();

describe('the settings file', () => {
  it('lies where the system keeps such files', () => {
    expect(settingsPath('linux', {}, '/home/me')).toBe('/home/me/.config/tessera/settings.json');
    expect(settingsPath('linux', { XDG_CONFIG_HOME: '/conf' }, '/home/me')).toBe('/conf/tessera/settings.json');
    expect(settingsPath('linux', { XDG_CONFIG_HOME: 'conf' }, '/home/me')).toBe(
      '/home/me/.config/tessera/settings.json',
    );
    expect(settingsPath('darwin', {}, '/Users/me')).toBe('/Users/me/Library/Application Support/Tessera/settings.json');
    expect(settingsPath('win32', { APPDATA: 'D:\\Data' }, 'C:\\me')).toBe('D:\\Data\\Tessera\\settings.json');
    expect(settingsPath('win32', {}, 'C:\\me')).toBe('C:\\me\\AppData\\Roaming\\Tessera\\settings.json');
  });

  it('need not exist', async () => {
    expect(await createSettingsStore({ path }).load()).toEqual({ settings: defaultSettings });
  });

  it('comes back as it was saved, and nothing else is left beside it', async () => {
    const settings: EnhanceSettings = { ...defaultSettings, quality: 71, target: { kind: 'width', widthPx: 3000 } };
    const store = createSettingsStore({ path });
    expect(await store.save(defaultSettings)).toEqual({ ok: true, value: undefined });
    expect(await store.save(settings)).toEqual({ ok: true, value: undefined });
    expect(await createSettingsStore({ path }).load()).toEqual({ settings });
    expect(await names()).toEqual(['settings.json']);
  });

  it('takes the default for a setting that it does not name', async () => {
    await put('{ "version": 2, "quality": 80 }');
    expect(await createSettingsStore({ path }).load()).toEqual({ settings: { ...defaultSettings, quality: 80 } });
  });

  it('of version 1, which knew no device, is taken up', async () => {
    await put('{ "version": 1, "quality": 80 }');
    const { settings, notice } = await createSettingsStore({ path }).load();
    expect(settings).toEqual({ ...defaultSettings, version: 2, quality: 80, device: 'auto' });
    expect(notice).toBeUndefined();
  });

  it.each(['', '{ "quality": 80', '{ "quality": 800 }', 'null', '[1]', '{ "version": 0 }'])(
    'is kept aside when it is damaged (%j)',
    async (text) => {
      await put(text);
      const { settings, notice } = await createSettingsStore({ path }).load();
      expect(settings).toEqual(defaultSettings);
      expect(notice?.code).toBe('settings-damaged');
      const [kept, ...more] = await names();
      expect(more).toEqual([]);
      expect(kept).toMatch(/^settings\.json\.damaged-/);
      expect(notice?.message).toContain(kept);
      expect(await readFile(join(dirname(path), kept ?? ''), 'utf8')).toBe(text);
    },
  );

  it('is kept aside when a newer version wrote it', async () => {
    await put('{ "version": 3, "marvel": true }');
    const { settings, notice } = await createSettingsStore({ path }).load();
    expect(settings).toEqual(defaultSettings);
    expect(notice?.code).toBe('settings-newer');
    expect((await names())[0]).toMatch(/^settings\.json\.newer-/);
  });

  it('of an older version is taken up step by step', async () => {
    await put('{ "version": -1, "q": 4 }');
    const migrations = {
      [-1]: ({ q }: Readonly<Record<string, unknown>>) => ({ percent: Number(q) * 10 }),
      0: ({ percent }: Readonly<Record<string, unknown>>) => ({ quality: Number(percent) }),
      1: (settings: Readonly<Record<string, unknown>>) => settings,
    };
    expect(await createSettingsStore({ path, migrations }).load()).toEqual({
      settings: { ...defaultSettings, quality: 40 },
    });
  });

  it('that cannot be read is named, left alone and replaced by the defaults', async () => {
    await mkdir(path, { recursive: true });
    const loaded = await createSettingsStore({ path }).load();
    expect(loaded).toMatchObject({ settings: defaultSettings, notice: { code: 'settings-unreadable' } });
    expect(await names()).toEqual(['settings.json']);
  });

  it('stays as it was when it cannot be written or the settings are wrong', async () => {
    const store = createSettingsStore({ path });
    await store.save(defaultSettings);
    const wrong = { ...defaultSettings, quality: 0 };
    expect(await store.save(wrong)).toMatchObject({ ok: false, error: { code: 'settings-invalid' } });
    expect(await store.load()).toEqual({ settings: defaultSettings });
    const blocked = createSettingsStore({ path: join(path, 'inside-a-file.json') });
    expect(await blocked.save(defaultSettings)).toMatchObject({ ok: false, error: { code: 'settings-unwritable' } });
    expect(await names()).toEqual(['settings.json']);
  });
});
