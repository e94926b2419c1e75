/**
 * Figures that compare two ways of running the same batch, always in turn and in one process tree, so that a machine
 * that slows down slows both:
 *
 *     node test/bench/bars.ts [--runs 5] [--photos 12] [--only arena]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Result } from '../../main/engine/errors.ts';
import { scratchBase } from '../../main/jobs/scratch.ts';
import { DEFAULT_TILE_PX } from '../../main/jobs/tile.ts';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import { sizePool } from '../../main/pool/sizing.ts';
import type { StartProcess } from '../../main/pool/transport.ts';
import { makeBenchPhotos } from '../../main/tune/bench-photos.ts';
import { spread } from '../../main/tune/efficiency.ts';
import { measureBatch, type BatchFigures } from '../../main/tune/measure.ts';
import type { EnhanceSpec, Precision } from '../../main/worker/protocol.ts';
import { workerEntry } from '../helpers/enhancer.ts';
import { reportSeams, samplePhoto } from './seams.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    photos: { type: 'string', default: '12' },
    /** A part of a row's name: that row alone. */
    only: { type: 'string', default: '' },
  },
});
const runs = Number(values.runs);
const folder = await mkdtemp(join(await scratchBase(), 'tessera-bars-'));
const collectable = childProcessTransport(workerEntry, ['--expose-gc']);
const spec: EnhanceSpec = {
  modelId: 'quicksrnet-l-x4',
  precision: 'int8',
  tiling: 'dilated',
  tilePx: DEFAULT_TILE_PX,
  haloPx: 'auto',
  border: 'reflect',
};

function poolSize(workers: number): ReturnType<typeof sizePool> {
  const wishes = { workers, threads: 1, memoryBytes: 'auto', tilePx: DEFAULT_TILE_PX, scale: 4 } as const;
  return sizePool({ cores: workers, memoryBytes: 16e9 }, wishes);
}

function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.message} (${result.error.code})`);
}

interface Way {
  readonly workers: number;
  readonly precision: Precision;
  readonly start: StartProcess;
  readonly reuseArena: boolean;
}

async function run(photos: readonly string[], way: Partial<Way>): Promise<BatchFigures> {
  const { workers = 2, precision = 'int8', start = collectable, reuseArena = true } = way;
  const options = {
    start,
    size: poolSize(workers),
    spec: { ...spec, precision },
    scale: 4,
    photos,
    folder,
    reuseArena,
  };
  return valueOf(await measureBatch(options));
}

/** Runs two ways in turn and prints the ratio of their rates. */
async function compare(name: string, photos: readonly string[], one: Partial<Way>, other: Partial<Way>): Promise<void> {
  if (!name.includes(values.only)) return;
  const ratios: number[] = [];
  const rates: [number[], number[]] = [[], []];
  for (let at = 0; at < runs; at += 1) {
    const figures = [await run(photos, one), await run(photos, other)] as const;
    const [first, second] = figures.map(({ keptPixels, elapsedMs }) => keptPixels / elapsedMs / 1000) as [
      number,
      number,
    ];
    ratios.push(first / second);
    rates[0].push(first);
    rates[1].push(second);
    const growth = figures.map(({ growthBytes }) => growthBytes ?? 'unknown').join(' and ');
    console.error(`${name}: ${first.toFixed(2)} ÷ ${second.toFixed(2)} MP/s, growth ${growth} bytes`);
  }
  const { median, min, max } = spread(ratios);
  const [a, b] = rates.map((rate) => spread(rate).median.toFixed(2));
  console.log(`| ${name} | ${a} ÷ ${b} MP/s | ${median.toFixed(3)} (${min.toFixed(3)}…${max.toFixed(3)}) |`);
}

try {
  const sample = samplePhoto('friends.jpg');
  const make = { start: collectable, size: poolSize(2), spec, sample, folder, count: Number(values.photos) };
  const { paths } = valueOf(await makeBenchPhotos({ ...make, megapixels: 2 }));
  console.log('| what | rates | ratio, median (min…max) |\n|---|---|---|');
  await compare('int8 ÷ fp32', paths.slice(0, 4), {}, { precision: 'fp32' });
  // One worker and its codec's threads on one core, as they would be on half of this machine.
  const pinned = childProcessTransport(workerEntry, ['--expose-gc'], ['taskset', '-c', '0']);
  await compare('two workers ÷ one on one core', paths, {}, { workers: 1, start: pinned });
  await compare('arena on ÷ off', paths, {}, { reuseArena: false });
  if ('seams'.includes(values.only)) await reportSeams();
} finally {
  await rm(folder, { recursive: true, force: true });
}
