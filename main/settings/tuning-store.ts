/**
 * Keeps tunings in a file beside the settings: they are measurements, which a person did not choose and can have again
 * in a minute; putting the settings back to their defaults does not lose them.
 */
import { dirname, join } from 'node:path';
import type { Failure, Result } from '../engine/errors.ts';
import { createRecordFile } from './record-file.ts';
import { settingsPath } from './store.ts';
import { parseTunings, tuningsVersion, withNewTuning, type Tuning } from './tuning.ts';

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
  const file = createRecordFile<Tuning>({
    path,
    parse: parseTunings,
    pack: (tunings) => ({ version: tuningsVersion, tunings }),
    what: 'The tuning',
  });
  return {
    load: file.load,
    remember: (added) => file.change((tunings) => added.reduce(withNewTuning, tunings)),
    forget: (test) => file.change((tunings) => tunings.filter((tuning) => !test(tuning))),
  };
}
