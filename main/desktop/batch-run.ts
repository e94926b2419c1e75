/** One run through the list after the other: which photos take part, on which workers, and how far it is. */
import type { BatchTimes } from '../../preload/contract/diagnostics.ts';
import type { RunState } from '../../preload/contract/dto.ts';
import { isSettled, type Job } from '../jobs/job.ts';
import type { PoolSize } from '../pool/sizing.ts';
import { viewState } from './job-view.ts';
import { Pace } from './pace.ts';
import { isThrough, type Entry, type PhotoList } from './photo-list.ts';
import { RunDiary } from './run-diary.ts';
import type { Runner } from './runner.ts';

export interface BatchRunOptions {
  readonly list: PhotoList;
  /** The workers that the settings ask for now. */
  readonly wantedSize: () => PoolSize;
  /** Opens workers of that size, in place of others; the same ones as long as they fit. */
  readonly openRunner: () => Promise<Runner>;
  readonly onRun: (run: RunState['kind']) => void;
  /** @param counts photos by the state that they ended in */
  readonly onEnd: (counts: ReadonlyMap<string, number>) => void;
}

/** States that come of work alone; others a person may bring about while the run is held. */
const workKinds: ReadonlySet<string> = new Set(['opening', 'inferring', 'closing', 'done']);
const notBegunKinds: ReadonlySet<string> = new Set(['queued', 'probing']);

/** The run that is under way, or none. */
export class BatchRun {
  /** Where the time of this run went, or of the last one. */
  readonly diary = new RunDiary();
  readonly #options: BatchRunOptions;
  readonly #byRunId = new Map<string, Entry>();
  #kind: RunState['kind'] = 'idle';
  #runner: Runner | undefined;
  #pace = new Pace();
  #nextRun = 1;
  #fraction = 0;
  /** Photos that wait for other workers, while the present ones finish what they began. */
  #standby: Set<Entry> | undefined;
  /** While other workers are started, the present ones take nothing any more. */
  #opening = false;

  constructor(options: BatchRunOptions) {
    this.#options = options;
  }

  get kind(): RunState['kind'] {
    return this.#kind;
  }

  /** The photo of a run that has this id in the workers' queue. */
  find(runId: string): Entry | undefined {
    return this.#byRunId.get(runId);
  }

