/** Keeps the window's list on disk as it changes, so that a batch that is not at its end is there at the next start. */
import { randomUUID } from 'node:crypto';
import { open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { success, type Failure } from '../engine/errors.ts';
import { errnoOf, writeWhole } from '../settings/whole-file.ts';
import { journalOf, lineOf, replay, type JournalChange, type JournalPhoto } from './journal-lines.ts';
import type { Entry, ListWatch } from './photo-list.ts';

export type JournalFailure = Failure<'list-not-kept' | 'list-unread'>;

/** The journal of one list. Changes are appended in the background and synced to disk. */
export class ListJournal implements ListWatch, AsyncDisposable {
  readonly #path: string;
  readonly #onFailure: (failure: JournalFailure) => void;
  #left: readonly JournalPhoto[] = [];
  #file: FileHandle | undefined;
  #pending: JournalChange[] = [];
  #writing: Promise<void> | undefined;
  /** A line may have been cut short where the disk was full. */
  #isTorn = false;
  #hasFailed = false;

  private constructor(path: string, onFailure: (failure: JournalFailure) => void) {
    this.#path = path;
    this.#onFailure = onFailure;
  }

  /**
   * Reads the journal and begins it anew with what it left.
   *
   * @param onFailure told once where the list cannot be kept, and once where what was kept cannot be read
   */
  static async open(path: string, onFailure: (failure: JournalFailure) => void): Promise<ListJournal> {
    const journal = new ListJournal(path, onFailure);
    const read = await journal.#read();
    if (read !== undefined) await journal.#begin(read);
    return journal;
  }

  /** The list when the app ended, with what is done; nothing where nothing was left to do. */
  get left(): readonly JournalPhoto[] {
    return this.#left;
  }

  readonly added = (entries: readonly Entry[]): void => {
    this.#append(entries.map((entry) => ({ kind: 'added', photo: photoOf(entry) })));
  };

  readonly removed = (entries: readonly Entry[]): void => {
    this.#append([{ kind: 'removed', paths: entries.map(({ path }) => path) }]);
  };

  readonly overridden = ({ path, view: { overrides } }: Entry): void => {
    this.#append([{ kind: 'overridden', path, overrides }]);
  };

  readonly ended = ({ path, view: { state, result, model } }: Entry): void => {
    if (state.kind === 'done' || state.kind === 'skipped') {
      this.#append([{ kind: 'ended', path, end: { state, result, model } }]);
    }
  };

  readonly reopened = ({ path }: Entry): void => {
    this.#append([{ kind: 'reopened', path }]);
  };

  readonly moved = (entries: readonly Entry[], before: Entry | undefined): void => {
    this.#append([{ kind: 'moved', paths: entries.map(({ path }) => path), before: before?.path ?? null }]);
  };

  /** Writes what is still to be written; changes from now on are not kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await this.#writing;
    if (file !== undefined) await this.#write(file);
    await file?.close().catch(() => undefined);
  }

  /**
   * Takes up what is left, and returns the file's text; undefined where the file may not be written anew. What this version
   * cannot understand is kept under another name.
   */
  async #read(): Promise<string | undefined> {
    try {
      const text = await readFile(this.#path, 'utf8');
      const photos = replay(text);
      if (photos === undefined) {
        const kept = `${this.#path}.unread-${randomUUID().slice(0, 8)}`;
        await rename(this.#path, kept);
        const message = `The list of last time cannot be read by this version. It was kept as ${kept}.`;
        this.#onFailure({ code: 'list-unread', message, details: { path: kept } });
        return '';
      }
      if (photos.some((photo) => photo.end === null)) this.#left = photos;
      return text;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return '';
      this.#fail(error);
      return undefined;
    }
  }

  /** Most starts find nothing but the head, and have nothing to write and sync before the window opens. */
  async #begin(read: string): Promise<void> {
    const anew = journalOf(this.#left);
    const written = read === anew ? success(undefined) : await writeWhole(this.#path, anew, 'The list');
    try {
      if (written.ok) this.#file = await open(this.#path, 'a');
      else this.#fail(undefined);
    } catch (error) {
      this.#fail(error);
    }
  }

  #append(changes: readonly JournalChange[]): void {
    // Writing nothing would end before it is known to have begun.
    if (this.#file === undefined || changes.length === 0) return;
    for (const one of changes) this.#pending.push(one);
    this.#writing ??= this.#write(this.#file);
  }

  /** What fails to be written, for want of disk say, is tried again with the next change. */
  async #write(file: FileHandle): Promise<void> {
    while (this.#pending.length > 0) {
      const changes = this.#pending;
      this.#pending = [];
      try {
        await file.appendFile((this.#isTorn ? '\n' : '') + changes.map(lineOf).join(''));
        await file.datasync();
        this.#isTorn = false;
      } catch (error) {
        this.#pending = [...changes, ...this.#pending];
        this.#isTorn = true;
        this.#fail(error);
        break;
      }
    }
    this.#writing = undefined;
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const why = error === undefined ? '' : ` (${errnoOf(error)})`;
    const message =
      `The list as it is now may not be there at the next start, since ${this.#path} cannot be read or written${why}. ` +
      'Free some disk space if it is short, or check the permissions of that folder.';
    this.#onFailure({ code: 'list-not-kept', message, details: { path: this.#path } });
  }
}

function photoOf({
  path,
  realPath,
  root,
  relativeFolder,
  view: { bytes, overrides },
}: Entry): Omit<JournalPhoto, 'end'> {
  return { path, realPath, root, relativeFolder, bytes, overrides };
}
