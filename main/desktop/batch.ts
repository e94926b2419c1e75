/** The window's batch: its list of photos, and what a person does with them. */
import { dirname } from 'node:path';
import type { JobSelection } from '../../preload/contract/channels.ts';
import type {
  AddReport,
  JobId,
  LookChange,
  LookOverrides,
  QueueDelta,
  QueuePage,
  Settings,
} from '../../preload/contract/dto.ts';
import { changedOverrides } from '../../preload/contract/overrides.ts';
import { failure, success, type Result } from '../engine/errors.ts';
import type { Resolve } from '../jobs/queue.ts';
import { createResolver } from '../jobs/resolve.ts';
import type { ModelChoice } from '../jobs/target.ts';
import type { PictureBook } from '../previews/picture-book.ts';
import { findPhotos, nameOf, type Found } from './additions.ts';
import { BatchRun, type BatchRunOptions } from './batch-run.ts';
import { Headers } from './headers.ts';
import type { JournalPhoto } from './journal-lines.ts';
import { enhanceSettingsOf, patched } from './look.ts';
import { NamingDesk } from './naming-desk.ts';
import { isThrough, PhotoList, type Entry, type ListWatch } from './photo-list.ts';

export interface BatchOptions extends Pick<BatchRunOptions, 'wantedSize' | 'openRunner' | 'onRun' | 'onEnd'> {
  readonly settings: () => Settings;
  readonly models: readonly ModelChoice[];
  readonly book: PictureBook;
  /** Called whenever there is something new to tell. */
  readonly onDirty: () => void;
  /** Keeps the list for the next start. */
  readonly watch?: ListWatch;
}

/** The photos of the window and what is done with them. */
export class Batch {
  readonly list: PhotoList;
  readonly run: BatchRun;
  readonly names: NamingDesk;
  readonly headers: Headers;
  readonly #options: BatchOptions;
  readonly #paths = new Set<string>();
  #nextId = 1;

  constructor(options: BatchOptions) {
    this.#options = options;
    this.list = new PhotoList(options.onDirty, options.watch);
    this.run = new BatchRun({ ...options, list: this.list });
    this.names = new NamingDesk({
      entries: () => this.list.entries,
      membership: () => this.list.membership,
      outputFolder: () => options.settings().outputFolder,
    });
    this.headers = new Headers({
      list: this.list,
      models: options.models,
      settingsOf: (entry) => this.settingsOf(entry),
      workers: () => this.run.workers(),
    });
  }

  page(from: number, count: number): QueuePage {
    const { run, fraction } = this.run.standing();
    return this.list.page(from, count, run, fraction);
  }

  collect(): QueueDelta | null {
    const { run, fraction } = this.run.standing();
    return this.list.collect(run, fraction);
  }

