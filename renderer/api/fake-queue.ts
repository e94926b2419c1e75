import type { Job, JobId, JobState, QueueDelta, QueueTotals, RunState } from '../../preload/contract/dto.ts';
import type { JobSelection } from '../../preload/contract/channels.ts';
import { fakePhoto } from './fake-photos.ts';

const tickMs = 100;
const workers = 2;

/** Collects what changed until the next delta. */
interface Pending {
  added: Job[];
  changed: Map<JobId, Job>;
  states: Map<JobId, JobState>;
  removed: JobId[];
  order: boolean;
}

/**
 * A queue that pretends to work: the same states in the same order as the real one, at an honest pace, with one photo
 * in eleven that fails.
 */
export class FakeQueue {
  jobs: Job[] = [];
  run: RunState = { kind: 'idle' };
  revision = 0;
  readonly #emit: (delta: QueueDelta) => void;
  #pending = empty();
  #timer: ReturnType<typeof setInterval> | undefined;
  #next = 1;

  constructor(emit: (delta: QueueDelta) => void) {
    this.#emit = emit;
  }

  add(count: number, model: string): void {
    for (let index = 0; index < count; index += 1) {
      const id = this.#next++;
      const { name, widthPx, heightPx } = fakePhoto(id);
      this.#pending.added.push({
        id,
        name,
        folder: '/home/you/Pictures/Norway',
        bytes: 240_000 + id * 1013,
        source: { widthPx, heightPx },
        result: { widthPx: widthPx * 4, heightPx: heightPx * 4 },
        model,
        overrides: null,
        thumbnail: `thumbnail-${id}`,
        state: { kind: 'queued' },
      });
    }
    this.jobs.push(...this.#pending.added);
    this.flush();
  }

  chosen(selection: JobSelection): Job[] {
    if (selection === 'all') return [...this.jobs];
    if (selection === 'failed') return this.jobs.filter((job) => job.state.kind === 'failed');
    if (selection === 'finished') return this.jobs.filter((job) => job.state.kind === 'done');
    return this.jobs.filter((job) => selection.includes(job.id));
  }

  remove(jobs: readonly Job[]): void {
    const going = new Set(jobs);
    this.jobs = this.jobs.filter((job) => !going.has(job));
    this.#pending.removed.push(...jobs.map((job) => job.id));
    this.flush();
  }

  move(ids: readonly JobId[], before: JobId | null): void {
    const moving = this.jobs.filter((job) => ids.includes(job.id));
    const rest = this.jobs.filter((job) => !ids.includes(job.id));
    const at = before === null ? rest.length : rest.findIndex((job) => job.id === before);
    this.jobs = [...rest.slice(0, at), ...moving, ...rest.slice(at)];
    this.#pending.order = true;
    this.flush();
  }

  change(jobs: readonly Job[], change: (job: Job) => Job): void {
    const changing = new Set(jobs);
    this.jobs = this.jobs.map((job) => {
      if (!changing.has(job)) return job;
      const next = change(job);
      this.#pending.changed.set(job.id, next);
      return next;
    });
    this.flush();
  }

  start(): void {
    this.run = { kind: 'running', leftMs: null, megapixelsPerSecond: null };
    this.#timer ??= setInterval(() => {
      this.#tick();
    }, tickMs);
    this.flush();
  }

  pause(): void {
    this.run = { kind: 'paused' };
    this.#each(['running', 'encoding'], (job) => ({ kind: 'paused', fraction: fraction(job.state) }));
    this.#stop();
  }

  resume(): void {
    this.#each(['paused'], (job) => ({ kind: 'running', fraction: fraction(job.state), leftMs: null }));
    this.start();
  }

  cancel(selection: JobSelection): void {
    const chosen = new Set(this.chosen(selection).map((job) => job.id));
    this.#each(['queued', 'running', 'encoding', 'paused'], (job) =>
      chosen.has(job.id) ? { kind: 'cancelled' } : job.state,
    );
    if (selection === 'all') this.run = { kind: 'idle' };
    if (selection === 'all') this.#stop();
    this.flush();
  }

  totals(): QueueTotals {
    const count = (...kinds: readonly JobState['kind'][]): number =>
      this.jobs.filter((job) => kinds.includes(job.state.kind)).length;
    const finished = count('done', 'failed', 'skipped', 'cancelled');
    const partly = this.jobs.reduce((sum, job) => sum + fraction(job.state), 0);
    return {
      jobs: this.jobs.length,
      waiting: count('queued', 'probing'),
      active: count('running', 'encoding', 'paused'),
      done: count('done'),
      failed: count('failed'),
      other: count('skipped', 'cancelled'),
      fraction: this.jobs.length === 0 ? 0 : (finished + partly) / this.jobs.length,
    };
  }

  flush(): void {
    const { added, changed, states, removed, order } = this.#pending;
    this.#pending = empty();
    this.revision += 1;
    this.#emit({
      revision: this.revision,
      added,
      changed: [...changed.values()],
      states: [...states],
      removed,
      order: order ? this.jobs.map((job) => job.id) : null,
      run: this.run,
      totals: this.totals(),
    });
  }

  #tick(): void {
    this.#each(['running', 'encoding'], (job) => advance(job));
    let free =
      workers - this.jobs.filter((job) => job.state.kind === 'running' || job.state.kind === 'encoding').length;
    this.#each(['queued'], (job) => (free-- > 0 ? { kind: 'running', fraction: 0, leftMs: null } : job.state));
    const left = this.jobs.filter((job) => fraction(job.state) > 0 || job.state.kind === 'queued').length;
    if (left === 0) {
      this.run = { kind: 'idle' };
      this.#stop();
      return;
    }
    this.run = { kind: 'running', leftMs: left * 1800, megapixelsPerSecond: 15.2 };
    this.flush();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.flush();
  }

  #each(kinds: readonly JobState['kind'][], next: (job: Job) => JobState): void {
    this.jobs = this.jobs.map((job) => {
      if (!kinds.includes(job.state.kind)) return job;
      const state = next(job);
      if (state === job.state) return job;
      this.#pending.states.set(job.id, state);
      return { ...job, state };
    });
  }
}

function empty(): Pending {
  return { added: [], changed: new Map(), states: new Map(), removed: [], order: false };
}

function fraction(state: JobState): number {
  return state.kind === 'running' || state.kind === 'encoding' || state.kind === 'paused' ? state.fraction : 0;
}

function advance(job: Job): JobState {
  const done = fraction(job.state) + 0.03;
  if (job.state.kind === 'encoding') {
    const path = `${job.folder}/enhanced/${job.name.replace('.jpg', '-x4.jpg')}`;
    return { kind: 'done', path, bytes: job.bytes * 9, tookMs: 3400 };
  }
  if (job.id % 11 === 0 && done > 0.2) {
    const message = 'This file ends before its picture does. Copy it again from its source, then try again.';
    return { kind: 'failed', error: { code: 'photo-truncated', message } };
  }
  if (done >= 0.97) return { kind: 'encoding', fraction: 0.97 };
  return { kind: 'running', fraction: done, leftMs: (1 - done) * 3400 };
}
