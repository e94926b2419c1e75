import { describe, expect, it } from 'vitest';
import { failure, success } from '../../main/engine/errors.ts';
import { MAX_WARM_UP_RUNS, warmUp } from '../../main/engine/warm-up.ts';

/** A tile whose runs take the given times, the last one over and over. */
function tileThatTakes(timesMs: readonly number[]) {
  let nowMs = 0;
  let runs = 0;
  return {
    now: () => nowMs,
    tile: {
      run: () => {
        nowMs += timesMs[Math.min(runs, timesMs.length - 1)]!;
        runs += 1;
        return Promise.resolve(success(undefined));
      },
    },
  };
}

describe('warming up', () => {
  it('stops once the time per tile settles', async () => {
    const { tile, now } = tileThatTakes([90, 60, 50, 51]);
    expect(await warmUp(tile, now)).toEqual(success(4));
  });

  it('stops after thirty runs in any case', async () => {
    const falling = Array.from({ length: 40 }, (_, at) => 1000 * 0.9 ** at);
    const { tile, now } = tileThatTakes(falling);
    expect(await warmUp(tile, now)).toEqual(success(MAX_WARM_UP_RUNS));
  });

  it('hands on what the model fails with', async () => {
    const broken = { run: () => Promise.resolve(failure('out-of-memory', 'No memory.')) };
    expect(await warmUp(broken, () => 0)).toMatchObject({ ok: false, error: { code: 'out-of-memory' } });
  });
});
