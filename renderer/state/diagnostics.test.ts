import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Diagnostics } from '../../preload/contract/diagnostics.ts';
import type { Api } from '../api/api.ts';
import { createFake } from '../api/fake.ts';
import { DiagnosticsState } from './diagnostics.svelte.ts';

/** A fake main process whose readings are counted, and can be changed. */
function counted(change: (known: Diagnostics) => Diagnostics = (known) => known): { api: Api; readings: () => number } {
  const fake = createFake();
  let readings = 0;
  const ask: Api['ask'] = async (name, ...payload) => {
    const answer = await fake.ask(name, ...payload);
    if (name !== 'diagnostics:read') return answer;
    readings += 1;
    return change(answer as Diagnostics) as typeof answer;
  };
  return { api: { ...fake, ask }, readings: () => readings };
}

describe('the diagnostics in the window', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are read while somebody looks, at most once a pause, and once more for all that happened meanwhile', async () => {
    const { api, readings } = counted();
    const state = new DiagnosticsState(api, 1000);
    void state.refresh();
    await vi.advanceTimersByTimeAsync(3000);
    expect(readings()).toBe(0);
    state.open = true;
    for (let event = 0; event < 50; event += 1) void state.refresh();
    await vi.advanceTimersByTimeAsync(900);
    expect(readings()).toBe(1);
    await vi.advanceTimersByTimeAsync(1100);
    expect(readings()).toBe(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(readings()).toBe(2);
    void state.refresh();
    await vi.advanceTimersByTimeAsync(10);
    expect(readings()).toBe(3);
  });

  it('are read again until a worker has told its versions', async () => {
    let left = 2;
    const { api, readings } = counted((known) =>
      left-- > 0 ? { ...known, facts: { ...known.facts, codec: null } } : known,
    );
    const state = new DiagnosticsState(api, 1000);
    state.open = true;
    void state.refresh();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(readings()).toBe(3);
    expect(state.known?.facts.codec?.libvips).toBe('8.18.7');
  });

  it('say what came of an export and a copy, until they are opened anew', async () => {
    const state = new DiagnosticsState(createFake(), 1000);
    state.open = true;
    void state.copy();
    await vi.advanceTimersByTimeAsync(10);
    expect(state.said).toEqual({ tone: 'good', words: 'Copied.' });
    void state.exportTrace();
    await vi.advanceTimersByTimeAsync(10);
    expect(state.said?.words).toBe('The trace tells of 0 photos.');
    state.open = true;
    expect(state.said).toBeNull();
  });
});
