import { SvelteSet } from 'svelte/reactivity';
import type { JobId } from '../../preload/contract/dto.ts';
import type { QueueRow, QueueState } from './queue.svelte.ts';

/** How a click or a key changes the selection. */
export type SelectMode = 'only' | 'toggle' | 'range';

/** Which photos are selected, and which one is shown. */
export class SelectionState {
  readonly ids = new SvelteSet<JobId>();
  /** The photo under the keyboard, which the viewer shows. */
  active = $state<JobId | null>(null);
  #anchor: JobId | null = null;
  readonly #queue: QueueState;

  /** The shown photo's row: the first while none was chosen, undefined once a chosen one is gone. */
  readonly activeRow = $derived.by(() => (this.active === null ? this.#queue.rows[0] : this.#queue.row(this.active)));

  /** The selected rows that are on show, in the queue's order: no command may reach a photo that nobody sees. */
  readonly rows = $derived.by((): readonly QueueRow[] => this.#queue.visible.filter((row) => this.ids.has(row.id)));

  constructor(queue: QueueState) {
    this.#queue = queue;
  }

  has(id: JobId): boolean {
    return this.ids.has(id);
  }

  /** Selects by a click on a row, with what the modifier keys meant. */
  pick(id: JobId, mode: SelectMode): void {
    this.active = id;
    if (mode === 'range' && this.#selectFromAnchor(id)) return;
    this.#anchor = id;
    if (mode === 'toggle') {
      if (!this.ids.delete(id)) this.ids.add(id);
      return;
    }
    this.ids.clear();
    this.ids.add(id);
  }

  /** Moves by rows; a step beyond the ends stays there. With `none` the selection stays as it is. Returns the row's index in the visible list. */
  step(rows: number, mode: 'only' | 'range' | 'none'): number {
    const visible = this.#queue.visible;
    const now = visible.findIndex((row) => row.id === this.active);
    const next = Math.min(visible.length - 1, Math.max(0, (now === -1 ? Math.min(0, -Math.sign(rows)) : now) + rows));
    const row = visible[next];
    if (row !== undefined && mode === 'none') this.active = row.id;
    else if (row !== undefined && mode !== 'none') this.pick(row.id, mode);
    return next;
  }

  /** All that are on show, and only those. */
  all(): void {
    this.#select(this.#queue.visible);
    this.active ??= this.#queue.visible[0]?.id ?? null;
  }

  /** Selects those of some rows that are on show. */
  keep(rows: readonly QueueRow[]): void {
    this.#select(rows);
    this.#select(this.rows);
  }

  clear(): void {
    this.ids.clear();
    this.#anchor = this.active;
  }

  /** Lets go of photos that left the queue, and shows a neighbour in place of one that was shown. */
  forget(removed: readonly JobId[], neighbour: JobId | null): void {
    for (const id of removed) this.ids.delete(id);
    if (this.active === null || !removed.includes(this.active)) return;
    this.active = neighbour;
    this.#anchor = neighbour;
    if (neighbour !== null && this.rows.length === 0)
      this.#select(this.#queue.rows.filter(({ id }) => id === neighbour));
  }

  /** False where a range would begin out of sight. */
  #selectFromAnchor(to: JobId): boolean {
    const visible = this.#queue.visible;
    const one = visible.findIndex((row) => row.id === this.#anchor);
    const other = visible.findIndex((row) => row.id === to);
    if (one === -1 || other === -1) return false;
    this.#select(visible.slice(Math.min(one, other), Math.max(one, other) + 1));
    return true;
  }

  #select(rows: readonly QueueRow[]): void {
    this.ids.clear();
    for (const row of rows) this.ids.add(row.id);
  }
}
