import type { Job, JobId, JobState, QueueDelta, QueuePage, QueueTotals, RunState } from '../../preload/contract/dto.ts';
import type { JobSelection } from '../../preload/contract/channels.ts';
import type { PhotoInfo } from '../engine/ports.ts';

/** One photo of the window's list: what the window sees of it, and what it does not. */
export interface Entry {
  readonly id: JobId;
  readonly path: string;
  /** With every link on the way resolved. */
  readonly realPath: string;
  /** The folder that was added and holds it. */
  readonly root: string;
  readonly relativeFolder: string;
  view: Job;
  info: PhotoInfo | undefined;
  /** Its name in the queue of the run that it takes part in; undefined where it takes part in none. */
  runId: string | undefined;
  /** The result's path, and what it follows from: asked again for the same, it stays the same. */
  claim: { readonly key: string; readonly path: string } | undefined;
}

/** Is told what must be known to bring the list back after the app has ended. */
export interface ListWatch {
  readonly added: (entries: readonly Entry[]) => void;
  readonly removed: (entries: readonly Entry[]) => void;
  /** What differs for a photo is another. */
  readonly overridden: (entry: Entry) => void;
  /** A photo needs no more work. */
  readonly ended: (entry: Entry) => void;
  /** One that needed no more is to be enhanced all the same. */
  readonly reopened: (entry: Entry) => void;
  /** Photos went before another, or to the end. */
  readonly moved: (entries: readonly Entry[], before: Entry | undefined) => void;
}

interface Changes {
  added: Set<Entry>;
  changed: Set<Entry>;
  states: Set<Entry>;
  removed: JobId[];
  order: boolean;
}

const countedAs: Readonly<Record<JobState['kind'], 'waiting' | 'active' | 'done' | 'failed' | 'other'>> = {
  queued: 'waiting',
  probing: 'waiting',
  running: 'active',
  encoding: 'active',
  paused: 'active',
  done: 'done',
  failed: 'failed',
  skipped: 'other',
  cancelled: 'other',
};

/** Whether a photo is through, one way or another. */
export function isThrough({ view }: Entry): boolean {
  return throughKinds.has(view.state.kind);
}

/** Whether a photo needs no more work. One that failed or was cancelled may be wanted still. */
function hasEnded({ view }: Entry): boolean {
  return view.state.kind === 'done' || view.state.kind === 'skipped';
}

const throughKinds: ReadonlySet<JobState['kind']> = new Set(['done', 'failed', 'skipped', 'cancelled']);

/** The photos in the window's order, and what changed among them since the window was last told. */
export class PhotoList {
  readonly #entries = new Map<JobId, Entry>();
  #order: Entry[] = [];
  #changes = noChanges();
  #dirty = false;
  #revision = 0;
  #membership = 0;
  readonly #counts = { waiting: 0, active: 0, done: 0, failed: 0, other: 0 };
  readonly #onDirty: () => void;
  readonly #watch: ListWatch | undefined;

  /** @param onDirty called whenever there is something new to tell */
  constructor(onDirty: () => void, watch?: ListWatch) {
    this.#onDirty = onDirty;
    this.#watch = watch;
  }

  get entries(): readonly Entry[] {
    return this.#order;
  }

  /** Another number whenever photos came or went. */
  get membership(): number {
    return this.#membership;
  }

  get(id: JobId): Entry | undefined {
    return this.#entries.get(id);
  }

  /** @param isKept whether the watch knows of them already */
  add(entries: readonly Entry[], isKept = false): void {
    this.#membership += 1;
    for (const entry of entries) {
      this.#entries.set(entry.id, entry);
      this.#order.push(entry);
      this.#changes.added.add(entry);
      this.#counts[countedAs[entry.view.state.kind]] += 1;
    }
    if (!isKept) this.#watch?.added(entries);
    this.touch();
  }

  /** Changes what the window sees of a photo. */
  show(entry: Entry, change: Partial<Omit<Job, 'id' | 'state'>>): void {
    entry.view = { ...entry.view, ...change };
    this.#changes.changed.add(entry);
    if ('overrides' in change) this.#watch?.overridden(entry);
    this.touch();
  }

