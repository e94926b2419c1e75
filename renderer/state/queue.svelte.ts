import { SvelteMap } from 'svelte/reactivity';
import type { Job, JobId, JobState, QueueDelta, QueuePage, QueueTotals, RunState } from '../../preload/contract/dto.ts';
import type { Api } from '../api/api.ts';
import { passes, type Filter } from '../lib/job-words.ts';

const pageSize = 1000;

/** One photo; only the rows that changed are drawn again. */
export class QueueRow {
  readonly id: JobId;
  job = $state.raw<Job>()!;

  constructor(job: Job) {
    this.id = job.id;
    this.job = job;
  }
}

const nothing: QueueTotals = { jobs: 0, waiting: 0, active: 0, done: 0, failed: 0, other: 0, fraction: 0 };

/** The queue as the window knows it: a copy that follows the main process by deltas. */
export class QueueState {
  rows = $state.raw<readonly QueueRow[]>([]);
  run = $state.raw<RunState>({ kind: 'idle' });
  totals = $state.raw<QueueTotals>(nothing);
  filter = $state<Filter>('all');
  search = $state('');
  /** False until the first picture of the queue is complete. */
  loaded = $state(false);

  /** The rows that the filter and the search let through, in order. */
  readonly visible = $derived.by(() => {
    const words = this.search.trim().toLowerCase();
    if (this.filter === 'all' && words === '') return this.rows;
    return this.rows.filter(
      ({ job }) => passes(this.filter, job.state.kind) && (words === '' || job.name.toLowerCase().includes(words)),
    );
  });

  readonly #api: Api;
  readonly #byId = new SvelteMap<JobId, QueueRow>();
  #early: QueueDelta[] = [];

  constructor(api: Api) {
    this.#api = api;
  }

  /** Listens first and reads second, so that nothing falls between. Returns the way to stop. */
  async connect(): Promise<() => void> {
    const stop = this.#api.listen('queue:changed', (delta) => {
      if (this.loaded) this.apply(delta);
      else this.#early.push(delta);
    });
    const first = await this.#readAll();
    this.loaded = true;
    for (const delta of this.#early) if (delta.revision > first) this.apply(delta);
    this.#early = [];
    return stop;
  }

  row(id: JobId): QueueRow | undefined {
    return this.#byId.get(id);
  }

  /** Brings the copy up to date; deltas come in order and may repeat what a page already told. */
  apply(delta: QueueDelta): void {
    const fresh: QueueRow[] = [];
    for (const job of delta.added) {
      if (this.#byId.has(job.id)) this.#replace(job);
      else fresh.push(this.#create(job));
    }
    if (fresh.length > 0) this.rows = [...this.rows, ...fresh];
    for (const job of delta.changed) this.#replace(job);
    for (const [id, state] of delta.states) this.#setState(id, state);
    this.#remove(delta.removed);
    if (delta.order !== null) this.#arrange(delta.order);
    this.run = delta.run;
    this.totals = delta.totals;
  }

  async #readAll(): Promise<number> {
    const rows: QueueRow[] = [];
    let page: QueuePage;
    let firstRevision: number | undefined;
    do {
      page = await this.#api.ask('queue:read', { from: rows.length, count: pageSize });
      firstRevision ??= page.revision;
      for (const job of page.jobs) if (!this.#byId.has(job.id)) rows.push(this.#create(job));
    } while (page.jobs.length === pageSize);
    this.rows = rows;
    this.run = page.run;
    this.totals = page.totals;
    return firstRevision;
  }

  #create(job: Job): QueueRow {
    const row = new QueueRow(job);
    this.#byId.set(job.id, row);
    return row;
  }

  #replace(job: Job): void {
    const row = this.#byId.get(job.id);
    if (row !== undefined) row.job = job;
  }

  #setState(id: JobId, state: JobState): void {
    const row = this.#byId.get(id);
    if (row !== undefined) row.job = { ...row.job, state };
  }

  #remove(ids: readonly JobId[]): void {
    if (ids.length === 0) return;
    for (const id of ids) this.#byId.delete(id);
    this.rows = this.rows.filter((row) => this.#byId.has(row.id));
  }

  #arrange(order: readonly JobId[]): void {
    this.rows = order.map((id) => this.#byId.get(id)).filter((row) => row !== undefined);
  }
}