  /** Adds files and folders, with their subfolders. */
  async add(paths: readonly string[]): Promise<AddReport> {
    const { outputFolder } = this.#options.settings();
    return findPhotos(
      paths,
      outputFolder,
      (path) => this.#paths.has(path),
      (found) => {
        const entries = found.map((photo) => this.#enter(photo));
        this.list.add(entries);
        if (this.run.kind !== 'idle') this.run.lineUp(entries);
        void this.headers.read(entries);
      },
    );
  }

  /** Makes the list what it was when the app ended; returns how many of its photos are not done. */
  restore(photos: readonly JournalPhoto[]): number {
    const entries = photos.map((photo) => this.#restored(photo));
    this.list.add(entries, true);
    void this.headers.read(entries);
    return entries.filter((entry) => !isThrough(entry)).length;
  }

  remove(selection: JobSelection): void {
    const entries = this.list.select(selection);
    for (const entry of entries) {
      this.run.leave(entry);
      this.names.release(entry);
      this.#paths.delete(entry.path);
      this.#options.book.dropThumbnail(entry.view.thumbnail);
    }
    this.list.remove(entries);
    this.run.endIfThrough();
  }

  move(ids: readonly JobId[], before: JobId | null): void {
    this.list.move(ids, before);
    this.run.reorder();
  }

  /** Changes what differs for photos; each keeps what else it has, for they need not have been alike before. */
  override(ids: readonly JobId[], change: LookChange | null): void {
    const entries = this.list.select(ids);
    for (const entry of entries) {
      this.list.show(entry, { overrides: changedOverrides(entry.view.overrides, change) });
    }
    this.settingsChanged(entries);
  }

  /** Photos that nobody began follow the settings as they are now. */
  settingsChanged(entries: readonly Entry[] = this.list.entries): void {
    for (const entry of entries) this.headers.showPlan(entry);
    this.run.settingsChanged(entries);
  }

  start(): Result<void> {
    if (this.run.kind !== 'idle') return success(undefined);
    const waiting = this.list.entries.filter(({ view }) => view.state.kind === 'queued');
    if (waiting.length === 0) return failure('nothing-to-do', 'No photo is waiting. Add photos first.');
    this.run.start(waiting);
    return success(undefined);
  }

  /** Stops photos; of a whole batch, those that nobody began go on waiting. */
  cancel(selection: JobSelection): void {
    if (this.run.kind === 'idle') return;
    for (const entry of this.list.select(selection)) {
      if (entry.runId === undefined || isThrough(entry)) continue;
      const begun = this.run.hasBegun(entry);
      this.run.leave(entry);
      this.list.setState(entry, begun || selection !== 'all' ? { kind: 'cancelled' } : { kind: 'queued' });
    }
    this.run.endIfThrough();
  }

  /** Puts photos back that failed, were cancelled or skipped; a batch that runs takes them up at its end. */
  retry(selection: JobSelection): void {
    const again = this.list
      .select(selection)
      .filter(({ view }) => ['failed', 'cancelled', 'skipped'].includes(view.state.kind));
    for (const entry of again) {
      this.run.leave(entry);
      this.list.setState(entry, { kind: 'queued' });
    }
    if (this.run.kind !== 'idle') this.run.lineUp(again);
    else void this.headers.read(again.filter(({ info }) => info === undefined));
  }

  /** The settings of one photo: the batch's, and what differs for it. */
  settingsOf(entry: Entry, overrides: LookOverrides | null = entry.view.overrides): Settings {
    return patched(this.#options.settings(), overrides ?? {});
  }

  #enter({ path, realPath, root, relativeFolder, bytes }: Found, overrides: LookOverrides | null = null): Entry {
    this.#paths.add(path);
    const id = this.#nextId++;
    const view = {
      id,
      name: nameOf(path),
      folder: dirname(path),
      bytes,
      source: null,
      result: null,
      model: '',
      overrides,
      thumbnail: this.#options.book.addThumbnail(path),
      state: { kind: 'queued' },
    } as const;
    return { id, path, realPath, root, relativeFolder, view, info: undefined, runId: undefined, claim: undefined };
  }

  /** What is done keeps its place and its result's name, by which the others are called what they would have been. */
  #restored({ end, overrides, ...found }: JournalPhoto): Entry {
    const entry = this.#enter(found, overrides);
    if (end === null) return entry;
    entry.view = { ...entry.view, ...end };
    if (end.state.kind === 'done') this.names.hold(entry, end.state.path);
    return entry;
  }

  /** Decides for the queue what becomes of a photo. */
  readonly resolve: Resolve = async (job, info) => {
    const entry = this.run.find(job.id);
    if (entry === undefined) return failure('photo-gone', 'The photo left the queue.');
    this.headers.learn(entry, info);
    const settings = enhanceSettingsOf(this.settingsOf(entry));
    if (!settings.ok) return settings;
    const namer = this.names.namerFor(entry, settings.value.nameTemplate);
    if (!namer.ok) return namer;
    const { relativeFolder } = entry;
    return createResolver({
      settings: settings.value,
      models: this.#options.models,
      namer: namer.value,
      placeOf: () => ({ relativeFolder, index: this.names.indexOf(entry) }),
      // The window shows each photo's size before and after; there is nothing left to be surprised by.
      onNotice: () => undefined,
    })(job, info);
  };
}
