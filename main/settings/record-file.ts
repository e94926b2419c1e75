import { randomUUID } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { failure, type Failure, type Result } from '../engine/errors.ts';
import { errnoOf, writeWhole } from './whole-file.ts';

/** A file of measurements, which all machines of one person may share. */
export interface RecordFile<T> {
  /** All records; none where the file is not there or cannot be understood. */
  readonly load: () => Promise<readonly T[]>;
  /** Writes what `update` makes of the records; one change waits for the other. */
  readonly change: (
    update: (records: readonly T[]) => readonly T[],
  ) => Promise<Result<void, Failure<'settings-unwritable'>>>;
}

export interface RecordFileOptions<T> {
  readonly path: string;
  /** @returns undefined for what this version does not understand */
  readonly parse: (value: unknown) => readonly T[] | undefined;
  /** What the file holds, as it is written. */
  readonly pack: (records: readonly T[]) => object;
  /** Stands in the sentence of a failure, such as `The tuning`. */
  readonly what: string;
}

/** Opens a file of records; nothing is read or written yet. */
export function createRecordFile<T>({ path, parse, pack, what }: RecordFileOptions<T>): RecordFile<T> {
  let last: Promise<unknown> = Promise.resolve();
  const change: RecordFile<T>['change'] = async (update) => {
    let records: readonly T[] = [];
    try {
      const text = await readFile(path, 'utf8');
      const parsed = parse(parseJson(text));
      // A newer version's, or damaged: kept under another name, so that nothing in it is lost.
      if (parsed === undefined) await rename(path, `${path}.unread-${randomUUID().slice(0, 8)}`);
      else records = parsed;
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') return unreadable(what, path, error);
    }
    return writeWhole(path, `${JSON.stringify(pack(update(records)), undefined, 2)}\n`, what);
  };
  return {
    load: async () => parse(parseJson(await readFile(path, 'utf8').catch(() => ''))) ?? [],
    change: (update) => {
      const changed = last.then(() => change(update));
      last = changed;
      return changed;
    },
  };
}

function unreadable(what: string, path: string, error: unknown): Result<never, Failure<'settings-unwritable'>> {
  const message = `${what} could not be saved, because ${path} cannot be read (${errnoOf(error)}). Check its permissions.`;
  return failure('settings-unwritable', message, { path });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
