import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanPixel, type BorderFill } from '../../main/engine/border.ts';
import { makePlan } from '../../main/engine/plan.ts';
import type { BytesPerSample, PlaneChannels } from '../../main/engine/ports.ts';
import { tilePicture, untiled } from '../helpers/tile-picture.ts';
import { tinyModel } from '../helpers/tiny-model.ts';

const roomy = { sourceBytes: 1e9, outputBytes: 1e9 };

function noise(bytes: number, seed: number): Uint8Array {
  let state = seed | 1;
  return Uint8Array.from({ length: bytes }, () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    return state >>> 24;
  });
}

const cases = fc.record({
  widthPx: fc.integer({ min: 1, max: 90 }),
  heightPx: fc.integer({ min: 1, max: 90 }),
  layers: fc.integer({ min: 1, max: 9 }),
  scale: fc.constantFrom(1, 2, 3),
  channels: fc.constantFrom<PlaneChannels>(1, 3),
  bytesPerSample: fc.constantFrom<BytesPerSample>(1, 2),
  padding: fc.constantFrom('valid', 'same'),
  border: fc.constantFrom('reflect', 'edge', 'mean'),
  spareTilePx: fc.integer({ min: 0, max: 40 }),
  spareHaloPx: fc.integer({ min: 0, max: 3 }),
  stripRows: fc.integer({ min: 1, max: 60 }),
  rowUnitPx: fc.constantFrom(1, 2, 4, 16),
  seed: fc.integer(),
});

describe('dilated tiling', () => {
  it('gives the bytes of the untiled picture, for any size, tile, strip, border and depth', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ widthPx, heightPx, layers, spareHaloPx, rowUnitPx, ...rest }) => {
        const image = { widthPx, heightPx };
        const model = tinyModel({ layers, ...rest });
        const bytesPerPixel = rest.channels * rest.bytesPerSample;
        const haloPx = layers + spareHaloPx;
        const fill: BorderFill =
          rest.border === 'mean'
            ? { kind: 'constant', pixel: meanPixel(rest.channels, rest.bytesPerSample) }
            : { kind: rest.border };
        const pixels = noise(widthPx * heightPx * bytesPerPixel, rest.seed);
        const outputBytes = rest.stripRows * widthPx * rest.scale ** 2 * bytesPerPixel;
        const { result } = await tilePicture(pixels, image, model, {
          tiling: 'dilated',
          tilePx: 2 * haloPx + 16 + rest.spareTilePx,
          haloPx,
          fill,
          budget: { sourceBytes: 1e9, outputBytes },
          rowUnitPx,
        });
        expect(Buffer.compare(result, await untiled(pixels, image, model, haloPx, fill))).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('shows seams when the halo is one pixel short, so the test above can fail', async () => {
    const model = tinyModel({ layers: 4, scale: 2, channels: 3, bytesPerSample: 1, padding: 'same' });
    const image = { widthPx: 80, heightPx: 80 };
    const pixels = noise(80 * 80 * 3, 7);
    const options = { tiling: 'dilated', tilePx: 40, fill: { kind: 'reflect' }, budget: roomy } as const;
    const whole = await untiled(pixels, image, model, 4, options.fill);
    const exact = await tilePicture(pixels, image, model, { ...options, haloPx: 4 });
    const short = await tilePicture(pixels, image, model, { ...options, haloPx: 3 });
    expect(Buffer.compare(exact.result, whole)).toBe(0);
    expect(Buffer.compare(short.result, whole)).not.toBe(0);
  });
});

describe('a plan in row units', () => {
  const sides = fc.integer({ min: 1, max: 3000 });
  it('has as many tiles as one without, and strips of whole units but for the last', () => {
    fc.assert(
      fc.property(sides, fc.integer({ min: 48, max: 500 }), fc.constantFrom(2, 4, 8, 16), (heightPx, tilePx, unit) => {
        const image = { widthPx: 100, heightPx };
        const request = { image, scale: 4, tiling: 'dilated', tilePx, haloPx: 13, bytesPerPixel: 3 } as const;
        const free = makePlan({ ...request, budget: roomy });
        const plan = makePlan({ ...request, budget: roomy, rowUnitPx: unit });
        if (!plan.ok || !free.ok) throw new Error('no plan');
        const { strips, interior } = plan.value;
        for (const { rows } of strips.slice(0, -1)) expect((rows.end - rows.start) % unit).toBe(0);
        expect(strips.map(({ rows }) => rows.start)).toEqual([0, ...strips.slice(0, -1).map(({ rows }) => rows.end)]);
        expect(strips.at(-1)!.rows.end).toBe(heightPx);
        expect(interior.heightPx).toBeLessThanOrEqual(tilePx - 26);
        // Only a window that is itself no whole number of units may need a row of tiles more.
        if ((tilePx - 26) % unit === 0) expect(strips).toHaveLength(free.value.strips.length);
      }),
    );
  });

  it('computes no row in vain where the last strip can be higher than the others', () => {
    const request = { image: { widthPx: 1225, heightPx: 1633 }, scale: 4, tiling: 'dilated', tilePx: 448 } as const;
    const plan = makePlan({ ...request, haloPx: 13, bytesPerPixel: 3, budget: roomy, rowUnitPx: 4 });
    if (!plan.ok) throw new Error(plan.error.code);
    expect(plan.value.strips.map(({ rows }) => rows.end - rows.start)).toEqual([408, 408, 408, 409]);
    expect(plan.value.interior.heightPx).toBe(409);
  });
});

