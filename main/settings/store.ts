/** Keeps the settings in a file of the person's own, and never loses one. */
import { randomUUID } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';
import type { Failure, Result } from '../engine/errors.ts';
import { defaultSettings, parseSettings, settingsVersion } from './schema.ts';
import type { EnhanceSettings } from './schema.ts';
import { errnoOf, writeWhole } from './whole-file.ts';

/** Turns settings of one version into those of the next; the key is the version that it takes. */
type Migrations = Readonly<Record<number, (settings: Readonly<Record<string, unknown>>) => object>>;

/** Version 2 adds the device, which takes its default; version 1 is the first. */
const ownMigrations: Migrations = { 1: (settings) => settings };

export interface SettingsStoreOptions {
  /** Absolute path of the file; see `settingsPath`. */
  readonly path: string;
  /** The program's own where left out. */
  readonly migrations?: Migrations;
}

/** Settings as they were found, and what is to be said about it. */
interface LoadedSettings {
  readonly settings: EnhanceSettings;
  readonly notice?: Failure<'settings-damaged' | 'settings-newer' | 'settings-unreadable'>;
}

/** The settings of one person. */
export interface SettingsStore {
  /**
   * Reads the settings; the defaults where there is no file yet. A file that is damaged or of a newer version is kept
   * aside under another name, with a notice, and the defaults apply.
   */
  load(): Promise<LoadedSettings>;
  /** Writes the settings as a whole or not at all; `settings-unwritable` says why not. */
  save(settings: EnhanceSettings): Promise<Result<void, Failure<'settings-invalid' | 'settings-unwritable'>>>;
}

/**
 * Where the settings belong: `$XDG_CONFIG_HOME` or `~/.config`, `%APPDATA%`, `~/Library/Application Support`.
 *
 * @param environment the process's own where left out
 */
export function settingsPath(
  platform: NodeJS.Platform = process.platform,
  environment: Readonly<NodeJS.ProcessEnv> = process.env,
  home: string = homedir(),
): string {
  if (platform === 'win32') {
    const folder = environment['APPDATA'] ?? win32.join(home, 'AppData', 'Roaming');
    return win32.join(folder, 'Tessera', 'settings.json');
  }
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'Tessera', 'settings.json');
  // The XDG rules: what is not absolute does not count.
  const named = environment['XDG_CONFIG_HOME'] ?? '';
  const folder = posix.isAbsolute(named) ? named : posix.join(home, '.config');
  return posix.join(folder, 'tessera', 'settings.json');
}

/** Opens the store; nothing is read or written yet. */
export function createSettingsStore({ path, migrations = ownMigrations }: SettingsStoreOptions): SettingsStore {
  return {
    load: () => load(path, migrations),
    save: async (settings) => {
      // What came from a window is not trusted to be what its type says.
      const checked = parseSettings(settings);
      return checked.ok ? write(path, checked.value) : checked;
    },
  };
}

async function load(path: string, migrations: Migrations): Promise<LoadedSettings> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { settings: defaultSettings };
    const message = `The settings could not be read (${errnoOf(error)}); the defaults are used. Check ${path}.`;
    return { settings: defaultSettings, notice: { code: 'settings-unreadable', message, details: { path } } };
  }
  const found = migrate(parseJson(text), migrations);
  if (found.kind === 'newer') {
    return setAside(path, 'settings-newer', 'The settings were written by a newer Tessera');
  }
  const parsed = parseSettings(found.value);
  if (parsed.ok) return { settings: parsed.value };
  return setAside(path, 'settings-damaged', `The settings could not be understood (${parsed.error.message})`);
}

/** Takes settings up to this build's version, step by step. */
function migrate(
  value: unknown,
  migrations: Migrations,
): { readonly kind: 'newer' } | { readonly kind: 'known'; readonly value: unknown } {
  let current = value;
  while (isObject(current) && typeof current['version'] === 'number') {
    const version = current['version'];
    if (version > settingsVersion) return { kind: 'newer' };
    const step = migrations[version];
    if (version === settingsVersion || step === undefined) break;
    current = { ...step(current), version: version + 1 };
  }
  return { kind: 'known', value: current };
}

/** Keeps a file that is of no use now under another name, so that nothing in it is lost. */
async function setAside(
  path: string,
  code: 'settings-damaged' | 'settings-newer',
  what: string,
): Promise<LoadedSettings> {
  const kept = `${path}.${code === 'settings-newer' ? 'newer' : 'damaged'}-${randomUUID().slice(0, 8)}`;
  let where = `The file is kept as ${kept}.`;
  try {
    await rename(path, kept);
  } catch (error) {
    where = `The file could not be put aside (${errnoOf(error)}); save a copy of ${path} before you change a setting.`;
  }
  const message = `${what}; the defaults are used. ${where}`;
  return { settings: defaultSettings, notice: { code, message, details: { path, kept } } };
}

async function write(path: string, settings: EnhanceSettings): Promise<Result<void, Failure<'settings-unwritable'>>> {
  return writeWhole(path, `${JSON.stringify(settings, undefined, 2)}\n`, 'The settings');
}

/** What a text holds; undefined, which no settings are, where it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
