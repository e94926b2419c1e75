import { expect, it } from 'vitest';
import type { Runner } from '../../main/desktop/run.ts';
import { RunnerShelf } from '../../main/desktop/runner-shelf.ts';
import { sizePool, type PoolSize } from '../../main/pool/sizing.ts';

/** A shelf whose workers take a moment to start, and what happened on it. */
function shelf(): { readonly shelf: RunnerShelf; readonly events: string[] } {
  const events: string[] = [];
  const open = async (size: PoolSize): Promise<Runner> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    events.push(`start ${size.workers}`);
    const stop = (): Promise<void> => {
      events.push(`stop ${size.workers}`);
      return Promise.resolve();
    };
    // The shelf looks at nothing else of its workers.
    return { size, [Symbol.asyncDispose]: stop } as unknown as Runner;
  };
  return { shelf: new RunnerShelf(open), events };
}

const sizeOf = (workers: number): PoolSize =>
  sizePool(
    { cores: 8, memoryBytes: 16 * 1024 ** 3 },
    { workers, threads: 1, memoryBytes: 'auto', tilePx: 256, scale: 4 },
  );

it('starts workers once for all who ask at the same time', async () => {
  const { shelf: one, events } = shelf();
  const given = await Promise.all(Array.from({ length: 20 }, () => one.of(sizeOf(2))));
  expect(new Set(given).size).toBe(1);
  expect(events).toEqual(['start 2']);
});

it('ends the old workers before it starts others, and the last ones at the end', async () => {
  const { shelf: one, events } = shelf();
  await Promise.all([one.of(sizeOf(2)), one.of(sizeOf(3)), one.of(sizeOf(3))]);
  await one[Symbol.asyncDispose]();
  expect(events).toEqual(['start 2', 'stop 2', 'start 3', 'stop 3']);
});
