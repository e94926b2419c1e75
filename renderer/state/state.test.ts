import { describe, expect, it } from 'vitest';
import type { JobState, QueueDelta, QueuePage } from '../../preload/contract/dto.ts';
import type { Api } from '../api/api.ts';
import { createFake } from '../api/fake.ts';
import { AppState } from './app.svelte.ts';
import { QueueState } from './queue.svelte.ts';
import { SelectionState } from './selection.svelte.ts';

/** A fake main process whose page is held back until told. */
function slowPages(api: Api): { readonly api: Api; readonly release: () => void } {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ask: Api['ask'] = async (name, ...payload) => {
    const answer = await api.ask(name, ...payload);
    if (name === 'queue:read') await held;
    return answer;
  };
  return { api: { ...api, ask }, release };
}

/** What the main process tells when a photo's state changes. */
function stateChange({ run, totals }: QueueState, id: number, state: JobState): QueueDelta {
  return { revision: 99, added: [], changed: [], states: [[id, state]], removed: [], order: null, run, totals };
}

describe('the queue in the window', () => {
  it('misses nothing that happens while it is first read', async () => {
    const { api, release } = slowPages(createFake({ photos: 20 }));
    const queue = new QueueState(api);
    const connecting = queue.connect();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await api.ask('queue:add', { paths: ['a', 'b'] });
    await api.ask('queue:remove', { jobs: [1] });
    release();
    await connecting;
    const page: QueuePage = await api.ask('queue:read', { from: 0, count: 100 });
    expect(queue.rows.map((row) => row.job)).toEqual(page.jobs);
    expect(queue.rows).toHaveLength(21);
  });

  it('draws only the rows that changed', async () => {
    const queue = new QueueState(createFake({ photos: 5 }));
    await queue.connect();
    const before = queue.rows.map((row) => row.job);
    queue.apply(stateChange(queue, 3, { kind: 'running', fraction: 0.5, leftMs: null }));
    expect(queue.rows.map((row, index) => row.job === before[index])).toEqual([true, true, false, true, true]);
  });

  it('is narrowed by state and by name', async () => {
    const queue = new QueueState(createFake({ photos: 20 }));
    await queue.connect();
    queue.filter = 'failed';
    expect(queue.visible).toHaveLength(0);
    queue.filter = 'all';
    queue.search = 'GLACIER';
    expect(queue.visible.length).toBeGreaterThan(0);
    expect(queue.visible.every(({ job }) => job.name.includes('glacier'))).toBe(true);
  });
});

describe('the selection', () => {
  async function ten(): Promise<SelectionState> {
    const queue = new QueueState(createFake({ photos: 10 }));
    await queue.connect();
    return new SelectionState(queue);
  }

  it('grows from where it began', async () => {
    const selection = await ten();
    selection.pick(4, 'only');
    selection.pick(7, 'range');
    selection.pick(2, 'range');
    expect(selection.rows.map(({ id }) => id)).toEqual([2, 3, 4]);
    selection.pick(9, 'toggle');
    expect(selection.rows.map(({ id }) => id)).toEqual([2, 3, 4, 9]);
  });

  it('steps to the ends and stays there', async () => {
    const selection = await ten();
    expect(selection.step(Number.MAX_SAFE_INTEGER, 'only')).toBe(9);
    expect(selection.step(1, 'only')).toBe(9);
    expect(selection.step(-Number.MAX_SAFE_INTEGER, 'only')).toBe(0);
    expect(selection.active).toBe(1);
  });
});

describe('a selection in a narrowed list', () => {
  async function ten(): Promise<AppState> {
    const { app } = await AppState.open(createFake({ photos: 10 }));
    return app;
  }
  const failed = { kind: 'failed', error: { code: 'broken', message: 'Broken.' } } as const;
  const idsOf = (rows: readonly { readonly id: number }[]): number[] => rows.map(({ id }) => id);

  it('is of the photos in sight: those that a filter hides are not removed', async () => {
    const app = await ten();
    app.queue.apply(stateChange(app.queue, 3, failed));
    app.selection.all();
    app.narrow({ filter: 'failed' });
    app.selection.all();
    expect(idsOf(app.selection.rows)).toEqual([3]);
    await app.removeSelected();
    expect(idsOf(app.queue.rows)).toEqual([1, 2, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('does not come back with photos that were out of sight', async () => {
    const app = await ten();
    app.selection.all();
    app.narrow({ search: 'glacier' });
    const found = idsOf(app.queue.visible);
    expect(found.length).toBeLessThan(10);
    app.narrow({ search: '' });
    expect(idsOf(app.selection.rows)).toEqual(found);
  });

  it('lets go of a photo that leaves the list by itself', async () => {
    const app = await ten();
    app.narrow({ filter: 'waiting' });
    app.selection.pick(3, 'only');
    app.selection.pick(4, 'toggle');
    app.queue.apply(stateChange(app.queue, 3, failed));
    expect(idsOf(app.selection.rows)).toEqual([4]);
    app.narrow({ filter: 'all' });
    expect(idsOf(app.selection.rows)).toEqual([4]);
  });

  it('goes to the neighbour of what was removed, though one of it had left the list before', async () => {
    const app = await ten();
    app.narrow({ filter: 'waiting' });
    app.selection.pick(3, 'only');
    app.selection.pick(4, 'toggle');
    app.queue.apply(stateChange(app.queue, 3, failed));
    await app.removeSelected();
    expect(idsOf(app.selection.rows)).toEqual([5]);
    app.narrow({ filter: 'all' });
    expect(idsOf(app.selection.rows)).toEqual([5]);
  });

  it('is moved before a photo that was selected and left the list', async () => {
    const app = await ten();
    app.narrow({ filter: 'waiting' });
    app.selection.pick(1, 'only');
    app.selection.pick(3, 'toggle');
    app.queue.apply(stateChange(app.queue, 1, failed));
    await app.moveSelected('top');
    expect(idsOf(app.queue.rows).slice(0, 4)).toEqual([3, 1, 2, 4]);
  });

  it('moves past the next photo in sight, and stays at the ends of what is in sight', async () => {
    const app = await ten();
    for (const id of [2, 5, 9]) app.queue.apply(stateChange(app.queue, id, failed));
    app.narrow({ filter: 'failed' });
    app.selection.pick(5, 'only');
    await app.moveSelected('up');
    expect(idsOf(app.queue.rows)).toEqual([1, 5, 2, 3, 4, 6, 7, 8, 9, 10]);
    await app.moveSelected('up');
    expect(idsOf(app.queue.rows)).toEqual([1, 5, 2, 3, 4, 6, 7, 8, 9, 10]);
    app.selection.pick(2, 'only');
    await app.moveSelected('down');
    expect(idsOf(app.queue.rows)).toEqual([1, 5, 3, 4, 6, 7, 8, 9, 2, 10]);
    await app.moveSelected('down');
    expect(idsOf(app.queue.rows)).toEqual([1, 5, 3, 4, 6, 7, 8, 9, 2, 10]);
  });

  it('begins anew where a range began out of sight', async () => {
    const app = await ten();
    app.selection.pick(1, 'only');
    app.queue.apply(stateChange(app.queue, 5, failed));
    app.narrow({ filter: 'failed' });
    app.selection.pick(5, 'range');
    expect(idsOf(app.selection.rows)).toEqual([5]);
  });
});
