import { describe, expect, it } from 'vitest';
import type { QueueDelta, QueuePage } from '../../preload/contract/dto.ts';
import type { Api } from '../api/api.ts';
import { createFake } from '../api/fake.ts';
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
    const delta: QueueDelta = {
      revision: 99,
      added: [],
      changed: [],
      states: [[3, { kind: 'running', fraction: 0.5, leftMs: null }]],
      removed: [],
      order: null,
      run: { kind: 'running', leftMs: null, megapixelsPerSecond: null },
      totals: queue.totals,
    };
    queue.apply(delta);
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
