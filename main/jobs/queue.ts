import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Failure, Result } from '../engine/errors.ts';
import type { PhotoInfo } from '../engine/ports.ts';
import type { Assignment as PoolAssignment, LaneName, TaskSource } from '../pool/pool.ts';
import type { Precision, StageTime, StorePaths, TaskKind, TaskOf, TaskValues } from '../worker/protocol.ts';
import { isSettled, reduce, type Assignment, type Job, type JobEvent } from './job.ts';
import { Schedule } from './schedule.ts';
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

export interface QueueListener {
  /** Every change of a photo, in order. */
  readonly onJob: (job: Job, event: JobEvent) => void;
  readonly onNotice: (notice: Failure) => void;
}

/** What a queue keeps of a photo beside its state. */
interface Record {
  job: Job;
  readonly abort: AbortController;
  ledger: StripLedger | undefined;
  /** Files to remove once the photo is through. */
  readonly leftovers: string[];
  readonly stages: StageTime[];
  precision: Precision | undefined;
  runMs: number;
  /** Tasks of this photo that workers hold. */
  held: number;
  /** The process that died last over this photo; it may have held several of its tasks, and died once. */
  lastDeathPid: unknown;
}

/** The photos to be done, as the pool's source of tasks. */
export class EnhanceQueue implements TaskSource {
  readonly #options: QueueOptions;
  readonly #records = new Map<string, Record>();
  readonly #schedule: Schedule<Record>;
  /** The photo in its last try; while it is there, nothing else is given out. */
  #alone: Record | undefined;
  #unsettled = 0;
  #held = 0;
  #paused = false;
  #tries = 0;
  /** One batch of headers at a time, so that photos are named in their order. */
  #probing = false;
  #unavailable: Failure | undefined;
  #wake: () => void = () => undefined;
  #idle: (() => void)[] = [];

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#schedule = new Schedule(options.workers);
  }

  /** Tells the queue how to ask the pool to come again. */
  connect(wake: () => void): void {
    this.#wake = wake;
  }

  /** All photos, in the order in which they were added. */
  get jobs(): readonly Job[] {
    return [...this.#records.values()].map((record) => record.job);
  }

  /** Adds photos at the end. Ids are the caller's, unique, and fit for file names. */
  add(photos: readonly Pick<Job, 'id' | 'source'>[]): void {
    for (const { id, source } of photos) {
      this.#line({ id, source, state: { kind: 'queued' }, deaths: 0, alone: false });
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
    const record = this.#records.get(id);
    if (record === undefined || isSettled(record.job.state)) return;
    record.abort.abort();
    this.#settle(record, { kind: 'cancelled' });
    this.#wake();
  }

  /** Cancels all photos that are not through. */
  cancelAll(): void {
    for (const id of this.#records.keys()) this.cancel(id);
  }

  /**
   * Begins a photo anew: one that failed, was cancelled or skipped, or whose settings changed before work on it began.
   *
   * @returns false for a photo that is being worked on
   */
  restart(id: string): boolean {
    const record = this.#records.get(id);
    if (record === undefined || record.held > 0) return false;
    const { kind } = record.job.state;
    if (!isSettled(record.job.state) && kind !== 'queued' && kind !== 'ready') return false;
    if (!isSettled(record.job.state)) this.#unsettled -= 1;
    this.#schedule.forget(record);
    this.#options.listener.onJob(this.#line(reduce(record.job, { kind: 'restarted' })), { kind: 'restarted' });
    this.#wake();
    return true;
  }

  /** Takes a photo off the list, cancelling it where it must be. */
  remove(id: string): void {
    this.cancel(id);
    this.#records.delete(id);
  }

  /** Puts photos that nobody began into this order; others come after them, as they were. */
  reorder(ids: readonly string[]): void {
    this.#schedule.reorder(ids.flatMap((id) => this.#records.get(id) ?? []));
  }

  /** Settles once every photo is through and no worker holds a task of one. */
  async settled(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  next(lane: LaneName, worker: number): PoolAssignment | undefined {
    if (this.#alone !== undefined) return this.#nextAlone(this.#alone, lane, worker);
    if (lane === 'infer') {
      const record = this.#paused ? undefined : this.#schedule.forStrip(worker);
      return record === undefined ? undefined : this.#stripTask(record, worker);
    }
    const finished = this.#schedule.takeForClose();
    if (finished !== undefined) return this.#closeTask(finished);
    if (this.#paused) return undefined;
    const opened = this.#schedule.takeForOpen();
    if (opened !== undefined) return this.#openTask(opened);
    const batch = this.#probing ? [] : this.#schedule.takeForProbe();
    if (batch.length > 0) return this.#probeTask(batch);
    const last = this.#held === 0 ? this.#schedule.takeSetAside() : undefined;
    if (last === undefined) return undefined;
    this.#alone = last;
    this.#apply(last, { kind: 'tried-alone' });
    return this.#nextAlone(last, lane, worker);
  }

  onNotice(notice: Failure): void {
    this.#options.listener.onNotice(notice);
  }

  onUnavailable(cause: string): void {
    const reason: Failure = {
      code: 'workers-unavailable',
      message:
        'The program part that works on photos cannot be kept running. Free memory if it is short, and start Tessera again.',
      details: { cause },
    };
    this.#unavailable = reason;
    for (const record of this.#records.values()) {
      if (!isSettled(record.job.state)) this.#settle(record, { kind: 'failed', failure: reason });
    }
  }

  /** The last try of what was set aside: one photo, one task at a time. */
  #nextAlone(record: Record, lane: LaneName, worker: number): PoolAssignment | undefined {
    if (record.held > 0 || this.#paused) return undefined;
    const { kind } = record.job.state;
    if (lane === 'codec' && kind === 'queued') return this.#probeTask([record]);
    if (lane === 'codec' && kind === 'ready') return this.#openTask(record);
    if (lane === 'codec' && this.#schedule.takeClose(record)) return this.#closeTask(record);
    if (lane === 'infer' && kind === 'inferring') return this.#stripTask(record, worker);
    return undefined;
  }

  #probeTask(records: readonly Record[]): PoolAssignment {
    for (const record of records) this.#apply(record, { kind: 'probe-started' });
    this.#probing = true;
    const task: TaskOf<'probe'> = { kind: 'probe', paths: records.map((record) => record.job.source) };
    return this.#assign(records, task, async (result) => {
      this.#probing = false;
      if (!result.ok) {
        // One of these files may have done it; set aside, each has its own try at the end.
        for (const record of records) if (this.#broke(record, result.error)) this.#schedule.waitForProbe(record);
        return;
      }
      for (const [index, record] of records.entries()) await this.#probed(record, result.value.photos[index]!);
    });
  }

  async #probed(record: Record, info: Result<PhotoInfo>): Promise<void> {
    if (isSettled(record.job.state)) return;
    const resolved = info.ok ? await this.#options.resolve(record.job, info.value) : info;
    if (isSettled(record.job.state)) return;
    if ('skip' in resolved) this.#settle(record, { kind: 'skipped', reason: resolved.skip });
    else if (!resolved.ok) this.#settle(record, { kind: 'failed', failure: resolved.error });
    else {
      this.#apply(record, { kind: 'probed', assignment: resolved.value });
      this.#schedule.waitForOpen(record);
    }
  }

  #openTask(record: Record): PoolAssignment {
    const { id, source, state } = record.job;
    if (state.kind !== 'ready') throw new Error(`Photo ${id} is opened while it is ${state.kind}.`);
    const { assignment } = state;
    this.#apply(record, { kind: 'open-started', nowMs: Date.now() });
    const { budget } = this.#options;
    // Each try has a folder of its own: what a killed worker left behind goes with it.
    const scratchFolder = join(this.#options.scratchFolder, `${id}-${(this.#tries += 1)}`);
    record.leftovers.push(scratchFolder);
    const task: TaskOf<'open'> = {
      kind: 'open',
      photoId: id,
      source,
      info: assignment.info,
      spec: assignment.spec,
      outputFormat: assignment.output.format,
      budget,
      scratchFolder,
    };
    return this.#assign([record], task, (result) => {
      if (isSettled(record.job.state)) return;
      if (result.ok) {
        record.stages.push(...result.value.stages);
        record.ledger = new StripLedger(result.value.photo);
        this.#apply(record, { kind: 'opened', photo: result.value.photo });
      } else if (this.#broke(record, result.error)) {
        this.#apply(record, { kind: 'open-lost' });
        this.#schedule.waitForOpen(record);
      }
    });
  }

  #stripTask(record: Record, worker: number): PoolAssignment | undefined {
    const ledger = record.ledger!;
    const stripIndex = ledger.take(worker);
    if (stripIndex === undefined) return undefined;
    const task: TaskOf<'infer'> = { kind: 'infer', photo: ledger.photo, stripIndex };
    const onTile = (): void => {
      if (isSettled(record.job.state) || record.ledger !== ledger) return;
      ledger.countTile(stripIndex);
      this.#apply(record, { kind: 'tile-done' });
    };
    const settle = (result: Result<TaskValues['infer']>): void => {
      if (isSettled(record.job.state) || record.ledger !== ledger) return;
      if (result.ok) {
        ledger.done(stripIndex);
        record.stages.push(...result.value.stages);
        record.precision = result.value.precision;
        record.runMs += result.value.runMs;
        this.#apply(record, { kind: 'strip-done' });
        if (ledger.finished) this.#schedule.waitForClose(record);
        return;
      }
      this.#apply(record, { kind: 'tiles-lost', tiles: ledger.lost(stripIndex) });
      this.#broke(record, result.error);
    };
    return this.#assign([record], task, settle, onTile);
  }

  #closeTask(record: Record): PoolAssignment {
    if (record.job.state.kind === 'inferring') this.#apply(record, { kind: 'close-started' });
    const { id, state } = record.job;
    if (state.kind !== 'closing') throw new Error(`Photo ${id} is closed while it is ${state.kind}.`);
    const { assignment, startedMs, photo } = state;
    const store = this.#storePaths(record, assignment);
    const task: TaskOf<'close'> = { kind: 'close', photo, output: assignment.output, store };
    return this.#assign([record], task, (result) => {
      if (isSettled(record.job.state)) return;
      if (!result.ok) {
        if (this.#broke(record, result.error)) this.#schedule.waitForClose(record);
        return;
      }
      const outcome = {
        assignment,
        precision: record.precision ?? assignment.spec.precision,
        fileBytes: result.value.fileBytes,
        elapsedMs: Date.now() - startedMs,
        stages: [...record.stages, ...result.value.stages],
        runMs: record.runMs,
      };
      this.#settle(record, { kind: 'closed', outcome });
    });
  }

  /** Named by the scratch folder, which is this process's own, so that two batches never meet. */
  #storePaths(record: Record, { output }: Assignment): StorePaths {
    const { scratchFolder } = this.#options;
    const temporaryPath = join(dirname(output.path), `.${basename(scratchFolder)}-${record.job.id}.part`);
    const claimPath = join(scratchFolder, `${record.job.id}.claim`);
    record.leftovers.push(temporaryPath, claimPath);
    return { temporaryPath, claimPath };
  }

  /** Wraps a task with what all have in common: the count of held tasks, the signal, the end of the batch. */
  #assign<Kind extends TaskKind>(
    records: readonly Record[],
    task: TaskOf<Kind>,
    settle: (result: Result<TaskValues[Kind]>) => void | Promise<void>,
    onTile: () => void = () => undefined,
  ): PoolAssignment {
    for (const record of records) record.held += 1;
    this.#held += 1;
    const finish = async (result: Result<TaskValues[TaskKind]>): Promise<void> => {
      // Still held while it settles, so that nobody takes the batch for finished in between. The worker answers a
      // task with its own kind's value.
      try {
        await settle(result as Result<TaskValues[Kind]>);
      } finally {
        for (const record of records) {
          record.held -= 1;
          if (record.held === 0 && isSettled(record.job.state)) await discardLeftovers(record);
        }
        this.#held -= 1;
        this.#wake();
        this.#tellIdle();
      }
    };
    // Reading headers takes milliseconds and serves many photos: no single one's cancel stops it.
    const signal = task.kind === 'probe' ? new AbortController().signal : records[0]!.abort.signal;
    return { task, signal, onTile, settle: (result) => void finish(result) };
  }

  /**
   * A task of a photo broke: counts a death, or fails the photo.
   *
   * @returns whether the task is to be given out again
   */
  #broke(record: Record, reason: Failure): boolean {
    if (isSettled(record.job.state)) return false;
    // Its worker was ended because another photo's cancel needed that: no fault of this one.
    if (reason.code === 'worker-restarted') return true;
    if (reason.code === 'disk-space' && this.#schedule.openCount > 1) {
      this.#schedule.waitForRoom(record);
      return false;
    }
    if (reason.code !== 'worker-died') {
      this.#settle(record, { kind: 'failed', failure: reason });
      return false;
    }
    const pid = reason.details?.['pid'];
    if (pid !== undefined && pid === record.lastDeathPid) return record.job.state.kind !== 'set-aside';
    record.lastDeathPid = pid;
    this.#apply(record, { kind: 'worker-died' });
    const { state } = record.job;
    if (state.kind === 'set-aside') {
      record.ledger = undefined;
      this.#schedule.setAside(record);
      return false;
    }
    if (isSettled(state)) {
      this.#ended(record);
      return false;
    }
    return true;
  }

  #line(job: Job): Job {
    const record = {
      job,
      abort: new AbortController(),
      ledger: undefined,
      leftovers: [],
      stages: [],
      precision: undefined,
      runMs: 0,
      held: 0,
      lastDeathPid: undefined,
    };
    this.#records.set(job.id, record);
    this.#unsettled += 1;
    if (this.#unavailable === undefined) this.#schedule.waitForProbe(record);
    else this.#settle(record, { kind: 'failed', failure: this.#unavailable });
    return record.job;
  }

  #apply(record: Record, event: JobEvent): void {
    record.job = reduce(record.job, event);
    this.#options.listener.onJob(record.job, event);
  }

  #settle(record: Record, event: JobEvent): void {
    this.#apply(record, event);
    this.#ended(record);
  }

  #ended(record: Record): void {
    this.#schedule.forget(record);
    // Its other strips need not be finished.
    record.abort.abort();
    this.#unsettled -= 1;
    if (this.#alone === record) this.#alone = undefined;
    if (record.held === 0) void discardLeftovers(record);
    this.#tellIdle();
  }

  #isIdle(): boolean {
    return this.#unsettled === 0 && this.#held === 0;
  }

  #tellIdle(): void {
    if (this.#idle.length === 0 || !this.#isIdle()) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** What cannot be removed now goes with the scratch folder, or never existed. */
async function discardLeftovers({ leftovers }: Record): Promise<void> {
  await Promise.allSettled(leftovers.splice(0).map((path) => rm(path, { recursive: true, force: true })));
}
