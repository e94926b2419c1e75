/** Keeps the window's list on disk as it changes, so that the photos that wait are there again at the next start. */
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Failure } from '../engine/errors.ts';
import { errnoOf, writeWhole } from '../settings/whole-file.ts';
import { journalOf, lineOf, replay, type JournalChange, type JournalPhoto } from './journal-lines.ts';
import type { Entry, ListWatch } from './photo-list.ts';

export type JournalFailure = Failure<'list-not-kept'>;

/** The journal of one list. Changes are appended in the background; after a failure nothing more is written. */
export class ListJournal implements ListWatch, AsyncDisposable {
  /** The photos that waited when the app ended. */
  readonly left: readonly JournalPhoto[];
  readonly #path: string;
  readonly #onFailure: (failure: JournalFailure) => void;
  #file: FileHandle | undefined;
  #pending: JournalChange[] = [];
  #writing: Promise<void> | undefined;

  private constructor(path: string, left: readonly JournalPhoto[], onFailure: (failure: JournalFailure) => void) {
    this.#path = path;
    this.left = left;
    this.#onFailure = onFailure;
  }

  /**
   * Reads the journal and begins it anew with what it left.
   *
   * @param onFailure told once, when the list can be kept no more
   */
  static async open(path: string, onFailure: (failure: JournalFailure) => void): Promise<ListJournal> {
    const left = replay(await readFile(path, 'utf8').catch(() => ''));
    const journal = new ListJournal(path, left, onFailure);
    await journal.#begin();
    return journal;
  }

  readonly waits = (entries: readonly Entry[]): void => {
    this.#append(entries.map((entry) => ({ waits: photoOf(entry) })));
  };

  readonly gone = (entries: readonly Entry[]): void => {
    this.#append(entries.map(({ path }) => ({ gone: path })));
  };

  readonly overridden = ({ path, view: { overrides } }: Entry): void => {
    this.#append([{ path, overrides }]);
  };

  readonly moved = (entries: readonly Entry[], before: Entry | undefined): void => {
    this.#append([{ moved: entries.map(({ path }) => path), before: before?.path ?? null }]);
  };

  /** Writes what is still to be written; changes after that are not kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    const file = this.#file;
    await this.#writing;
    this.#file = undefined;
    await file?.close().catch(() => undefined);
  }

  async #begin(): Promise<void> {
    const written = await writeWhole(this.#path, journalOf(this.left), 'The list');
    try {
      if (written.ok) this.#file = await open(this.#path, 'a');
      else this.#fail(written.error.message);
    } catch (error) {
      this.#fail(`${this.#path} cannot be written to (${errnoOf(error)}).`);
    }
  }

  #append(changes: readonly JournalChange[]): void {
    // Writing nothing would end before it is known to have begun.
    if (this.#file === undefined || changes.length === 0) return;
    this.#pending.push(...changes);
    this.#writing ??= this.#write(this.#file);
  }

  async #write(file: FileHandle): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const text = this.#pending.map(lineOf).join('');
        this.#pending = [];
        await file.appendFile(text);
      }
    } catch (error) {
      this.#file = undefined;
      await file.close().catch(() => undefined);
      this.#fail(`${dirname(this.#path)} cannot be written to (${errnoOf(error)}).`);
    } finally {
      this.#writing = undefined;
    }
  }

  #fail(reason: string): void {
    const message = `Photos that wait will not be in the list at the next start: ${reason} Free some disk space if it is short.`;
    this.#onFailure({ code: 'list-not-kept', message, details: { path: this.#path } });
  }
}

function photoOf({ path, realPath, root, relativeFolder, view: { bytes, overrides } }: Entry): JournalPhoto {
  return { path, realPath, root, relativeFolder, bytes, overrides };
}
