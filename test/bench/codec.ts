/**
 * The codec's rates with native sharp (the command line, Windows, macOS) and with its WebAssembly build (inside Electron on
 * Linux), each stage alone, and then of whole batches:
 *
 *     node test/bench/codec.ts [--megapixels 12] [--photos 6] [--runs 3] [--stages-only | --window]
 *
 * Each build runs in processes of its own, in turn. `--megapixels` is a photo's size; its result is sixteen times that
 * for the stages after it. `--window` also runs the batch in the built window, beside the command line. Linux only, where both builds can run.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { scratchBase } from '../../main/jobs/scratch.ts';
import { DEFAULT_TILE_PX } from '../../main/jobs/tile.ts';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import { sizePool } from '../../main/pool/sizing.ts';
import { makeBenchPhotos } from '../../main/tune/bench-photos.ts';
import { spread } from '../../main/tune/efficiency.ts';
import { measureBatch } from '../../main/tune/measure.ts';
import type { EnhanceSpec } from '../../main/worker/protocol.ts';
import { workerEntry } from '../helpers/enhancer.ts';
import type { StageRates } from './codec-stages.ts';
import { samplePhoto } from './seams.ts';
import { commandMs, windowMs } from './window-rate.ts';

const { values } = parseArgs({
  options: {
    megapixels: { type: 'string', default: '12' },
    photos: { type: 'string', default: '6' },
    runs: { type: 'string', default: '3' },
    'stages-only': { type: 'boolean', default: false },
    window: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const folder = await mkdtemp(join(await scratchBase(), 'tessera-codec-'));
const pretence = ['--import', pathToFileURL(join(import.meta.dirname, '../electron-host/pretend-electron.ts')).href];
const builds = [
  { name: 'native', flags: [] },
  { name: 'WebAssembly', flags: pretence },
] as const;
const spec: EnhanceSpec = {
  modelId: 'quicksrnet-l-x4',
  precision: 'int8',
  tiling: 'dilated',
  tilePx: DEFAULT_TILE_PX,
  haloPx: 'auto',
  border: 'reflect',
};
const size = sizePool(
  { cores: 2, memoryBytes: 16e9 },
  { workers: 2, threads: 1, memoryBytes: 'auto', tilePx: DEFAULT_TILE_PX, scale: 4 },
);
const start = childProcessTransport(workerEntry);

async function makePhotos(count: number, megapixels: number): Promise<readonly string[]> {
  const sample = samplePhoto('friends.jpg');
  const into = await mkdtemp(join(folder, 'photos-'));
  const made = await makeBenchPhotos({ start, size, spec, sample, folder: into, count, megapixels });
  if (!made.ok) throw new Error(made.error.message);
  return made.value.paths;
}

function stagesIn(flags: readonly string[], photo: string): StageRates {
  const script = fileURLToPath(new URL('./codec-stages.ts', import.meta.url));
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const text = execFileSync(process.execPath, [...flags, script, photo, folder], {
    encoding: 'utf8',
    stdio: [...stdio],
  });
  return JSON.parse(text) as StageRates;
}

async function batchRate(flags: readonly string[], photos: readonly string[]): Promise<{ all: number; codec: number }> {
  const transport = childProcessTransport(workerEntry, flags);
  const measured = await measureBatch({ start: transport, size, spec, scale: 4, photos, folder });
  if (!measured.ok) throw new Error(measured.error.message);
  const { keptPixels, elapsedMs, codecMs } = measured.value;
  return { all: keptPixels / elapsedMs / 1000, codec: keptPixels / codecMs / 1000 };
}

function printRow(name: string, measured: readonly (readonly [number, number])[]): void {
  const [native, wasm] = [0, 1].map((at) => spread(measured.map((pair) => pair[at]!)).median);
  const ratio = spread(measured.map(([one, other]) => other / one));
  const share = `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}…${ratio.max.toFixed(2)})`;
  console.log(`| ${name} | ${native!.toFixed(2)} | ${wasm!.toFixed(2)} | ${share} |`);
}

try {
  const [photo] = await makePhotos(1, Number(values.megapixels));
  console.log(
    `| what | ${builds.map(({ name }) => `${name} MP/s`).join(' | ')} | ratio, median (min…max) |\n|---|---|---|---|`,
  );
  const stages: [StageRates, StageRates][] = [];
  for (let run = 0; run < runs; run += 1) {
    stages.push([stagesIn(builds[0].flags, photo!), stagesIn(builds[1].flags, photo!)]);
  }
  for (const name of Object.keys(stages[0]![0])) {
    printRow(
      name,
      stages.map(([one, other]) => [one[name]!, other[name]!]),
    );
  }
  if (!values['stages-only']) {
    const photos = await makePhotos(Number(values.photos), 2);
    const batches = [];
    for (let run = 0; run < runs; run += 1) {
      batches.push([await batchRate(builds[0].flags, photos), await batchRate(builds[1].flags, photos)] as const);
    }
    printRow(
      'a batch of 2 MP photos, all of it',
      batches.map(([one, other]) => [one.all, other.all]),
    );
    printRow(
      'its decoding and encoding, beside inference',
      batches.map(([one, other]) => [one.codec, other.codec]),
    );
    if (values.window) {
      const resultPixels = photos.length * 2e6 * 16;
      const pairs: [number, number][] = [];
      for (let run = 0; run < runs; run += 1) {
        const [command, window] = [await commandMs(photos, folder), await windowMs(photos, folder)];
        pairs.push([resultPixels / command / 1000, resultPixels / window / 1000]);
      }
      printRow('the batch on the command line, and in the window', pairs);
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
