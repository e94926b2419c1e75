import { rm } from 'node:fs/promises';
import { failure, type Failure, type Result } from '../engine/errors.ts';
import type { PhotoInfo } from '../engine/ports.ts';
import type { Assignment as PoolAssignment, LaneName, TaskSource } from '../pool/pool.ts';
import type { Precision, StageTime, TaskKind, TaskOf, TaskValues } from '../worker/protocol.ts';
import { isSettled, reduce, type Assignment, type Job, type JobEvent } from './job.ts';
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
  abort: AbortController;
  ledger: StripLedger | undefined;
  stages: StageTime[];
  precision: Precision | undefined;
  /** Tasks of this photo that workers hold. */
  tasks: number;
}

/** Headers read in one task. */
const PROBE_BATCH = 16;

/**
 * The photos to be done, as the pool's source of tasks.
 *
 * Each worker stays on one photo while another is decoded ahead and the last one is encoded; a worker that finds no
 * photo of its own takes strips of another's.
 */
export class EnhanceQueue implements TaskSource {
  readonly #options: QueueOptions;
  readonly #records = new Map<string, Record>();
  /** Ids in the order of work, by what they wait for. */
  readonly #toProbe = new Set<string>();
  readonly #toOpen = new Set<string>();
  readonly #open = new Set<string>();
  readonly #toClose = new Set<string>();
  readonly #setAside = new Set<string>();
  #unsettled = 0;
  #paused = false;
  #aloneId: string | undefined;
  #wake: () => void = () => undefined;
  #idle: (() => void)[] = [];

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Tells the queue how to ask the pool to come again. */
  connect(wake: () => void): void {
    this.#wake = wake;
  }

  get jobs(): readonly Job[] {
    return [...this.#records.values()].map((record) => record.job);
  }

  /** Adds photos at the end. */
  add(photos: readonly { readonly id: string; readonly source: string }[]): void {
    for (const { id, source } of photos) {
      const job: Job = { id, source, state: { kind: 'queued' }, deaths: 0, alone: false };
      this.#records.set(id, blankRecord(job));
      this.#toProbe.add(id);
      this.#unsettled += 1;
    }
    this.#wake();
  }

  /** Stops giving out work; what is under way is finished. */
  pause(): void {
    this.#paused = true;
  }

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
  }

