import type { Failure } from '../engine/errors.ts';
import { Entry } from './entry.ts';
import { isSettled, reduce, type Job, type JobEvent } from './job.ts';
import { Schedule } from './schedule.ts';

export interface QueueListener {
  /** Every change of a photo, in order. */
  readonly onJob: (job: Job, event: JobEvent) => void;
  readonly onNotice: (notice: Failure) => void;
}

/** The photos of a queue: the one place where their states change, and where what is left to do is counted. */
export class Roster {
  readonly schedule: Schedule<Entry>;
  readonly #listener: QueueListener;
  readonly #onRoom: () => void;
  readonly #entries = new Map<string, Entry>();
  #unsettled = 0;
  #held = 0;
  /** The photo in its last try; while it is there, nothing else is given out. */
  #alone: Entry | undefined;
  #unavailable: Failure | undefined;
  /** Photos that are through, or in a try that is, and whose files are not cleared away yet. */
  readonly #leaving = new Map<Entry, PromiseWithResolvers<void>>();
  #idle: (() => void)[] = [];

  /** @param onRoom called when files of a photo were cleared away */
  constructor(workers: number, listener: QueueListener, onRoom: () => void = () => undefined) {
    this.schedule = new Schedule(workers);
    this.#listener = listener;
    this.#onRoom = onRoom;
  }

  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  get alone(): Entry | undefined {
    return this.#alone;
  }

  /** Tasks that workers hold, of all photos. */
  get held(): number {
    return this.#held;
  }

  /** Whether other photos have files on disk, or had some a moment ago: then one without room may wait for it. */
  get sharesRoom(): boolean {
    return this.schedule.openCount > 1 || [...this.#leaving.keys()].some((entry) => entry.takesRoom);
  }

  find(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** A photo comes to the end of the line, in place of one with its id. */
  line(job: Job): Entry {
    const entry = new Entry(job);
    this.#entries.set(job.id, entry);
    this.#unsettled += 1;
    if (this.#unavailable === undefined) this.schedule.waitForProbe(entry);
    else this.settle(entry, { kind: 'failed', failure: this.#unavailable });
    return entry;
  }

  /** A photo that is not being worked on begins anew, as another entry. */
  restart(entry: Entry): Entry {
    if (!isSettled(entry.job.state)) this.#unsettled -= 1;
    this.schedule.forget(entry);
    // With other settings it is a photo like others again.
    if (this.#alone === entry) this.#alone = undefined;
    const event: JobEvent = { kind: 'restarted' };
    if (entry.takesRoom && !this.#leaving.has(entry)) void this.#leave(entry);
    const next = this.line(reduce(entry.job, event));
    this.#listener.onJob(next.job, event);
    return next;
  }

  delete(id: string): void {
    this.#entries.delete(id);
  }

  apply(entry: Entry, event: JobEvent): void {
    entry.job = reduce(entry.job, event);
    this.#listener.onJob(entry.job, event);
  }

  /** Applies an event after which nothing more happens to the photo. */
  settle(entry: Entry, event: JobEvent): void {
    this.apply(entry, event);
    this.#ended(entry);
  }

  /** From now on only this photo is worked on. */
  tryAlone(entry: Entry): void {
    this.#alone = entry;
    this.apply(entry, { kind: 'tried-alone' });
  }

  /** No task will be taken any more, of these photos or of those that come. */
  giveUp(reason: Failure): void {
    this.#unavailable = reason;
    for (const entry of this.#entries.values()) {
      if (!isSettled(entry.job.state)) this.settle(entry, { kind: 'failed', failure: reason });
    }
  }

  /**
   * A task of a photo broke: counts a death, or fails the photo.
   *
   * @returns whether the task is to be given out again
   */
  broke(entry: Entry, reason: Failure): boolean {
    if (isSettled(entry.job.state)) return false;
    // Its worker was ended because another photo's cancel needed that, or goes on without its device: no fault of this one.
    if (reason.code === 'worker-restarted' || reason.code === 'device-left') return true;
    if (reason.code !== 'worker-died') {
      this.settle(entry, { kind: 'failed', failure: reason });
      return false;
    }
    return this.#died(entry, reason.details?.['pid']);
  }

  /** A worker takes a task of these photos. */
  hold(entries: readonly Entry[]): void {
    for (const entry of entries) entry.held += 1;
    this.#held += 1;
  }

  /** A worker's task of these photos is over, whatever came of it. */
  async release(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      entry.held -= 1;
      if (entry.held === 0 && this.#leaving.has(entry)) await this.#clear(entry);
    }
    this.#held -= 1;
  }

  /** Settles once nothing is left of photos that are through by now; workers that hold tasks of theirs must answer. */
  async cleared(): Promise<void> {
    await Promise.all([...this.#leaving.values()].map(({ promise }) => promise));
  }

  /** Settles once no earlier try of a photo can have a result any more that will be withdrawn. */
  async withdrawn(source: string): Promise<void> {
    const earlier = [...this.#leaving].filter(([entry]) => entry.mayBeStored && entry.job.source === source);
    await Promise.all(earlier.map(([, { promise }]) => promise));
  }

  /** Settles once every photo is through and no worker holds a task of one. */
  async settled(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  tellIdle(): void {
    if (this.#idle.length === 0 || !this.#isIdle()) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #isIdle(): boolean {
    return this.#unsettled === 0 && this.#held === 0;
  }

  #died(entry: Entry, pid: unknown): boolean {
    if (pid !== undefined && pid === entry.lastDeathPid) return entry.job.state.kind !== 'set-aside';
    entry.lastDeathPid = pid;
    this.apply(entry, { kind: 'worker-died' });
    const { state } = entry.job;
    if (state.kind === 'set-aside') {
      entry.startAnew();
      this.schedule.setAside(entry);
      // It will not be through before those that wait for room are.
      void this.#leave(entry);
      return false;
    }
    if (isSettled(state)) {
      this.#ended(entry);
      return false;
    }
    return true;
  }

  #ended(entry: Entry): void {
    this.schedule.forget(entry);
    // Its other strips need not be finished.
    entry.abort.abort();
    this.#unsettled -= 1;
    if (this.#alone === entry) this.#alone = undefined;
    void this.#leave(entry);
    this.tellIdle();
  }

  /** Clears a photo's files away, once no worker holds a task of it any more. */
  async #leave(entry: Entry): Promise<void> {
    if (!this.#leaving.has(entry)) this.#leaving.set(entry, Promise.withResolvers());
    if (entry.held === 0) await this.#clear(entry);
  }

  async #clear(entry: Entry): Promise<void> {
    const { takesRoom } = entry;
    if (isSettled(entry.job.state)) await entry.discardLeftovers();
    else await entry.discardTries();
    this.#leaving.get(entry)?.resolve();
    this.#leaving.delete(entry);
    if (!takesRoom) return;
    this.schedule.roomFreed();
    this.#onRoom();
  }
}
