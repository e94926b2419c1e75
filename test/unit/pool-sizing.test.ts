import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePlan } from '../../main/engine/plan.ts';
import { sizePool } from '../../main/pool/sizing.ts';

const auto = { workers: 'auto', threads: 'auto', memoryBytes: 'auto', tilePx: 256, scale: 4 } as const;
const gibibyte = 1024 ** 3;

describe('sizing the pool', () => {
  it('takes a worker a core with one thread each', () => {
    expect(sizePool({ cores: 8, memoryBytes: 32 * gibibyte }, auto)).toMatchObject({ workers: 8, threads: 1 });
  });

  it('takes fewer workers where memory is short, and one in any case', () => {
    expect(sizePool({ cores: 16, memoryBytes: 4 * gibibyte }, auto).workers).toBe(5);
    expect(sizePool({ cores: 16, memoryBytes: gibibyte / 4 }, auto).workers).toBe(1);
  });

  it('leaves room for the heap of a WebAssembly codec, so that a small machine does not swap', () => {
    const workers = (gigabytes: number, codec: 'native' | 'wasm'): number =>
      sizePool({ cores: 4, memoryBytes: gigabytes * gibibyte, codec }, auto).workers;
    expect([workers(4, 'native'), workers(4, 'wasm')]).toEqual([4, 2]);
    expect([workers(2, 'native'), workers(2, 'wasm')]).toEqual([2, 1]);
    expect(workers(16, 'wasm')).toBe(4);
    // What a person fixed stays.
    expect(sizePool({ cores: 4, memoryBytes: gibibyte, codec: 'wasm' }, { ...auto, workers: 3 }).workers).toBe(3);
  });

  it('shares cores between threads that were asked for', () => {
    expect(sizePool({ cores: 8, memoryBytes: 32 * gibibyte }, { ...auto, threads: 4 })).toMatchObject({
      workers: 2,
      threads: 4,
    });
  });

  it('gives every plan strips that fit the arena, however wide the photo', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65_535 }),
        fc.integer({ min: 64, max: 512 }),
        fc.integer({ min: 256 * 1024 ** 2, max: 2 * gibibyte }),
        (widthPx, tilePx, memoryBytes) => {
          const { budget, layout } = sizePool(
            { cores: 2, memoryBytes: 8 * gibibyte },
            { ...auto, tilePx, memoryBytes },
          );
          const image = { widthPx, heightPx: 3000 };
          const plan = makePlan({ image, scale: 4, tiling: 'dilated', tilePx, haloPx: 13, bytesPerPixel: 3, budget });
          if (!plan.ok) throw new Error(plan.error.code);
          const { strips, sourceColumns, tile } = plan.value;
          for (const { rows, sourceRows } of strips) {
            expect((rows.end - rows.start) * widthPx * 16 * 3).toBeLessThanOrEqual(layout.outputBytes);
            const sourceBytes = (sourceRows.end - sourceRows.start) * (sourceColumns.end - sourceColumns.start) * 3;
            expect(sourceBytes).toBeLessThanOrEqual(layout.sourceBytes);
          }
          expect(tile.heightPx * tile.widthPx * 3).toBeLessThanOrEqual(layout.tileInputBytes);
        },
      ),
    );
  });
});
