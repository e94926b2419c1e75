/** The window's batch: its list of photos, and the run that works through them. */
import { dirname } from 'node:path';
import type { JobSelection } from '../../preload/contract/channels.ts';
import type {
  AddReport,
  JobId,
  LookOverrides,
  QueueDelta,
  QueuePage,
  RunState,
  Settings,
} from '../../preload/contract/dto.ts';
import { failure, success, type Failure, type Result } from '../engine/errors.ts';
import { isSettled, type Job } from '../jobs/job.ts';
import { createResolver } from '../jobs/resolve.ts';
import type { Resolve } from '../jobs/queue.ts';
import type { ModelChoice } from '../jobs/target.ts';
import type { PictureBook } from '../previews/picture-book.ts';
import { findPhotos, nameOf, type Found } from './additions.ts';
import { viewState } from './job-view.ts';
import { enhanceSettingsOf, patched } from './look.ts';
import { Headers } from './headers.ts';
import { NamingDesk } from './naming-desk.ts';
import { PhotoList, type Entry } from './photo-list.ts';
import type { Runner } from './run.ts';

/** What happened to the whole. */
export interface BatchListener {
  readonly onDirty: () => void;
  readonly onRun: (run: RunState['kind']) => void;
  readonly onNotice: (notice: Failure) => void;
  readonly onEnd: (done: number, failed: number) => void;
}

export interface BatchOptions {
  readonly settings: () => Settings;
  readonly models: readonly ModelChoice[];
  readonly book: PictureBook;
  /** Opens the workers that fit the settings; the same ones as long as these do. */
  readonly openRunner: () => Promise<Runner>;
  readonly listener: BatchListener;
}

/** The photos of the window and what is done with them. */
export class Batch {
  readonly list: PhotoList;
  readonly names: NamingDesk;
  readonly headers: Headers;
  readonly #options: BatchOptions;
  readonly #byRunId = new Map<string, Entry>();
  readonly #paths = new Set<string>();
  #run: RunState['kind'] = 'idle';
  #runner: Runner | undefined;
  #nextId = 1;
  #nextRun = 1;
  #fraction = 0;

  constructor(options: BatchOptions) {
    this.#options = options;
    this.list = new PhotoList(options.listener.onDirty);
    this.names = new NamingDesk({
      entries: () => this.list.entries,
      outputFolder: () => options.settings().outputFolder,
    });
    this.headers = new Headers({
      list: this.list,
      models: options.models,
      settingsOf: (entry) => this.settingsOf(entry),
      workers: () => this.workers(),
    });
  }

  get run(): RunState['kind'] {
    return this.#run;
  }

  page(from: number, count: number): QueuePage {
    const { run, fraction } = this.#standing();
    return this.list.page(from, count, run, fraction);
  }

