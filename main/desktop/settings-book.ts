/** All that a person set in the window: the engine's settings, and the window's own. The command line reads neither. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Settings, SettingsPatch, WindowOptions } from '../../preload/contract/dto.ts';
import { success, type Failure, type Result } from '../engine/errors.ts';
import { defaultSettings, type EnhanceSettings } from '../settings/schema.ts';
import type { SettingsStore } from '../settings/store.ts';
import { writeWhole } from '../settings/whole-file.ts';
import { enhanceSettingsOf, patched } from './look.ts';

const windowSchema = z.object({
  theme: z.literal(['system', 'light', 'dark']).catch('system'),
  notifyWhenDone: z.boolean().catch(true),
  outputFolder: z.string().nullable().catch(null),
});

const windowDefaults: WindowOptions = { theme: 'system', notifyWhenDone: true, outputFolder: null };

/** What nobody changed. */
export const settingsDefaults: Settings = join(defaultSettings, windowDefaults);

/** Keeps settings and saves them as they change. */
export class SettingsBook {
  current: Settings = settingsDefaults;
  readonly #store: SettingsStore;
  readonly #windowPath: string;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param windowPath where the window's own settings are kept */
  constructor(store: SettingsStore, windowPath: string) {
    this.#store = store;
    this.#windowPath = windowPath;
  }

  /** Reads both; says what could not be read. */
  async load(): Promise<Failure | undefined> {
    const { settings, notice } = await this.#store.load();
    const text = await readFile(this.#windowPath, 'utf8').catch(() => '{}');
    this.current = join(settings, windowSchema.parse(parseObject(text)));
    return notice;
  }

  /** Changes settings, one change after the other; what does not fit is refused with a sentence and changes nothing. */
  async update(patch: SettingsPatch): Promise<Result<Settings>> {
    const updated = this.#turn.then(() => this.#update(patch));
    this.#turn = updated.catch(() => undefined);
    return updated;
  }

  async #update(patch: SettingsPatch): Promise<Result<Settings>> {
    const next = patched(this.current, patch);
    const checked = enhanceSettingsOf(next);
    if (!checked.ok) return checked;
    const saved = await this.#store.save(checked.value);
    if (!saved.ok) return saved;
    const { theme, notifyWhenDone, outputFolder } = next;
    const own = JSON.stringify({ theme, notifyWhenDone, outputFolder });
    const kept = await writeWhole(this.#windowPath, own, 'The settings of the window');
    if (!kept.ok) return kept;
    this.current = next;
    return success(next);
  }
}

function join(settings: EnhanceSettings, window: WindowOptions): Settings {
  const { model, target, format, quality, nameTemplate, precision, tilePx, haloPx } = settings;
  const { border, device, workers, threads, memoryBytes, existing } = settings;
  const look = { model, target, format, quality, nameTemplate };
  return { ...look, precision, tilePx, haloPx, border, device, workers, threads, memoryBytes, existing, ...window };
}

function parseObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