  cancelAll(): void {
    for (const id of this.#records.keys()) this.cancel(id);
  }

  /** Puts a failed or cancelled photo back to the end of the line. */
  retry(id: string): void {
    const record = this.#records.get(id);
    if (record === undefined || !isSettled(record.job.state) || record.tasks > 0) return;
    const { job } = record;
    const fresh = blankRecord(job);
    this.#records.set(id, fresh);
    this.#apply(fresh, { kind: 'retried' });
    this.#toProbe.add(id);
    this.#unsettled += 1;
    this.#wake();
  }

  /** Settles once every photo is through and no worker holds a task of one. */
  async settled(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  // --- The pool's side -------------------------------------------------------------------------------------------

  next(lane: LaneName, worker: number): PoolAssignment | undefined {
    if (this.#aloneId !== undefined) return this.#nextAlone(lane, worker);
    if (lane === 'infer') return this.#paused ? undefined : this.#nextStrip(worker);
    const next = this.#nextClose() ?? (this.#paused ? undefined : (this.#nextOpen() ?? this.#nextProbe()));
    if (next === undefined && this.#setAside.size > 0) return this.#tryAlone(lane, worker);
    return next;
  }

  onNotice(notice: Failure): void {
    this.#options.listener.onNotice(notice);
  }

  onUnavailable(): void {
    const reason = failure(
      'workers-unavailable',
      'The program part that works on photos cannot be kept running. Restart Tessera; free memory if it is short.',
    );
    for (const record of this.#records.values()) {
      if (!isSettled(record.job.state)) this.#settle(record, { kind: 'failed', failure: reason.error });
    }
  }

  #nextStrip(worker: number): PoolAssignment | undefined {
    const waiting = [...this.#open]
      .map((id) => this.#records.get(id)!)
      .filter((record) => record.ledger !== undefined && record.ledger.pending > 0);
    const record =
      waiting.find(({ ledger }) => ledger!.isLastOf(worker)) ??
      waiting.find(({ ledger }) => ledger!.running === 0) ??
      waiting[0];
    return record === undefined ? undefined : this.#stripTask(record, worker);
  }

  #nextClose(): PoolAssignment | undefined {
    const id = first(this.#toClose);
    if (id === undefined) return undefined;
    this.#toClose.delete(id);
    return this.#closeTask(this.#records.get(id)!);
  }

  #nextOpen(): PoolAssignment | undefined {
    const { workers } = this.#options;
    // One decoded ahead beside one a worker; and not endlessly many waiting for their encode, which take disk.
    const inference = [...this.#open].filter((id) => (this.#records.get(id)!.ledger?.pending ?? 1) > 0).length;
    if (inference > workers || this.#open.size > 2 * workers + 1) return undefined;
    const id = first(this.#toOpen);
    if (id === undefined) return undefined;
    this.#toOpen.delete(id);
    return this.#openTask(this.#records.get(id)!);
  }

  #nextProbe(): PoolAssignment | undefined {
    const ids: string[] = [];
    // The first goes alone, so that work begins at once.
    const batch = this.#toOpen.size + this.#open.size === 0 ? 1 : PROBE_BATCH;
    for (const id of this.#toProbe) {
      ids.push(id);
      if (ids.length === batch) break;
    }
    return ids.length === 0 ? undefined : this.#probeTask(ids.map((id) => this.#records.get(id)!));
  }

  /** The last try of what was set aside: when all else is through, one photo and one task at a time. */
  #tryAlone(lane: LaneName, worker: number): PoolAssignment | undefined {
    const othersLeft = this.#toProbe.size + this.#toOpen.size + this.#open.size + this.#toClose.size > 0;
    if (othersLeft || this.#paused || this.#tasksHeld() > 0) return undefined;
    const id = first(this.#setAside)!;
    this.#setAside.delete(id);
    this.#aloneId = id;
    this.#apply(this.#records.get(id)!, { kind: 'tried-alone' });
    return this.#nextAlone(lane, worker);
  }

  #nextAlone(lane: LaneName, worker: number): PoolAssignment | undefined {
    const record = this.#records.get(this.#aloneId!)!;
    if (record.tasks > 0) return undefined;
    const { kind } = record.job.state;
    if (lane === 'codec' && kind === 'ready') return this.#openTask(record);
    if (lane === 'codec' && this.#toClose.delete(record.job.id)) return this.#closeTask(record);
    if (lane === 'infer' && kind === 'inferring') return this.#stripTask(record, worker);
    return undefined;
  }

  // --- Tasks -----------------------------------------------------------------------------------------------------

  #probeTask(records: readonly Record[]): PoolAssignment {
    for (const record of records) {
      this.#toProbe.delete(record.job.id);
      this.#apply(record, { kind: 'probe-started' });
    }
    const task: TaskOf<'probe'> = { kind: 'probe', paths: records.map((record) => record.job.source) };
    return this.#assign(records, task, async (result: Result<TaskValues['probe']>) => {
      if (!result.ok) {
        for (const record of records) {
          if (!isSettled(record.job.state)) this.#toProbe.add(record.job.id);
        }
        return;
      }
      for (const [index, record] of records.entries()) await this.#probed(record, result.value.photos[index]!);
    });
  }

  async #probed(record: Record, info: Result<PhotoInfo>): Promise<void> {
    if (isSettled(record.job.state)) return;
    if (!info.ok) {
      this.#settle(record, { kind: 'failed', failure: info.error });
      return;
    }
    const resolved = await this.#options.resolve(record.job, info.value);
    if (isSettled(record.job.state)) return;
    if ('skip' in resolved) this.#settle(record, { kind: 'skipped', reason: resolved.skip });
    else if (!resolved.ok) this.#settle(record, { kind: 'failed', failure: resolved.error });
    else {
      this.#apply(record, { kind: 'probed', assignment: resolved.value });
      this.#toOpen.add(record.job.id);
    }
  }

  #openTask(record: Record): PoolAssignment {
    const { id, source, state } = record.job;
    if (state.kind !== 'ready') throw new Error(`Photo ${id} is opened while it is ${state.kind}.`);
    const { assignment } = state;
    this.#open.add(id);
    this.#apply(record, { kind: 'open-started', nowMs: Date.now() });
    const { budget, scratchFolder } = this.#options;
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
    return this.#assign([record], task, (result: Result<TaskValues['open']>) => {
      if (isSettled(record.job.state)) return;
      if (result.ok) {
        record.stages.push(...result.value.stages);
        record.ledger = new StripLedger(result.value.photo);
        this.#apply(record, { kind: 'opened', photo: result.value.photo });
      } else if (this.#broke(record, result.error)) {
        this.#open.delete(id);
        this.#apply(record, { kind: 'probed', assignment });
        this.#toOpen.add(id);
      }
    });
  }