describe('the baselines', () => {
  it('plain: keeps whole windows and fills the last ones with zeros', async () => {
    const model = tinyModel({ layers: 1, scale: 1, channels: 1, bytesPerSample: 1, padding: 'same' });
    const image = { widthPx: 40, heightPx: 20 };
    const pixels = noise(800, 3);
    const fill: BorderFill = { kind: 'constant', pixel: Uint8Array.of(0) };
    const { plan, result } = await tilePicture(pixels, image, model, {
      tiling: 'plain',
      tilePx: 32,
      haloPx: 9,
      fill,
      budget: roomy,
    });
    expect(plan.tile).toEqual({ widthPx: 32, heightPx: 32 });
    expect(plan.tileColumns.map((column) => column.keep)).toEqual([
      { start: 0, end: 32 },
      { start: 32, end: 40 },
    ]);
    // The right window, run by itself over zeros.
    const window = new Uint8Array(32 * 32);
    for (let y = 0; y < 20; y += 1) window.set(pixels.subarray(y * 40 + 32, y * 40 + 40), y * 32);
    const alone = new Uint8Array(32 * 32);
    await model.bind({ widthPx: 32, heightPx: 32 }, window, alone).run();
    for (let y = 0; y < 20; y += 1) {
      expect(result.subarray(y * 40 + 32, y * 40 + 40)).toEqual(alone.subarray(y * 32, y * 32 + 8));
    }
  });

  it.each([1, 2] as const)('average: is the mean of the windows that overlap by half (%i byte)', async (bytes) => {
    const model = tinyModel({ layers: 2, scale: 2, channels: 3, bytesPerSample: bytes, padding: 'same' });
    const image = { widthPx: 50, heightPx: 70 };
    const pixels = noise(50 * 70 * 3 * bytes, 11);
    const options = { tiling: 'average', tilePx: 24, haloPx: 0, fill: { kind: 'edge' }, budget: roomy } as const;
    const { plan, result } = await tilePicture(pixels, image, model, options);
    expect(plan.strips.length).toBeGreaterThan(3);
    const sums = new Float64Array(100 * 140 * 3);
    const counts = new Float64Array(100 * 140 * 3);
    for (const top of [0, 12, 24, 36, 46]) {
      for (const left of [0, 12, 24, 26]) {
        const window = new Uint8Array(24 * 24 * 3 * bytes);
        for (let y = 0; y < 24; y += 1) {
          const from = ((top + y) * 50 + left) * 3 * bytes;
          window.set(pixels.subarray(from, from + 24 * 3 * bytes), y * 24 * 3 * bytes);
        }
        const output = new Uint8Array(48 * 48 * 3 * bytes);
        await model.bind({ widthPx: 24, heightPx: 24 }, window, output).run();
        const samples = bytes === 1 ? output : new Uint16Array(output.buffer);
        samples.forEach((value, at) => {
          const y = 2 * top + Math.floor(at / (48 * 3));
          const to = (y * 100 + 2 * left) * 3 + (at % (48 * 3));
          sums[to]! += value;
          counts[to]! += 1;
        });
      }
    }
    const got = bytes === 1 ? result : new Uint16Array(result.buffer);
    expect([...got]).toEqual(Array.from(sums, (sum, at) => Math.round(sum / counts[at]!)));
  });
});

describe('a plan', () => {
  const request = {
    image: { widthPx: 4000, heightPx: 3000 },
    scale: 4,
    tiling: 'dilated',
    tilePx: 256,
    haloPx: 13,
    bytesPerPixel: 3,
    budget: { sourceBytes: 16e6, outputBytes: 64e6 },
  } as const;

  it('has one balanced tile shape and covers every row once', () => {
    const plan = makePlan(request);
    if (!plan.ok) throw new Error(plan.error.code);
    const { tile, tileColumns, strips } = plan.value;
    expect(tile.widthPx).toBe(Math.ceil(4000 / Math.ceil(4000 / 230)) + 26);
    expect(tileColumns.at(-1)!.keep.end).toBe(4000);
    expect(strips.map((strip) => strip.rows.start)).toEqual([0, ...strips.slice(0, -1).map((strip) => strip.rows.end)]);
    expect(strips.at(-1)!.rows.end).toBe(3000);
  });

  it('refuses a tile without room for its halo, and says which would do', () => {
    expect(makePlan({ ...request, tilePx: 41 })).toMatchObject({
      ok: false,
      error: { code: 'tile-too-small', details: { smallestPx: 42 } },
    });
  });

  it('refuses a photo of which not one row fits the memory', () => {
    expect(makePlan({ ...request, budget: { ...request.budget, outputBytes: 1000 } })).toMatchObject({
      ok: false,
      error: { code: 'photo-too-wide' },
    });
  });
});