  setState(entry: Entry, state: JobState): void {
    const hadEnded = hasEnded(entry);
    const isListed = this.#entries.has(entry.id);
    if (isListed) {
      this.#counts[countedAs[entry.view.state.kind]] -= 1;
      this.#counts[countedAs[state.kind]] += 1;
    }
    entry.view = { ...entry.view, state };
    if (isListed && hasEnded(entry) !== hadEnded) this.#watch?.[hadEnded ? 'reopened' : 'ended'](entry);
    this.#changes.states.add(entry);
    this.touch();
  }

  remove(entries: readonly Entry[]): void {
    this.#membership += 1;
    for (const entry of entries) {
      if (!this.#entries.delete(entry.id)) continue;
      this.#counts[countedAs[entry.view.state.kind]] -= 1;
      if (!this.#changes.added.delete(entry)) this.#changes.removed.push(entry.id);
      this.#changes.changed.delete(entry);
      this.#changes.states.delete(entry);
    }
    this.#order = this.#order.filter((entry) => this.#entries.has(entry.id));
    this.#watch?.removed(entries);
    this.touch();
  }

  move(ids: readonly JobId[], before: JobId | null): void {
    const moving = new Set(ids);
    if (before !== null && moving.has(before)) return;
    this.#order = withMoved(
      this.#order,
      ({ id }) => moving.has(id),
      ({ id }) => id === before,
    );
    const movedEntries = this.#order.filter(({ id }) => moving.has(id));
    this.#watch?.moved(movedEntries, before === null ? undefined : this.#entries.get(before));
    this.#changes.order = true;
    this.touch();
  }

  select(selection: JobSelection): Entry[] {
    if (typeof selection !== 'string') return selection.flatMap((id) => this.#entries.get(id) ?? []);
    if (selection === 'all') return [...this.#order];
    const kind = selection === 'failed' ? 'failed' : 'done';
    return this.#order.filter((entry) => entry.view.state.kind === kind);
  }

  /** Something outside the list, such as the run's progress, is to be told too. */
  touch(): void {
    this.#dirty = true;
    this.#onDirty();
  }

  totals(fraction: number): QueueTotals {
    return { jobs: this.#order.length, ...this.#counts, fraction };
  }

  page(from: number, count: number, run: RunState, fraction: number): QueuePage {
    const jobs = this.#order.slice(from, from + count).map((entry) => entry.view);
    return { revision: this.#revision, total: this.#order.length, jobs, run, totals: this.totals(fraction) };
  }

  /** All that changed since the last call, or null. */
  collect(run: RunState, fraction: number): QueueDelta | null {
    if (!this.#dirty) return null;
    const { added, changed, states, removed, order } = this.#changes;
    this.#changes = noChanges();
    this.#dirty = false;
    this.#revision += 1;
    const isNew = (entry: Entry): boolean => added.has(entry) || !this.#entries.has(entry.id);
    return {
      revision: this.#revision,
      added: [...added].map((entry) => entry.view),
      changed: [...changed].filter((entry) => !isNew(entry)).map((entry) => entry.view),
      states: [...states]
        .filter((entry) => !isNew(entry) && !changed.has(entry))
        .map((entry) => [entry.id, entry.view.state] as const),
      removed,
      order: order ? this.#order.map((entry) => entry.id) : null,
      run,
      totals: this.totals(fraction),
    };
  }
}

/** A list with some of its items moved before another, or to the end, in the order that they had. Pure. */
export function withMoved<T>(items: readonly T[], isMoving: (item: T) => boolean, isBefore: (item: T) => boolean): T[] {
  const rest = items.filter((item) => !isMoving(item));
  const found = rest.findIndex(isBefore);
  const at = found === -1 ? rest.length : found;
  return [...rest.slice(0, at), ...items.filter(isMoving), ...rest.slice(at)];
}

function noChanges(): Changes {
  return { added: new Set(), changed: new Set(), states: new Set(), removed: [], order: false };
}