  /** Workers that are up, whether or not a batch runs. */
  async workers(): Promise<Runner> {
    if (this.#kind !== 'idle' && !this.#opening && this.#runner !== undefined) return this.#runner;
    const runner = await this.#options.openRunner();
    if (this.#kind === 'idle') this.#runner = runner;
    return runner;
  }

  /** Begins with these photos, as soon as workers are up. */
  start(entries: readonly Entry[]): void {
    if (this.#kind !== 'idle') return;
    this.#pace = new Pace();
    this.diary.begin();
    this.#standby = new Set();
    this.#set('running');
    this.lineUp(entries);
    void this.#changeWorkers(this.#standby);
  }

  /** Photos join the run, at its end. */
  lineUp(entries: readonly Entry[]): void {
    for (const entry of entries) {
      entry.runId = `${entry.id}-${this.#nextRun++}`;
      this.#byRunId.set(entry.runId, entry);
    }
    this.#pace.expect(entries.length);
    if (this.#standby === undefined) this.#give(entries);
    else for (const entry of entries) this.#standby.add(entry);
  }

  /** A photo takes part no longer; work on it ends. */
  leave(entry: Entry): void {
    const { runId } = entry;
    if (runId === undefined) return;
    this.#byRunId.delete(runId);
    this.#standby?.delete(entry);
    entry.runId = undefined;
    this.#pace.drop(runId);
    this.#runner?.queue.remove(runId);
  }

  /** Whether work on a photo of the run has begun. */
  hasBegun({ view }: Entry): boolean {
    return !notBegunKinds.has(view.state.kind);
  }

  /** Follows the list's order. */
  reorder(): void {
    const order = this.#options.list.entries;
    this.#runner?.queue.reorder(order.flatMap(({ runId }) => runId ?? []));
    const standby = this.#standby;
    if (standby === undefined) return;
    const waiting = order.filter((entry) => standby.delete(entry));
    for (const entry of waiting) standby.add(entry);
  }

  /** Settings changed: photos that nobody began are looked at anew, and get other workers where those are wanted. */
  settingsChanged(entries: readonly Entry[]): void {
    const runner = this.#runner;
    if (this.#kind === 'idle' || runner === undefined) return;
    if (!runner.fits(this.#options.wantedSize())) this.#wantChange(runner);
    else if (!this.#opening) this.#giveStandby();
    if (this.#standby !== undefined) return;
    for (const entry of entries) {
      if (entry.runId !== undefined && !this.hasBegun(entry)) runner.queue.restart(entry.runId);
    }
  }

  pause(): void {
    if (this.#kind !== 'running') return;
    this.#runner?.queue.pause();
    this.#pace.pause();
    this.diary.pause();
    this.#set('paused');
    this.#showAll();
  }

  resume(): void {
    if (this.#kind !== 'paused') return;
    this.#pace.resume();
    this.diary.resume();
    this.#set('running');
    this.#showAll();
    this.#runner?.queue.resume();
  }

  /** A photo in a runner's queue changed. */
  readonly onJob = (job: Job): void => {
    const entry = this.#byRunId.get(job.id);
    // What left the queue to wait for other workers was cancelled there, and not by anybody.
    if (entry === undefined || this.#standby?.has(entry) === true) return;
    this.#pace.follow(job);
    if (workKinds.has(job.state.kind)) this.diary.stir();
    this.#show(entry, job);
    if (!isSettled(job.state)) return;
    // The list knows all that is asked for later; the queue would keep every stage of every photo.
    this.#runner?.queue.remove(job.id);
    this.endIfThrough();
  };

  /** Ends the run once all of its photos are through. */
  endIfThrough(): void {
    if (this.#kind === 'idle') return;
    for (const entry of this.#byRunId.values()) if (!isThrough(entry)) return;
    const counts = new Map<string, number>();
    for (const entry of this.#byRunId.values()) {
      const { kind } = entry.view.state;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      entry.runId = undefined;
    }
    this.#byRunId.clear();
    this.#standby = undefined;
    this.diary.end(counts.get('failed') ?? 0, this.#runner);
    this.#pace.end();
    this.#fraction = this.standing().fraction;
    this.#set('idle');
    this.#options.onEnd(counts);
  }

  /** Where the run stands: its rate is in megapixels of photos, not of results. */
  standing(): { readonly run: RunState; readonly fraction: number } {
    if (this.#kind === 'idle') return { run: { kind: 'idle' }, fraction: this.#fraction };
    const { fraction, pixelsPerSecond, remainingMs } = this.#pace.at();
    this.#fraction = fraction;
    if (this.#kind === 'paused') return { run: { kind: 'paused' }, fraction };
    const megapixelsPerSecond = pixelsPerSecond > 0 ? pixelsPerSecond / 1e6 : null;
    return { run: { kind: 'running', leftMs: remainingMs ?? null, megapixelsPerSecond }, fraction };
  }

  /** Where the time of this run went so far, or of the last one; null before the first. */
  async times(): Promise<BatchTimes | null> {
    await this.diary.askWorkers(this.#runner);
    const failed = [...this.#byRunId.values()].filter(({ view }) => view.state.kind === 'failed').length;
    return this.diary.times(this.#kind, failed, this.#runner);
  }

  #give(entries: readonly Entry[]): void {
    this.#runner?.queue.add(entries.map(({ runId, path }) => ({ id: runId!, source: path })));
  }

  /** Takes back what the workers have not begun, and lets others do it once these have finished the rest. */
  #wantChange(runner: Runner): void {
    const begins = this.#standby === undefined;
    const standby = (this.#standby ??= new Set());
    for (const entry of this.#options.list.entries) {
      if (entry.runId === undefined || this.hasBegun(entry) || standby.has(entry)) continue;
      standby.add(entry);
      runner.queue.remove(entry.runId);
      this.#options.list.setState(entry, { kind: 'queued' });
    }
    if (begins) void this.#leaveWorkers(runner, standby);
  }

  async #leaveWorkers(runner: Runner, standby: ReadonlySet<Entry>): Promise<void> {
    await runner.queue.settled();
    await this.diary.askWorkers(runner);
    await this.#changeWorkers(standby);
  }

  /** Opens the workers that are wanted, and gives them the photos that wait. */
  async #changeWorkers(standby: ReadonlySet<Entry>): Promise<void> {
    // Cancelled meanwhile, or the workers at hand were the right ones after all.
    while (this.#standby === standby) {
      this.#opening = true;
      try {
        this.#runner = await this.#options.openRunner();
      } catch (error) {
        this.#giveUp(error);
        return;
      } finally {
        this.#opening = false;
      }
      if (!this.#runner.fits(this.#options.wantedSize())) continue;
      if (this.#kind === 'paused') this.#runner.queue.pause();
      else this.#runner.queue.resume();
      this.#giveStandby();
    }
  }

  #giveStandby(): void {
    const waiting = this.#standby;
    this.#standby = undefined;
    if (waiting !== undefined) this.#give([...waiting]);
  }

  #giveUp(error: unknown): void {
    const code = 'workers-unavailable';
    const message = 'The program part that works on photos could not be started. Free some disk space and try again.';
    for (const entry of this.#standby ?? []) {
      this.#options.list.setState(entry, {
        kind: 'failed',
        error: { code, message, details: { cause: String(error) } },
      });
    }
    this.endIfThrough();
  }

  #show(entry: Entry, job: Job): void {
    const { state } = job;
    const tookMs = state.kind === 'done' ? this.diary.done(entry, state.outcome) : 0;
    const facts = { paused: this.#kind === 'paused', leftMs: this.#pace.leftMs(job.id), tookMs };
    this.#options.list.setState(entry, viewState(job, facts));
  }

  /** Says all states anew, which pausing changes without any event of the photos. */
  #showAll(): void {
    for (const job of this.#runner?.queue.jobs ?? []) {
      const entry = this.#byRunId.get(job.id);
      if (entry !== undefined && !isSettled(job.state)) this.#show(entry, job);
    }
  }

  #set(kind: RunState['kind']): void {
    this.#kind = kind;
    this.#options.onRun(kind);
    this.#options.list.touch();
  }
}
