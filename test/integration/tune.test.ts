import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readMachine } from '../../main/jobs/machine.ts';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import { sizePool } from '../../main/pool/sizing.ts';
import { openBatchRig } from '../../main/tune/batch-rig.ts';
import type { TuneEvent } from '../../main/tune/events.ts';
import { tune, type TuneOptions } from '../../main/tune/tune.ts';
import { tuningOf } from '../../main/tune/tuning-of.ts';
import { requireModel } from '../../models/catalog.ts';
import { tessera } from '../helpers/command-line.ts';
import { temporaryFolder, workerEntry } from '../helpers/enhancer.ts';
import { startAs } from '../helpers/named-device.ts';
import { writePicture } from '../helpers/photos.ts';

const samplePhoto = fileURLToPath(new URL('../../resources/samples/friends.jpg', import.meta.url));
const { id, scale, haloPx: fieldPx } = requireModel('quicksrnet-s-x4');

/** Two tiles, and whatever crews the space has. */
function tuningOfTwoTiles(scratchBase: string): TuneOptions {
  return {
    start: childProcessTransport(workerEntry),
    machine: { ...readMachine(), cores: 1 },
    memoryBytes: 'auto',
    provider: 'cpu',
    precision: 'int8',
    model: { id, scale, fieldPx, standardTilePx: 128, sampleMegapixels: 0.15 },
    photo: { kind: 'sample', path: samplePhoto },
    budgetMs: 8_000,
    scratchBase,
    tilesPx: [48, 128],
  };
}

/** Two cells: one worker, two tiles. */
function smallTuning(scratchBase: string): TuneOptions {
  return { ...tuningOfTwoTiles(scratchBase), crews: [{ workers: 1, threads: 1 }] };
}

