import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  candidateCrews,
  candidateTiles,
  haloCost,
  poolSizeFor,
  searchSpace,
  type SpaceRequest,
} from '../../main/tune/space.ts';

const gibibyte = 1024 ** 3;

function requestOf(wish: Partial<SpaceRequest> & { cores?: number; memoryBytes?: number } = {}): SpaceRequest {
  const { cores = 2, memoryBytes = 16 * gibibyte, ...rest } = wish;
  return {
    machine: { cores, memoryBytes },
    provider: 'cpu',
    precision: 'int8',
    scale: 4,
    fieldPx: 13,
    photo: { widthPx: 1633, heightPx: 1225 },
    standardTilePx: 352,
    ...rest,
    memoryBytes: 'auto',
  };
}

const namesOf = (request: SpaceRequest) =>
  candidateCrews(request).map(({ workers, threads }) => `${workers}×${threads}`);

describe('the cost of a halo', () => {
  it('is what the layers of a VALID graph compute beyond the interior', () => {
    // Thirteen layers of 3×3: each one's result is a frame of one pixel narrower.
    const [interior, halo] = [326, 13];
    const layers = Array.from({ length: halo }, (_, layer) => (interior + 2 * (halo - layer - 0.5)) ** 2);
    const mean = layers.reduce((sum, area) => sum + area, 0) / halo / interior ** 2;
    expect(haloCost(interior + 2 * halo, halo)).toBeCloseTo(mean, 3);
  });
});

describe('the tiles that are tried', () => {
  it('leave out those whose halo is most of the work, by the model’s own field', () => {
    expect(candidateTiles(requestOf())[0]).toBe(128);
    expect(candidateTiles(requestOf({ fieldPx: 4 }))[0]).toBe(96);
    expect(candidateTiles(requestOf({ fieldPx: 60 }))[0]).toBe(352);
  });

  it('reach further where the halo costs much, and on a device, which has more to do at once', () => {
    expect(candidateTiles(requestOf()).at(-1)).toBe(512);
    expect(candidateTiles(requestOf({ fieldPx: 34, standardTilePx: 480 }))).toEqual([320, 384, 448, 480, 512, 640]);
    expect(candidateTiles(requestOf({ provider: 'webgpu' })).slice(-2)).toEqual([640, 768]);
  });

  it('always have the standard among them', () => {
    expect(candidateTiles(requestOf({ standardTilePx: 333 }))).toContain(333);
  });
});

describe('the workers × threads that are tried', () => {
  it('divide the cores every way, and leave one or half of them free', () => {
    expect(namesOf(requestOf({ cores: 1 }))).toEqual(['1×1']);
    expect(namesOf(requestOf({ cores: 2 }))).toEqual(['2×1', '1×2', '1×1']);
    expect(namesOf(requestOf({ cores: 8, memoryBytes: 64 * gibibyte }))).toEqual([
      '8×1',
      '4×2',
      '2×4',
      '1×8',
      '4×1',
      '2×2',
      '1×4',
      '7×1',
    ]);
  });

  it('are one worker of one thread on a device, with an arena that has room for its tiles', () => {
    const request = requestOf({ cores: 8, provider: 'webgpu', precision: 'fp32' });
    expect(namesOf(request)).toEqual(['1×1']);
    const space = searchSpace(request);
    expect(new Set(space.map(({ cell }) => cell.provider))).toEqual(new Set(['webgpu']));
    expect(poolSizeFor(request, { workers: 1, threads: 1 })).toMatchObject({ provider: 'webgpu', workers: 1 });
    expect(space.length).toBeGreaterThan(5);
  });

  it('never ask for more cores than there are, nor for more memory than the pool would take by itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128 }), fc.integer({ min: 1, max: 64 }), (cores, memoryGib) => {
        const crews = candidateCrews(requestOf({ cores, memoryBytes: memoryGib * gibibyte }));
        expect(crews.length).toBeGreaterThan(0);
        const most = Math.max(1, Math.floor((memoryGib * gibibyte * 0.5) / (392 * 1024 ** 2)));
        for (const { workers, threads } of crews) {
          expect(workers * threads).toBeLessThanOrEqual(cores);
          expect(workers).toBeLessThanOrEqual(most);
        }
        expect(new Set(crews.map(({ workers, threads }) => `${workers}×${threads}`)).size).toBe(crews.length);
      }),
    );
  });
});

describe('the search space', () => {
  it('begins with what is used where nothing is tuned', () => {
    const [first] = searchSpace(requestOf({ cores: 4 }));
    expect(first?.cell).toEqual({ provider: 'cpu', precision: 'int8', workers: 4, threads: 1, tilePx: 352 });
  });

  it('has one cell for tiles that cut the photo alike, and keeps the standard’s name for it', () => {
    const small = requestOf({ photo: { widthPx: 300, heightPx: 200 } });
    const tiles = searchSpace(small).filter(({ cell }) => cell.workers === 2);
    const shapes = tiles.map(({ plan }) => `${plan.tile.widthPx}×${plan.tile.heightPx}`);
    expect(new Set(shapes).size).toBe(shapes.length);
    expect(tiles.map(({ cell }) => cell.tilePx)).toContain(352);
    expect(tiles.map(({ cell }) => cell.tilePx)).not.toContain(384);
  });

  it('has an arena with room for every tile of a crew', () => {
    const request = requestOf({ cores: 4 });
    for (const { cell, plan } of searchSpace(request)) {
      const { layout } = poolSizeFor(request, cell);
      expect(plan.tile.widthPx * plan.tile.heightPx * 3).toBeLessThanOrEqual(layout.tileInputBytes);
      const largePx = (px: number) => (px - 26) * 4;
      expect(largePx(plan.tile.widthPx) * largePx(plan.tile.heightPx) * 3).toBeLessThanOrEqual(layout.tileOutputBytes);
    }
  });
});
