import { basename, dirname } from 'node:path';
import type { Failure, Result } from '../engine/errors.ts';
import type { PhotoInfo } from '../engine/ports.ts';
import type { LaneName, PoolTask, TaskSource } from '../pool/pool.ts';
import type { TaskKind, TaskOf, TaskValues } from '../worker/protocol.ts';
import type { Entry } from './entry.ts';
import { isSettled, type Assignment, type Job } from './job.ts';
import { Roster, type QueueListener } from './roster.ts';
import type { Schedule } from './schedule.ts';
import { removeStrayParts } from './stray-parts.ts';
import { StripLedger } from './strips.ts';

/** Decides what is to be done to a photo whose header is known, or why it is passed over. */
export type Resolve = (job: Job, info: PhotoInfo) => Promise<Result<Assignment> | { readonly skip: Failure }>;

export interface QueueOptions {
  readonly workers: number;
  /** Existing folder for spool files. */
  readonly scratchFolder: string;
  readonly budget: TaskOf<'open'>['budget'];
  readonly resolve: Resolve;
  readonly listener: QueueListener;
}

/** The photos to be done, as the pool's source of tasks. */
export class EnhanceQueue implements TaskSource {
  readonly #options: QueueOptions;
  readonly #roster: Roster;
  readonly #schedule: Schedule<Entry>;
  #paused = false;
  /** Folders for results that were looked through for what earlier batches left. */
  readonly #tidied = new Set<string>();
  /** One batch of headers at a time, so that photos are named in their order. */
  #probing = false;
  #wake: () => void = () => undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#roster = new Roster(options.workers, options.listener, () => {
      this.#wake();
    });
    this.#schedule = this.#roster.schedule;
  }

  /** Tells the queue how to ask the pool to come again. */
  connect(wake: () => void): void {
    this.#wake = wake;
  }

  /** All photos, in the order in which they were added. */
  get jobs(): readonly Job[] {
    return this.#roster.entries.map((entry) => entry.job);
  }

  /** Adds photos at the end. Ids are the caller's, unique, and fit for file names. */
  add(photos: readonly Pick<Job, 'id' | 'source'>[]): void {
    for (const { id, source } of photos) {
      this.#roster.line({ id, source, state: { kind: 'queued' }, deaths: 0, alone: false });
    }
    this.#wake();
  }

  /** Stops giving out work; strips under way are finished, and complete photos stored. */
  pause(): void {
    this.#paused = true;
  }

  /** Gives out work again. */
  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  /** Cancels a photo; workers answer within a second. Settled photos stay as they are. */
  cancel(id: string): void {
    const entry = this.#roster.find(id);
    if (entry === undefined || isSettled(entry.job.state)) return;
    entry.abort.abort();
    this.#roster.settle(entry, { kind: 'cancelled' });
    this.#wake();
  }

  /** Cancels all photos that are not through. */
  cancelAll(): void {
    for (const { job } of this.#roster.entries) this.cancel(job.id);
  }

  /**
   * Begins a photo anew: one that failed, was cancelled or skipped, or whose settings changed before work on it began.
   *
   * @returns false for a photo that is being worked on
   */
  restart(id: string): boolean {
    const entry = this.#roster.find(id);
    if (entry === undefined) return false;
    const { kind } = entry.job.state;
    if (kind === 'probing') return (entry.isStale = true);
    // Held while it is ready, it waits for the rest of its batch of headers, and nothing else.
    if (entry.held > 0 && kind !== 'ready') return false;
    if (!isSettled(entry.job.state) && kind !== 'queued' && kind !== 'ready') return false;
    this.#roster.restart(entry);
    this.#wake();
    return true;
  }

  /** Takes a photo off the list, cancelling it where it must be. */
  remove(id: string): void {
    this.cancel(id);
    this.#roster.delete(id);
  }

  /** Puts photos that nobody began into this order; others come after them, as they were. */
  reorder(ids: readonly string[]): void {
    this.#schedule.reorder(ids.flatMap((id) => this.#roster.find(id) ?? []));
  }

  /** Settles once the files of photos that are through by now are cleared away; their tasks must have been answered. */
  async cleared(): Promise<void> {
    await this.#roster.cleared();
  }

  /** Settles once every photo is through and no worker holds a task of one. */
  async settled(): Promise<void> {
    await this.#roster.settled();
  }

  next(lane: LaneName, worker: number): PoolTask | undefined {
    if (this.#roster.alone !== undefined) return this.#nextAlone(this.#roster.alone, lane, worker);
    if (lane === 'infer') {
      const entry = this.#paused ? undefined : this.#schedule.forStrip(worker);
      return entry === undefined ? undefined : this.#stripTask(entry, worker);
    }
    const finished = this.#schedule.takeForClose();
    if (finished !== undefined) return this.#closeTask(finished);
    if (this.#paused) return undefined;
    const opened = this.#schedule.takeForOpen();
    if (opened !== undefined) return this.#openTask(opened);
    const batch = this.#probing ? [] : this.#schedule.takeForProbe();
    if (batch.length > 0) return this.#probeTask(batch);
    const last = this.#roster.held === 0 ? this.#schedule.takeSetAside() : undefined;
    if (last === undefined) return undefined;
    this.#roster.tryAlone(last);
    return this.#nextAlone(last, lane, worker);
  }

  onNotice(notice: Failure): void {
    this.#options.listener.onNotice(notice);
  }

  onUnavailable(cause: string): void {
    this.#roster.giveUp({
      code: 'workers-unavailable',
      message:
        'The program part that works on photos cannot be kept running. Free memory if it is short, and start Tessera again.',
      details: { cause },
    });
  }

  /** The last try of what was set aside: one photo, one task at a time. */
  #nextAlone(entry: Entry, lane: LaneName, worker: number): PoolTask | undefined {
    if (entry.held > 0 || this.#paused) return undefined;
    const { kind } = entry.job.state;
    // Its headers may have come back unread, through no fault of its own.
    if (lane === 'codec' && (kind === 'queued' || kind === 'probing')) return this.#probeTask([entry]);
    if (lane === 'codec' && kind === 'ready') return this.#openTask(entry);
    if (lane === 'codec' && this.#schedule.takeClose(entry)) return this.#closeTask(entry);
    if (lane === 'infer' && kind === 'inferring') return this.#stripTask(entry, worker);
    return undefined;
  }

  #probeTask(entries: readonly Entry[]): PoolTask {
    for (const entry of entries) this.#roster.apply(entry, { kind: 'probe-started' });
    this.#probing = true;
    const task: TaskOf<'probe'> = { kind: 'probe', paths: entries.map((entry) => entry.job.source) };
    return this.#assign(entries, task, async (result) => {
      try {
        for (const [index, entry] of entries.entries()) {
          // One of these files may have done it; set aside, each has its own try at the end.
          if (result.ok) await this.#probed(entry, result.value.photos[index]!);
          else if (this.#roster.broke(entry, result.error)) this.#schedule.waitForProbe(entry);
        }
      } finally {
        this.#probing = false;
        this.#probeAgain(entries.filter((entry) => entry.isStale && entry.job.state.kind === 'probing'));
      }
    });
  }

  /** Settings changed while these headers were read: they are looked at anew, and keep their place. */
  #probeAgain(stale: readonly Entry[]): void {
    this.#schedule.probeFirst(stale.map((entry) => this.#roster.restart(entry)));
  }

  async #probed(entry: Entry, info: Result<PhotoInfo>): Promise<void> {
    // A photo that was cancelled late and asked for again must not find its own former result in its way.
    await this.#roster.withdrawn(entry.job.source);
    if (isSettled(entry.job.state)) return;
    const resolved = info.ok ? await this.#options.resolve(entry.job, info.value) : info;
    if (isSettled(entry.job.state) || entry.isStale) return;
    if ('skip' in resolved) this.#roster.settle(entry, { kind: 'skipped', reason: resolved.skip });
    else if (!resolved.ok) this.#roster.settle(entry, { kind: 'failed', failure: resolved.error });
    else {
      this.#roster.apply(entry, { kind: 'probed', assignment: resolved.value });
      this.#schedule.waitForOpen(entry);
    }
  }

  #openTask(entry: Entry): PoolTask {
    const { id, source, state } = entry.job;
    if (state.kind !== 'ready') throw new Error(`Photo ${id} is opened while it is ${state.kind}.`);
    const { assignment } = state;
    this.#roster.apply(entry, { kind: 'open-started' });
    entry.spoolBytes = assignment.spoolBytes ?? 0;
    const { budget } = this.#options;
    const reservedBytes = this.#schedule.bytesToCome(entry);
    const task: TaskOf<'open'> = {
      kind: 'open',
      photoId: id,
      source,
      info: assignment.info,
      spec: assignment.spec,
      outputFormat: assignment.output.format,
      output: assignment.output,
      budget,
      reservedBytes,
      scratchFolder: entry.tryFolder(this.#options.scratchFolder),
    };
    return this.#assign([entry], task, (result) => {
      if (isSettled(entry.job.state)) return;
      if (result.ok) {
        entry.stages.push(...result.value.stages);
        entry.ledger = new StripLedger(result.value.photo);
        entry.spoolBytes = result.value.spoolBytes;
        this.#roster.apply(entry, { kind: 'opened', photo: result.value.photo });
      } else if (result.error.code === 'disk-space' && (reservedBytes > 0 || this.#roster.sharesRoom)) {
        this.#roster.apply(entry, { kind: 'open-lost' });
        if (this.#roster.sharesRoom) this.#schedule.waitForRoom(entry);
        // What room was kept for is gone by now.
        else this.#schedule.waitForOpen(entry);
        void entry.discardTries();
      } else if (this.#roster.broke(entry, result.error)) {
        this.#roster.apply(entry, { kind: 'open-lost' });
        this.#schedule.waitForOpen(entry);
      }
    });
  }

  #stripTask(entry: Entry, worker: number): PoolTask | undefined {
    const ledger = entry.ledger!;
    const stripIndex = ledger.take(worker);
    if (stripIndex === undefined) return undefined;
    const task: TaskOf<'infer'> = { kind: 'infer', photo: ledger.photo, stripIndex };
    const onTile = (): void => {
      if (isSettled(entry.job.state) || entry.ledger !== ledger) return;
      ledger.countTile(stripIndex);
      this.#roster.apply(entry, { kind: 'tile-done' });
    };
    const settle = (result: Result<TaskValues['infer']>): void => {
      if (isSettled(entry.job.state) || entry.ledger !== ledger) return;
      if (result.ok) {
        ledger.done(stripIndex);
        entry.stages.push(...result.value.stages);
        entry.provider = result.value.provider;
        entry.precision = result.value.precision;
        entry.runMs += result.value.runMs;
        this.#roster.apply(entry, { kind: 'strip-done' });
        if (ledger.finished) this.#schedule.waitForClose(entry);
        return;
      }
      this.#roster.apply(entry, { kind: 'tiles-lost', tiles: ledger.lost(stripIndex) });
      this.#roster.broke(entry, result.error);
    };
    return this.#assign([entry], task, settle, onTile);
  }

  #closeTask(entry: Entry): PoolTask {
    if (entry.job.state.kind === 'inferring') this.#roster.apply(entry, { kind: 'close-started' });
    const { id, state } = entry.job;
    if (state.kind !== 'closing') throw new Error(`Photo ${id} is closed while it is ${state.kind}.`);
    const { assignment, photo } = state;
    const store = entry.storePaths(this.#options.scratchFolder, assignment);
    this.#tidyOnce(dirname(assignment.output.path));
    const task: TaskOf<'close'> = { kind: 'close', photo, output: assignment.output, store };
    return this.#assign([entry], task, (result) => {
      if (isSettled(entry.job.state)) return;
      if (!result.ok) {
        if (this.#roster.broke(entry, result.error)) this.#schedule.waitForClose(entry);
        return;
      }
      if (result.value.sourceChanged) this.onNotice(changedMeanwhile(entry.job.source));
      this.#roster.settle(entry, { kind: 'closed', outcome: entry.outcome(assignment, result.value) });
    });
  }

  #tidyOnce(folder: string): void {
    if (this.#tidied.has(folder)) return;
    this.#tidied.add(folder);
    void removeStrayParts(folder);
  }

  /** Wraps a task with what all have in common: the count of held tasks, the signal, the end of the batch. */
  #assign<Kind extends TaskKind>(
    entries: readonly Entry[],
    task: TaskOf<Kind>,
    settle: (result: Result<TaskValues[Kind]>) => void | Promise<void>,
    onTile: () => void = () => undefined,
  ): PoolTask {
    this.#roster.hold(entries);
    const finish = async (result: Result<TaskValues[TaskKind]>): Promise<void> => {
      // Still held while it settles, so that nobody takes the batch for finished in between. The worker answers a
      // task with its own kind's value.
      try {
        await settle(result as Result<TaskValues[Kind]>);
      } finally {
        await this.#roster.release(entries);
        this.#wake();
        this.#roster.tellIdle();
      }
    };
    // Reading headers takes milliseconds and serves many photos: no single one's cancel stops it.
    const signal = task.kind === 'probe' ? new AbortController().signal : entries[0]!.abort.signal;
    return { task, signal, onTile, settle: (result) => void finish(result) };
  }
}

function changedMeanwhile(source: string): Failure {
  const message = `${basename(source)} was changed after it was read. Its result shows it as it was; enhance it again for the new one.`;
  return { code: 'source-changed', message, details: { path: source } };
}