describe('tuning over the real pipeline', () => {
  it('measures tiles and whole batches, and ranks what it measured', async () => {
    await using folder = await temporaryFolder();
    const events: TuneEvent[] = [];
    const tuned = await tune({ ...smallTuning(folder.path), onEvent: (event) => events.push(event) });
    if (!tuned.ok) throw new Error(tuned.error.message);
    const { best, standard, cells, gain, elapsedMs } = tuned.value;
    expect(cells.map(({ cell }) => cell.tilePx)).toEqual([128, 48]);
    expect(cells.every(({ rounds, pixelsPerSecond = 0 }) => rounds >= 1 && pixelsPerSecond > 0)).toBe(true);
    expect(standard.batches).toBeGreaterThan(0);
    expect(standard.batchRatio).toBeGreaterThan(0);
    expect(gain).toBeGreaterThanOrEqual(1);
    expect(best.pixelsPerSecond).toBeGreaterThanOrEqual(standard.pixelsPerSecond!);
    expect(elapsedMs).toBeLessThan(25_000);
    const phases = events.flatMap((event) => (event.kind === 'phase' ? [event.phase] : []));
    expect(phases).toEqual(['photos', 'crews', 'tiles', 'batches']);
    const fractions = events.flatMap((event) => (event.kind === 'progress' ? [event.fraction] : []));
    expect(fractions).toEqual([...fractions].sort((one, other) => one - other));
    expect(fractions.at(-1)).toBe(1);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('makes its photo whatever room the tiles of the tuned model take', async () => {
    await using folder = await temporaryFolder();
    const model = { id: 'quicksrnet-s-x2', scale: 2, fieldPx, standardTilePx: 64, sampleMegapixels: 0.15 };
    const tuned = await tune({ ...smallTuning(folder.path), model, tilesPx: [64], budgetMs: 2_000 });
    expect(tuned).toMatchObject({ ok: true, value: { best: { cell: { tilePx: 64 } } } });
  });

  it.each(['photos', 'crews', 'tiles', 'batches'] as const)(
    'ends within a second when it is cancelled in the phase of %s, and leaves nothing behind',
    async (phase) => {
      await using folder = await temporaryFolder();
      const abort = new AbortController();
      let abortedMs = Infinity;
      const cancelSoon = (): void => {
        void setTimeout(200).then(() => {
          abortedMs = performance.now();
          abort.abort();
        });
      };
      const tuned = await tune({
        ...smallTuning(folder.path),
        signal: abort.signal,
        onEvent: (event) => {
          if (event.kind === 'phase' && event.phase === phase) cancelSoon();
        },
      });
      expect(performance.now() - abortedMs).toBeLessThan(1_000);
      expect(tuned).toMatchObject({ ok: false, error: { code: 'cancelled' } });
      expect(await readdir(folder.path)).toEqual([]);
    },
  );

  it('gives up a batch of a slow model within a second', async () => {
    await using folder = await temporaryFolder();
    const photo = await writePicture(folder.path, 'large.png', { widthPx: 1500, heightPx: 1500 });
    const abort = new AbortController();
    const size = sizePool(
      { cores: 2, memoryBytes: 16e9 },
      { workers: 2, threads: 1, memoryBytes: 'auto', tilePx: 192, scale: 4 },
    );
    const start = childProcessTransport(workerEntry);
    const rig = await openBatchRig({ start, size, scale: 4, folder: folder.path, signal: abort.signal });
    const spec = { modelId: 'quicksrnet-l-x4', precision: 'fp32', tiling: 'dilated', tilePx: 192 } as const;
    const running = rig.run({ ...spec, haloPx: 'auto', border: 'reflect' }, [photo]);
    await setTimeout(1_500);
    abort.abort();
    const abortedMs = performance.now();
    expect(await running).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    await rig[Symbol.asyncDispose]();
    expect(performance.now() - abortedMs).toBeLessThan(1_000);
  });

  it.each(['sample', 'own'] as const)(
    'looks for the weights where it is told, with a photo of the kind %s',
    async (kind) => {
      await using folder = await temporaryFolder();
      const path = await writePicture(folder.path, 'photo.png', { widthPx: 120, heightPx: 90 });
      const photo = kind === 'own' ? ({ kind, path, widthPx: 120, heightPx: 90 } as const) : { kind, path };
      const folders = { weightsFolder: join(folder.path, 'nowhere') };
      const kinds: TuneEvent['kind'][] = [];
      const onEvent = (event: TuneEvent): void => void kinds.push(event.kind);
      const tuned = await tune({ ...smallTuning(folder.path), photo, folders, onEvent });
      expect(kinds).not.toContain('measured');
      expect(tuned).toMatchObject({ ok: false, error: { code: 'weights-unreadable' } });
    },
  );

  it('tunes a device with one worker, and names it in every cell', async () => {
    await using folder = await temporaryFolder();
    const small = tuningOfTwoTiles(folder.path);
    const start = startAs('cuda', small.start);
    const machine = { ...readMachine(), cores: 2 };
    const tuned = await tune({ ...small, machine, start, provider: 'cuda', precision: 'fp32' });
    if (!tuned.ok) throw new Error(tuned.error.message);
    expect(tuned.value.cells.map(({ cell }) => cell)).toEqual(
      [128, 48].map((tilePx) => ({ provider: 'cuda', precision: 'fp32', workers: 1, threads: 1, tilePx })),
    );
    expect(tuningOf(tuned.value, requireModel(id))).toMatchObject({ provider: 'cuda', precision: 'fp32', workers: 1 });
  });

  it.each(['measure', 'infer'] as const)(
    'does not take the processor for a device that is left at the first task of the kind %s',
    async (kind) => {
      await using folder = await temporaryFolder();
      const small = smallTuning(folder.path);
      const start = startAs('cuda', small.start, kind);
      // The photos of a person need not be made, which is the processor's work.
      const path = await writePicture(folder.path, 'photo.png', { widthPx: 200, heightPx: 150 });
      const photo = { kind: 'own', path, widthPx: 200, heightPx: 150 } as const;
      const tuned = await tune({ ...small, start, photo, provider: 'cuda', precision: 'fp32' });
      expect(tuned).toMatchObject({ ok: false, error: { code: 'device-failed' } });
      expect(await readdir(folder.path)).toEqual(['photo.png']);
    },
  );

  it('says what is wrong with a photo that cannot be enhanced', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'none.jpg');
    const tuned = await tune({ ...smallTuning(folder.path), photo: { kind: 'sample', path } });
    expect(tuned).toMatchObject({ ok: false, error: { code: 'file-missing' } });
  });
});

