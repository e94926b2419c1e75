/**
 * Peak memory of all processes while one photo is enhanced, with the defaults:
 *
 *     node test/bench/memory.ts [MEGAPIXELS]
 *
 * Linux only: it reads /proc.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scratchBase } from '../../main/jobs/scratch.ts';
import { DEFAULT_TILE_PX } from '../../main/jobs/tile.ts';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import { sizePool } from '../../main/pool/sizing.ts';
import { makeBenchPhotos } from '../../main/tune/bench-photos.ts';
import { workerEntry } from '../helpers/enhancer.ts';
import { samplePhoto } from './seams.ts';

const megapixels = Number(process.argv[2] ?? 12);
const launcher = fileURLToPath(new URL('../../main/tessera.js', import.meta.url));
const folder = await mkdtemp(join(await scratchBase(), 'tessera-memory-'));

/** A number of bytes from a process's status, 0 when it is gone. */
function statusBytes(pid: number, field: string): number {
  try {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(match?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function family(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return [pid, ...children.flatMap((child) => family(Number(child)))];
  } catch {
    return [];
  }
}

try {
  const sample = samplePhoto('friends.jpg');
  const size = sizePool(
    { cores: 2, memoryBytes: 16e9 },
    { workers: 2, threads: 1, memoryBytes: 'auto', tilePx: DEFAULT_TILE_PX, scale: 4 },
  );
  const spec = {
    modelId: 'quicksrnet-l-x4',
    precision: 'int8',
    tiling: 'dilated',
    tilePx: DEFAULT_TILE_PX,
    haloPx: 'auto',
    border: 'reflect',
  } as const;
  const start = childProcessTransport(workerEntry);
  const made = await makeBenchPhotos({ start, size, spec, sample, folder, count: 1, megapixels });
  if (!made.ok) throw new Error(made.error.message);
  const { paths, photo } = made.value;
  const out = join(folder, 'out');
  const began = performance.now();
  const child = spawn(process.execPath, [launcher, 'enhance', paths[0]!, '--out', out, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let firstTileMs: number | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes('photo-progress')) firstTileMs ??= performance.now() - began;
  });
  const peaks = { largest: 0, together: 0 };
  const poll = setInterval(() => {
    const pids = family(child.pid!);
    peaks.largest = Math.max(peaks.largest, ...pids.map((pid) => statusBytes(pid, 'VmHWM')));
    const resident = pids.reduce((sum, pid) => sum + statusBytes(pid, 'VmRSS'), 0);
    peaks.together = Math.max(peaks.together, resident);
  }, 25);
  const exitCode = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(poll);
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log(
    `photo ${photo.widthPx}×${photo.heightPx}, exit code ${String(exitCode)}, ${((performance.now() - began) / 1000).toFixed(1)} s`,
  );
  console.log(`largest process ${megabytes(peaks.largest)}, all together ${megabytes(peaks.together)}`);
  console.log(`first tile reported after ${firstTileMs?.toFixed(0) ?? '?'} ms`);
  console.log(`result ${megabytes((await stat(join(out, 'photo-0-x4.jpg'))).size)}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
