import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { loadPlanesModel } from '../../main/engine/adapters/planes-model.ts';
import { loadTileModel } from '../../main/engine/adapters/ort-model.ts';
import { success, type Result } from '../../main/engine/errors.ts';
import type { TileModel } from '../../main/engine/ports.ts';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import { withPaperPhoto } from '../../main/tune/paper-photo.ts';
import { measureInTurns, type TurnOptions } from '../../main/tune/paper-turns.ts';
import { measurePaper } from '../../main/tune/paper.ts';
import { ablations, type Way } from '../../main/tune/paper-ways.ts';
import { Desk } from '../../main/worker/desk.ts';
import type { Trial } from '../../main/worker/protocol.ts';
import { loadGraph } from '../../models/load-graph.ts';
import { temporaryFolder, workerEntry } from '../helpers/enhancer.ts';
import { pictureSamples, readSamples } from '../helpers/photos.ts';

const start = childProcessTransport(workerEntry);
const machine = { cores: 2, memoryBytes: 16e9 };
/** Small and quick. */
const modelId = 'quicksrnet-s-x4';
const fieldPx = 4;
const runtime = { provider: 'cpu', threads: 1 } as const;

function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.message} (${result.error.code})`);
}

/** What a model makes of a picture with ramps, edges and noise. */
async function inferred(model: TileModel): Promise<Uint8Array> {
  const shape = { heightPx: 60, widthPx: 75 };
  const grown = (px: number): number => (px - 2 * model.marginPx) * model.scale;
  const output = new Uint8Array(grown(shape.heightPx) * grown(shape.widthPx) * 3);
  const tile = model.bind(shape, pictureSamples(shape) as Uint8Array, output);
  valueOf(await tile.run());
  const first = output.slice();
  output.fill(0);
  // Again, because planes are kept from run to run.
  valueOf(await tile.run());
  expect(output).toEqual(first);
  await model.dispose();
  return first;
}

function largestDifference(one: Uint8Array, other: Uint8Array): number {
  expect(one.length).toBe(other.length);
  return one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at]!)), 0);
}

describe('the forms of a graph that ours are compared with', () => {
  for (const id of ['quicksrnet-s-x4', 'quicksrnet-l-x4', 'quicksrnet-l-x2'] as const) {
    for (const padding of ['valid', 'same'] as const) {
      it(`give the pictures of ours: ${id}, ${padding}`, async () => {
        for (const precision of ['int8', 'fp32'] as const) {
          const ours = await loadGraph({ modelId: id }, { precision, padding });
          const planes = await loadGraph({ modelId: id }, { precision, padding, comparison: 'planes' });
          expect(planes).toMatchObject({ haloPx: ours.haloPx, marginPx: ours.marginPx });
          const wanted = await inferred(valueOf(await loadTileModel(ours, runtime)));
          expect(new Set(wanted).size).toBeGreaterThan(100);
          const given = await inferred(valueOf(await loadPlanesModel(planes, runtime)));
          expect(largestDifference(given, wanted)).toBeLessThanOrEqual(1);
          const comparison = precision === 'int8' ? 'unsigned-weights' : 'fp16';
          const other = await loadGraph({ modelId: id }, { precision, padding, comparison });
          const again = await inferred(valueOf(await loadTileModel(other, runtime)));
          expect(largestDifference(again, wanted)).toBeLessThanOrEqual(precision === 'int8' ? 0 : 3);
        }
      });
    }
  }
});

describe('a cold start', () => {
  it('is one without a blank tile', async () => {
    const layout = { sourceBytes: 0, outputBytes: 0, tileInputBytes: 0, tileOutputBytes: 0 };
    const config = { threads: 1, provider: 'cpu', layout, reuseArena: true } as const;
    const model = valueOf(await loadTileModel(await loadGraph({ modelId }), runtime));
    const shape = { heightPx: 40, widthPx: 40 };
    const [input, output] = [new Uint8Array(40 * 40 * 3), new Uint8Array((32 * 4) ** 2 * 3)];
    const runsWith = async (trial: Trial): Promise<number> => {
      const desk = new Desk({ ...config, trial }, () => undefined);
      const tile = model.bind(shape, input, output);
      let runs = 0;
      const run = (): ReturnType<typeof tile.run> => {
        runs += 1;
        return tile.run();
      };
      valueOf(await desk.warm(model, { bound: { run }, input, output }));
      return runs;
    };
    expect(await runsWith({})).toBeGreaterThan(1);
    expect(await runsWith({ warmUp: false })).toBe(0);
    await model.dispose();
  });
});

/** Of the pixels of a picture of 1800 px a row, behind one sample of a picture of 450. */
function meanOfSixteen(large: Uint8Array, at: number): number {
  const [y, x, channel] = [Math.floor(at / 1350), Math.floor(at / 3) % 450, at % 3];
  let sum = 0;
  for (let each = 0; each < 16; each += 1) {
    sum += large[((4 * y + Math.floor(each / 4)) * 1800 + 4 * x + (each % 4)) * 3 + channel]!;
  }
  return sum / 16;
}

describe('the photo', () => {
  it('is its original, reduced, and a result is judged against that', async () => {
    await using folder = await temporaryFolder();
    const made = { start, machine, scale: 4, folder: folder.path, repeats: { across: 2, down: 1 } };
    const done = await withPaperPhoto(made, async (photo) => {
      expect(photo.size).toEqual({ widthPx: 450, heightPx: 180 });
      const original = await sharp(photo.originalPath).metadata();
      expect([original.width, original.height]).toEqual([1800, 720]);
      const [small, large] = [await readSamples(photo.reducedPath), await readSamples(photo.originalPath)];
      // Filtered, so that each pixel is near the mean of the sixteen that it stands for; a picked one is not.
      const distances = Array.from(small, (value, at) => Math.abs(value - meanOfSixteen(large, at)));
      expect(distances.reduce((sum, one) => sum + one, 0) / distances.length).toBeLessThan(3);
      const lanczos = join(folder.path, 'lanczos.png');
      await sharp(photo.reducedPath).resize(1800, 720, { fit: 'fill' }).png().toFile(lanczos);
      const quality = valueOf(await photo.judge(lanczos));
      expect(quality.psnrDb).toBeGreaterThan(24);
      expect(quality.psnrDb).toBeLessThan(36);
      expect(quality.niqe).toBeGreaterThan(valueOf(await photo.judge(photo.originalPath)).niqe!);
      return success('judged');
    });
    expect(valueOf(done)).toBe('judged');
  });
});

async function withPhoto(work: (options: TurnOptions) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder();
  const made = { start, machine, scale: 4, folder: folder.path, repeats: { across: 1, down: 1 } };
  const done = await withPaperPhoto(made, async (photo) => {
    await work({ start, machine, memoryBytes: 'auto', fieldPx, photo, photos: 2, folder: folder.path });
    return success(undefined);
  });
  valueOf(done);
}

describe('ways in turns', () => {
  it('are all measured once a round, there and back, and share workers only where nothing of them differs', async () => {
    await withPhoto(async (options) => {
      const ways = ablations(modelId, 2).flatMap((claim) => claim.ways.map(({ way }) => way));
      const ids = [...new Set(ways.map(({ id }) => id))];
      const order: string[] = [];
      const onMeasured = ({ way }: { readonly way: Way }): void => {
        order.push(way.id);
      };
      let started = 0;
      const counted = (): ReturnType<typeof start> => {
        started += 1;
        return start();
      };
      const turns = valueOf(await measureInTurns(ways, 2, { ...options, start: counted, onMeasured }));
      // Two workers for each but the single one; only the two tilings without halo have theirs in common.
      expect(started).toBe(2 * (1 + 2 * (ids.length - 2)));
      expect([...turns.keys()].toSorted()).toEqual(ids.toSorted());
      expect(order.slice(ids.length)).toEqual(order.slice(0, ids.length).toReversed());
      for (const { imageMs } of turns.values()) expect(imageMs).toHaveLength(2);
      const psnr = (id: string): number => turns.get(id)!.quality.psnrDb!;
      // The same picture, whoever computes it; without overlap a worse one.
      for (const id of ['whole', 'one', 'fresh', 'cold', 'no-warm-up']) expect(psnr(id)).toBe(psnr('ours'));
      expect(psnr('planes')).toBeCloseTo(psnr('ours'), 1);
      expect(psnr('plain')).toBeLessThan(psnr('ours'));
    });
  });

  it('end when they are interrupted', async () => {
    await withPhoto(async (options) => {
      const interruption = new AbortController();
      const ways = ablations(modelId, 2).flatMap((claim) => claim.ways.map(({ way }) => way));
      const onMeasured = (): void => {
        interruption.abort();
      };
      const ended = await measureInTurns(ways, 1, { ...options, signal: interruption.signal, onMeasured });
      expect(ended).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    });
  });
});

describe('the measurement of the table', () => {
  it('comes to a report, and leaves no file behind', async () => {
    await using folder = await temporaryFolder();
    const scratchBase = join(folder.path, 'scratch');
    await mkdir(scratchBase);
    const report = valueOf(
      await measurePaper({
        start,
        machine,
        memoryBytes: 'auto',
        modelId,
        scale: 4,
        fieldPx,
        photos: 1,
        runs: 1,
        repeats: { across: 1, down: 1 },
        scratchBase,
        only: ({ id }) =>
          ['192/10/int8 symmetric/2', '192/5/int8 symmetric/2', '192/10/int8 asymmetric/2'].includes(id),
      }),
    );
    expect(report.table.map(({ tile }) => [tile.widthPx, tile.heightPx])).toEqual([
      [123, 190],
      [117, 184],
      [123, 190],
    ]);
    for (const { imageMs, niqe, psnrDb, megapixelsPerSecond } of report.table) {
      expect(imageMs.median).toBeGreaterThan(0);
      expect(niqe).toBeGreaterThan(report.originalNiqe!);
      expect(psnrDb).toBeGreaterThan(24);
      expect(megapixelsPerSecond.median).toBeCloseTo((0.648 / imageMs.median) * 1000, 6);
    }
    expect(report.table[2]!.psnrDb).toBe(report.table[0]!.psnrDb);
    expect(await readdir(scratchBase)).toEqual([]);
  });
});
