import { describe, expect, it } from 'vitest';
import { Arena } from '../../main/engine/arena.ts';

const layout = { sourceBytes: 100, outputBytes: 200, tileInputBytes: 10, tileOutputBytes: 30 };

describe('the arena', () => {
  it('hands out views of one slab that never overlap', () => {
    const arena = new Arena(layout);
    const regions = [
      ['source', 100],
      ['output0', 200],
      ['output1', 200],
      ['tileInput', 10],
      ['tileOutput', 30],
    ] as const;
    const views = regions.map(([region, bytes]) => {
      const view = arena.view(region, bytes);
      if (!view.ok) throw new Error(view.error.code);
      return view.value;
    });
    for (const [index, view] of views.entries()) view.fill(index + 1);
    for (const [index, view] of views.entries()) expect(new Set(view)).toEqual(new Set([index + 1]));
    expect(new Set(views.map((view) => view.buffer)).size).toBe(1);
    expect(views.every((view) => view.byteOffset % 64 === 0)).toBe(true);
  });

  it('gives the same memory again and counts it', () => {
    const arena = new Arena(layout);
    const [one, other] = [arena.view('source', 50), arena.view('source', 80)];
    if (!one.ok || !other.ok) throw new Error('refused');
    expect(one.value.byteOffset).toBe(other.value.byteOffset);
    expect(arena.counters()).toMatchObject({ reused: 2, refused: 0, allocations: 1 });
  });

  it('refuses what does not fit, as a value', () => {
    const arena = new Arena(layout);
    expect(arena.view('tileInput', 11)).toMatchObject({ ok: false, error: { code: 'arena-too-small' } });
    expect(arena.counters().refused).toBe(1);
  });

  it('allocates every time where reuse is switched off', () => {
    const arena = new Arena(layout, { reuse: false });
    const [one, other] = [arena.view('source', 50), arena.view('source', 50)];
    if (!one.ok || !other.ok) throw new Error('refused');
    expect(one.value.buffer).not.toBe(other.value.buffer);
    expect(arena.counters()).toMatchObject({ reservedBytes: 0, reused: 0, allocations: 3 });
  });
});