  collect(): QueueDelta | null {
    const { run, fraction } = this.#standing();
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
        if (this.#run !== 'idle') this.#lineUp(entries);
        void this.headers.read(entries);
      },
    );
  }

  remove(selection: JobSelection): void {
    const entries = this.list.select(selection);
    for (const entry of entries) {
      this.#leaveRun(entry);
      this.names.release(entry);
      this.#paths.delete(entry.path);
      this.#options.book.dropThumbnail(entry.view.thumbnail);
    }
    this.list.remove(entries);
    this.#endIfThrough();
  }

  move(ids: readonly JobId[], before: JobId | null): void {
    this.list.move(ids, before);
    this.#runner?.queue.reorder(this.list.entries.flatMap(({ runId }) => runId ?? []));
  }

  override(ids: readonly JobId[], overrides: LookOverrides | null): void {
    const entries = this.list.select(ids);
    for (const entry of entries) {
      this.list.show(entry, { overrides });
      this.headers.showPlan(entry);
    }
    this.settingsChanged(entries);
  }

  /** Photos that nobody began follow the settings as they are now. */
  settingsChanged(entries: readonly Entry[] = this.list.entries): void {
    for (const entry of entries) this.headers.showPlan(entry);
    const waiting = entries.filter(({ runId, view }) => runId !== undefined && view.state.kind === 'queued');
    for (const { runId } of waiting) this.#runner?.queue.restart(runId!);
  }

  async start(): Promise<Result<void>> {
    if (this.#run !== 'idle') return success(undefined);
    const waiting = this.list.entries.filter(({ view }) => view.state.kind === 'queued');
    if (waiting.length === 0) return failure('nothing-to-do', 'No photo is waiting. Add photos first.');
    const runner = await this.#workers();
    runner.begin();
    runner.queue.resume();
    this.#setRun('running');
    this.#lineUp(waiting);
    return success(undefined);
  }

  pause(): void {
    if (this.#run !== 'running') return;
    this.#runner?.queue.pause();
    this.#setRun('paused');
    this.#showAll();
  }

  resume(): void {
    if (this.#run !== 'paused') return;
    this.#setRun('running');
    this.#showAll();
    this.#runner?.queue.resume();
  }

  /** Stops photos; of a whole batch, those that nobody began go on waiting. */
  cancel(selection: JobSelection): void {
    if (this.#run === 'idle') return;
    for (const entry of this.list.select(selection)) {
      if (entry.runId === undefined) continue;
      const begun = !['queued', 'probing'].includes(entry.view.state.kind);
      this.#leaveRun(entry);
      this.list.setState(entry, begun || selection !== 'all' ? { kind: 'cancelled' } : { kind: 'queued' });
    }
    this.#endIfThrough();
  }

  /** Puts photos back that failed, were cancelled or skipped; a batch that runs takes them up at its end. */
  retry(selection: JobSelection): void {
    const again = this.list
      .select(selection)
      .filter(({ view }) => ['failed', 'cancelled', 'skipped'].includes(view.state.kind));
    for (const entry of again) {
      this.#leaveRun(entry);
      this.list.setState(entry, { kind: 'queued' });
    }
    if (this.#run !== 'idle') this.#lineUp(again);
    else void this.headers.read(again.filter(({ info }) => info === undefined));
  }

  /** The settings of one photo: the batch's, and what differs for it. */
  settingsOf(entry: Entry, overrides: LookOverrides | null = entry.view.overrides): Settings {
    return patched(this.#options.settings(), overrides ?? {});
  }

  /** The workers; started when first needed, and again when settings ask for others. */
  async #workers(): Promise<Runner> {
    this.#runner = await this.#options.openRunner();
    return this.#runner;
  }

  /** For previews: workers that are up, whether or not a batch runs. */
  async workers(): Promise<Runner> {
    return this.#run === 'idle' || this.#runner === undefined ? this.#workers() : this.#runner;
  }

  #enter({ path, root, relativeFolder, bytes }: Found): Entry {
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
      overrides: null,
      thumbnail: this.#options.book.addThumbnail(path),
      state: { kind: 'queued' },
    } as const;
    return { id, path, root, relativeFolder, view, info: undefined, runId: undefined, claim: undefined };
  }

  #lineUp(entries: readonly Entry[]): void {
    for (const entry of entries) {
      entry.runId = `${entry.id}-${this.#nextRun++}`;
      this.#byRunId.set(entry.runId, entry);
    }
    this.#runner?.add(entries.map(({ runId, path }) => ({ id: runId!, source: path })));
  }

  #leaveRun(entry: Entry): void {
    const { runId } = entry;
    if (runId === undefined) return;
    this.#byRunId.delete(runId);
    entry.runId = undefined;
    this.#runner?.queue.remove(runId);
  }

  /** Decides for the queue what becomes of a photo. */
  readonly resolve: Resolve = async (job, info) => {
    const entry = this.#byRunId.get(job.id);
    const runner = this.#runner;
    if (entry === undefined || runner === undefined) return failure('photo-gone', 'The photo left the queue.');
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

  /** A photo of the run changed. */
  readonly onJob = (job: Job): void => {
    const entry = this.#byRunId.get(job.id);
    if (entry === undefined) return;
    this.list.setState(entry, viewState(job, this.#run === 'paused', null));
    if (!isSettled(job.state)) return;
    this.#endIfThrough();
  };

  /** Says all states anew, which pausing changes without any event of the photos. */
  #showAll(): void {
    for (const job of this.#runner?.queue.jobs ?? []) {
      const entry = this.#byRunId.get(job.id);
      if (entry !== undefined && !isSettled(job.state)) {
        this.list.setState(entry, viewState(job, this.#run === 'paused', null));
      }
    }
  }

  #endIfThrough(): void {
    if (this.#run === 'idle') return;
    const { waiting, active } = this.list.totals(0);
    const inRun = this.list.entries.some(
      ({ runId, view }) => runId !== undefined && !['done', 'failed', 'skipped', 'cancelled'].includes(view.state.kind),
    );
    if (inRun && waiting + active > 0) return;
    const states = [...this.#byRunId.values()].map(({ view }) => view.state.kind);
    for (const entry of [...this.#byRunId.values()]) entry.runId = undefined;
    this.#byRunId.clear();
    this.#runner?.end();
    this.#fraction = this.#standing().fraction;
    this.#setRun('idle');
    const count = (kind: string): number => states.filter((state) => state === kind).length;
    this.#options.listener.onEnd(count('done'), count('failed'));
  }

  #setRun(kind: RunState['kind']): void {
    this.#run = kind;
    this.#options.listener.onRun(kind);
    this.list.touch();
  }

  #standing(): { readonly run: RunState; readonly fraction: number } {
    if (this.#run === 'idle' || this.#runner === undefined) return { run: { kind: 'idle' }, fraction: this.#fraction };
    const now = this.#runner.at();
    this.#fraction = now.fraction;
    return this.#run === 'paused' ? { run: { kind: 'paused' }, fraction: now.fraction } : now;
  }
}
