/**
 * Keeps tunings in a file beside the settings: they are measurements, which a person did not choose and can have again
 * in a minute; putting the settings back to their defaults does not lose them.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Failure, Result } from '../engine/errors.ts';
import { settingsPath } from './store.ts';
import { parseTunings, tuningsVersion, withNewTuning, type Tuning } from './tuning.ts';
import { writeWhole } from './whole-file.ts';

/** The tunings of one person, of all their machines that share the file. */
export interface TuningStore {
  /** All tunings; none where the file is not there or cannot be understood. */
  load(): Promise<readonly Tuning[]>;
  /** Adds tunings in place of earlier ones for the same machine and model. */
  remember(added: readonly Tuning[]): Promise<Result<void, Failure<'settings-unwritable'>>>;
  /** Removes those that a test holds for. */
  forget(test: (tuning: Tuning) => boolean): Promise<Result<void, Failure<'settings-unwritable'>>>;
}

/** Where the tunings belong. */
export function tuningsPath(settings: string = settingsPath()): string {
  return join(dirname(settings), 'tunings.json');
}

/** Opens the store; nothing is read or written yet. */
export function createTuningStore(path: string = tuningsPath()): TuningStore {
  const load = async (): Promise<readonly Tuning[]> => {
    const text = await readFile(path, 'utf8').catch(() => '');
    return parseTunings(parseJson(text)) ?? [];
  };
  const save = (tunings: readonly Tuning[]): ReturnType<typeof writeWhole> =>
    writeWhole(path, `${JSON.stringify({ version: tuningsVersion, tunings }, undefined, 2)}\n`, 'The tuning');
  return {
    load,
    remember: async (added) => save(added.reduce(withNewTuning, await load())),
    forget: async (test) => save((await load()).filter((tuning) => !test(tuning))),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