  #stripTask(record: Record, worker: number): PoolAssignment | undefined {
    const ledger = record.ledger!;
    const stripIndex = ledger.take(worker);
    if (stripIndex === undefined) return undefined;
    const task: TaskOf<'infer'> = { kind: 'infer', photo: ledger.photo, stripIndex };
    const onTile = (): void => {
      if (isSettled(record.job.state)) return;
      ledger.countTile(stripIndex);
      this.#apply(record, { kind: 'tile-done' });
    };
    const settle = (result: Result<TaskValues['infer']>): void => {
      if (isSettled(record.job.state) || record.ledger !== ledger) return;
      if (result.ok) {
        ledger.done(stripIndex);
        record.stages.push(...result.value.stages);
        record.precision = result.value.precision;
        this.#apply(record, { kind: 'strip-done' });
        if (ledger.finished) this.#toClose.add(record.job.id);
        return;
      }
      const tiles = ledger.lost(stripIndex);
      this.#apply(record, { kind: 'tiles-lost', tiles });
      this.#broke(record, result.error);
    };
    return this.#assign([record], task, settle, onTile);
  }

  #closeTask(record: Record): PoolAssignment {
    const { photo } = record.ledger!;
    const { state } = record.job;
    if (state.kind === 'inferring') this.#apply(record, { kind: 'close-started' });
    const closing = record.job.state;
    if (closing.kind !== 'closing') throw new Error(`Photo ${photo.photoId} is closed while it is ${closing.kind}.`);
    const { assignment, startedMs } = closing;
    const task: TaskOf<'close'> = { kind: 'close', photo, output: assignment.output };
    return this.#assign([record], task, (result: Result<TaskValues['close']>) => {
      if (isSettled(record.job.state)) return;
      if (result.ok) {
        const outcome = {
          assignment,
          precision: record.precision ?? assignment.spec.precision,
          fileBytes: result.value.fileBytes,
          elapsedMs: Date.now() - startedMs,
          stages: [...record.stages, ...result.value.stages],
        };
        this.#settle(record, { kind: 'closed', outcome });
      } else if (this.#broke(record, result.error)) {
        this.#toClose.add(photo.photoId);
      }
    });
  }

  /** Wraps a task with what all have in common: the count of held tasks, the signal, the end of the batch. */
  #assign<Kind extends TaskKind>(
    records: readonly Record[],
    task: TaskOf<Kind>,
    settle: (result: Result<TaskValues[Kind]>) => void | Promise<void>,
    onTile: () => void = () => undefined,
  ): PoolAssignment {
    for (const record of records) record.tasks += 1;
    const finish = async (result: Result<TaskValues[TaskKind]>): Promise<void> => {
      // Still held while it settles, so that nobody takes the batch for finished in between.
      await settle(result as Result<TaskValues[Kind]>);
      for (const record of records) {
        record.tasks -= 1;
        if (record.tasks === 0 && isSettled(record.job.state)) await this.#discardSpools(record);
      }
      this.#wake();
      this.#tellIdle();
    };
    return {
      task,
      signal: records.length === 1 ? records[0]!.abort.signal : new AbortController().signal,
      onTile,
      settle: (result) => void finish(result),
    };
  }

  /**
   * A task of a photo broke: counts a death, or fails the photo.
   *
   * @returns whether the task is to be given out again
   */
  #broke(record: Record, reason: Failure): boolean {
    if (reason.code === 'cancelled') return false;
    if (reason.code !== 'worker-died') {
      this.#settle(record, { kind: 'failed', failure: reason });
      return false;
    }
    this.#apply(record, { kind: 'worker-died' });
    const { id, state } = record.job;
    if (state.kind === 'set-aside') {
      this.#forget(id);
      record.ledger = undefined;
      this.#setAside.add(id);
      return false;
    }
    if (isSettled(state)) {
      this.#ended(record);
      return false;
    }
    return true;
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
    const { id } = record.job;
    this.#forget(id);
    this.#unsettled -= 1;
    if (this.#aloneId === id) this.#aloneId = undefined;
    if (record.tasks === 0) void this.#discardSpools(record);
    this.#tellIdle();
  }

  #forget(id: string): void {
    for (const set of [this.#toProbe, this.#toOpen, this.#open, this.#toClose, this.#setAside]) set.delete(id);
  }

  async #discardSpools({ ledger }: Record): Promise<void> {
    const paths = ledger?.photo.planes.flatMap((plane) => [plane.sourcePath, plane.resultPath]) ?? [];
    await Promise.all(paths.map((path) => rm(path, { force: true })));
  }

  #tasksHeld(): number {
    let held = 0;
    for (const record of this.#records.values()) held += record.tasks;
    return held;
  }

  #isIdle(): boolean {
    return this.#unsettled === 0 && this.#tasksHeld() === 0;
  }

  #tellIdle(): void {
    if (this.#idle.length === 0 || !this.#isIdle()) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

function blankRecord(job: Job): Record {
  return {
    job,
    abort: new AbortController(),
    ledger: undefined,
    stages: [],
    precision: undefined,
    tasks: 0,
  };
}

function first(ids: ReadonlySet<string>): string | undefined {
  for (const id of ids) return id;
  return undefined;
}