/** What Tessera left in a folder; ONNX Runtime keeps files of its own there. */
async function leftIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => /tessera|tuning|\.jpg$/.test(name));
}

describe('tessera tune', () => {
  const args = ['--model', id, '--budget', '6'];

  it('applies what it found, until it is told to forget it', async () => {
    await using home = await temporaryFolder();
    const photo = await writePicture(home.path, 'photo.png', { widthPx: 260, heightPx: 200 });
    const tuned = await tessera(['tune', photo, ...args, '--json'], { home: home.path });
    expect(tuned.stderr).toBe('');
    expect(tuned.exitCode).toBe(0);
    const last = JSON.parse(tuned.stdout.trim().split('\n').at(-1)!) as {
      applied: boolean;
      tuning: { tilePx: number; workers: number; threads: number };
    };
    expect(last).toMatchObject({ kind: 'tuned', applied: true, tuning: { modelId: id, precision: 'int8' } });

    // A tile that differs from the default shows that it is what was remembered that is used.
    const path = (await readdir(home.path, { recursive: true })).find((name) => name.endsWith('tunings.json'))!;
    const file = await readFile(join(home.path, path), 'utf8');
    await writeFile(join(home.path, path), file.replace(/"tilePx": \d+/, '"tilePx": 64'));
    const inspect = ['inspect', photo, '--model', id, '--json'];
    const used = await tessera(inspect, { home: home.path });
    expect(JSON.parse(used.stdout)).toMatchObject({ workers: last.tuning.workers, threads: last.tuning.threads });
    expect((JSON.parse(used.stdout) as { tiles: number }).tiles).toBeGreaterThanOrEqual(20);
    const fixed = await tessera([...inspect, '--tile', '300', '--workers', '1'], { home: home.path });
    expect(JSON.parse(fixed.stdout)).toMatchObject({ tiles: 1, workers: 1 });

    await writeFile(join(home.path, path), file.replace(/"runtime": "[^"]*"/, '"runtime": "0.1.0"'));
    const stale = await tessera(['models'], { home: home.path });
    expect(stale.stderr).toContain('(tuning-stale)');
    expect((await tessera(inspect, { home: home.path })).stderr).toContain('0.1.0');

    const forgotten = await tessera(['tune', '--model', id, '--forget'], { home: home.path });
    expect(forgotten.exitCode).toBe(0);
    expect((await tessera(inspect, { home: home.path })).stderr).toBe('');
  });

  it('shows the table and the heat map, and changes nothing in a dry run', async () => {
    await using home = await temporaryFolder();
    const ended = await tessera(['tune', ...args, '--dry-run'], { home: home.path });
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toMatch(/workers×threads/);
    expect(ended.stdout).toMatch(/384 .*default|384 .*best/);
    expect(ended.stdout).toContain('--dry-run');
    expect(ended.stdout).not.toContain('\u001b');
    expect(await leftIn(home.path)).toEqual([]);
  });

  it('ends within a second at Ctrl-C with 130, and keeps nothing half done', async () => {
    await using home = await temporaryFolder();
    const ended = await tessera(['tune', '--model', id, '--budget', '60', '--json'], {
      home: home.path,
      interruptAt: '"measured"',
    });
    expect(ended.exitCode).toBe(130);
    expect(ended.endedAfterMs).toBeLessThan(1_000);
    expect(ended.stdout).not.toContain('"kind":"tuned"');
    expect(await leftIn(home.path)).toEqual([]);
  });

  it.each([
    [['tune', '--model', 'no-such-model'], /no-such-model/],
    [['tune', 'no-such-photo.jpg'], /no-such-photo|file-missing/],
  ])('ends with 2 for %j', async (argv, message) => {
    await using home = await temporaryFolder();
    const ended = await tessera(argv, { home: home.path });
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toMatch(message);
  });
});
