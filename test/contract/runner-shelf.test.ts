import { expect, it } from 'vitest';
import type { Runner } from '../../main/desktop/runner.ts';
import { RunnerShelf } from '../../main/desktop/runner-shelf.ts';
import { sizePool, type PoolSize } from '../../main/pool/sizing.ts';

/** A shelf whose workers take a moment to start, and what happened on it. */
function shelf(): {
  readonly at: (workers: number) => Promise<Runner>;
  readonly events: string[];
  readonly end: () => Promise<void>;
} {
  const events: string[] = [];
  let wanted = sizeOf(1);
  const open = async (size: PoolSize): Promise<Runner> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    events.push(`start ${size.workers}`);
    const stop = (): Promise<void> => {
      events.push(`stop ${size.workers}`);
      return Promise.resolve();
    };
    const fits = (other: PoolSize): boolean => other.workers === size.workers;
    // The shelf looks at nothing else of its workers.
    return { size, fits, [Symbol.asyncDispose]: stop } as unknown as Runner;
  };
  const one = new RunnerShelf(() => wanted, open);
  const at = (workers: number): Promise<Runner> => {
    wanted = sizeOf(workers);
    return one.fitting();
  };
  return { at, events, end: () => one[Symbol.asyncDispose]() };
}

const sizeOf = (workers: number): PoolSize =>
  sizePool(
    { cores: 8, memoryBytes: 16 * 1024 ** 3 },
    { workers, threads: 1, memoryBytes: 'auto', tilePx: 256, scale: 4 },
  );

it('starts workers once for all who ask at the same time', async () => {
  const { at, events } = shelf();
  const given = await Promise.all(Array.from({ length: 20 }, () => at(2)));
  expect(new Set(given).size).toBe(1);
  expect(events).toEqual(['start 2']);
});

it('ends the old workers before it starts others, and the last ones at the end', async () => {
  const { at, events, end } = shelf();
  await at(2);
  await Promise.all([at(3), at(3)]);
  await end();
  expect(events).toEqual(['start 2', 'stop 2', 'start 3', 'stop 3']);
});

it('starts none for a wish that was taken back before its turn', async () => {
  const { at, events } = shelf();
  await Promise.all([at(2), at(3), at(2)]);
  expect(events).toEqual(['start 2']);
});
