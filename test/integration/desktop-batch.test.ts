import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterEach, expect, it } from 'vitest';
import { catalog } from '../../models/catalog.ts';
import { Batch } from '../../main/desktop/batch.ts';
import { RunnerShelf } from '../../main/desktop/runner-shelf.ts';
import { Runner } from '../../main/desktop/runner.ts';
import { settingsDefaults } from '../../main/desktop/settings-book.ts';
import { poolSizeOf } from '../../main/jobs/batch.ts';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import type { PoolSize } from '../../main/pool/sizing.ts';
import { PictureBook } from '../../main/previews/picture-book.ts';
import type { JobState, Settings } from '../../preload/contract/dto.ts';
import { workerEntry } from '../helpers/enhancer.ts';

const samples = resolve(import.meta.dirname, '../../resources/samples');
const photos = ['brushes.jpg', 'friends.jpg', 'mountains.jpg', 'dandelions.jpg'];
const machine = { cores: 2, memoryBytes: 8 * 1024 ** 3 };

/** The window's batch over real workers, without a window. */
class Desk implements AsyncDisposable {
  settings: Settings = { ...settingsDefaults, model: 'faithful-s', workers: 1 };
  readonly opened: PoolSize[] = [];
  readonly ends: ReadonlyMap<string, number>[] = [];
  readonly notices: string[] = [];
  readonly folder: string;
  readonly batch: Batch;
  readonly #shelf: RunnerShelf;
  readonly #watchers = new Set<() => void>();

  constructor(folder: string) {
    this.folder = folder;
    const wantedSize = (): PoolSize => poolSizeOf(this.settings, machine);
    this.batch = new Batch({
      settings: () => this.settings,
      models: catalog,
      book: new PictureBook(folder, () => Promise.reject(new Error('Nobody looks at a picture here.'))),
      wantedSize,
      openRunner: () => this.#shelf.fitting(),
      onDirty: () => {
        this.#look();
      },
      onRun: () => undefined,
      onEnd: (counts) => {
        this.ends.push(counts);
        this.#look();
      },
    });
    this.#shelf = new RunnerShelf(wantedSize, (size) => {
      this.opened.push(size);
      return Runner.open({
        size,
        start: childProcessTransport(workerEntry),
        scratchBase: folder,
        resolve: this.batch.resolve,
        onJob: this.batch.run.onJob,
        onNotice: ({ message }) => this.notices.push(message),
      });
    });
  }

  static async with(names: readonly string[], copies = 1): Promise<Desk> {
    const folder = await mkdtemp(join(tmpdir(), 'tessera-desk-'));
    for (let copy = 1; copy <= copies; copy += 1) {
      for (const name of names) await cp(join(samples, name), join(folder, `${copy}-${name}`));
    }
    const desk = new Desk(folder);
    await desk.batch.add([folder]);
    return desk;
  }

  change(patch: Partial<Settings>): void {
    this.settings = { ...this.settings, ...patch };
    this.batch.settingsChanged();
  }

  count(kind: JobState['kind']): number {
    return this.batch.list.entries.filter(({ view }) => view.state.kind === kind).length;
  }

  async until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    await new Promise<void>((done) => {
      const watcher = (): void => {
        if (!holds()) return;
        this.#watchers.delete(watcher);
        done();
      };
      this.#watchers.add(watcher);
    });
  }

  #look(): void {
    for (const watcher of this.#watchers) watcher();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shelf[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}

let desk: Desk;
afterEach(async () => {
  await desk[Symbol.asyncDispose]();
});

it('finishes the photo under way on the old workers and goes on with the new ones', async () => {
  desk = await Desk.with(photos);
  desk.batch.start();
  await desk.until(() => desk.count('running') > 0);
  const first = desk.batch.list.entries.find(({ view }) => view.state.kind === 'running')!;
  const seen: string[] = [];
  void desk.until(() => {
    seen.push(first.view.state.kind);
    return first.view.state.kind === 'done';
  });
  desk.change({ workers: 2 });
  await desk.until(() => desk.ends.length > 0);
  expect(desk.opened.map(({ workers }) => workers)).toEqual([1, 2]);
  expect(seen).not.toContain('queued');
  expect(seen).not.toContain('cancelled');
  expect(desk.ends).toEqual([new Map([['done', photos.length]])]);
  expect(desk.batch.run.standing().fraction).toBe(1);
});

it('keeps its workers when the change is taken back in time, and follows the last of many', async () => {
  desk = await Desk.with(photos, 3);
  desk.batch.start();
  await desk.until(() => desk.count('running') > 0);
  desk.change({ workers: 2 });
  desk.change({ workers: 1 });
  await desk.until(() => desk.count('done') > 0);
  expect(desk.opened).toHaveLength(1);
  desk.change({ threads: 2 });
  desk.change({ tilePx: 512 });
  await desk.until(() => desk.ends.length > 0);
  expect(desk.opened).toHaveLength(2);
  expect(desk.opened.at(-1)).toEqual(poolSizeOf(desk.settings, machine));
  expect(desk.ends[0]!.get('done')).toBe(3 * photos.length);
});

it('cancels a batch that waits for other workers, and what was done stays done', async () => {
  desk = await Desk.with(photos);
  desk.batch.start();
  await desk.until(() => desk.count('done') > 0 && desk.count('running') > 0);
  const done = desk.count('done');
  desk.change({ workers: 2 });
  desk.batch.cancel('all');
  expect(desk.batch.run.kind).toBe('idle');
  expect(desk.count('done')).toBe(done);
  desk.batch.retry('all');
  desk.batch.start();
  await desk.until(() => desk.ends.length > 1);
  expect(desk.count('done')).toBe(photos.length);
  expect(await readdir(join(desk.folder, 'enhanced'))).toHaveLength(photos.length);
});

it('tells how long each photo still takes', async () => {
  desk = await Desk.with([]);
  // Large enough for some seconds of work.
  const large = join(desk.folder, 'large.jpg');
  await sharp(join(samples, 'brushes.jpg')).resize(1200).toFile(large);
  await desk.batch.add([large]);
  desk.settings = { ...desk.settings, model: 'faithful', precision: 'fp32' };
  desk.batch.start();
  const told: number[] = [];
  await desk.until(() => {
    const { state } = desk.batch.list.entries[0]!.view;
    if (state.kind === 'running' && state.leftMs !== null) told.push(state.leftMs);
    return state.kind === 'done';
  });
  expect(told.length).toBeGreaterThan(2);
  expect(Math.min(...told)).toBeGreaterThanOrEqual(0);
  expect(told.at(-1)!).toBeLessThan(Math.max(...told) / 2);
});

it('counts no pause into what photos took, and says where their time went', async () => {
  desk = await Desk.with(photos, 2);
  const startedMs = Date.now();
  desk.batch.start();
  await desk.until(() => desk.count('running') > 0);
  desk.batch.run.pause();
  const heldMs = 4000;
  await new Promise((resolve) => setTimeout(resolve, heldMs));
  desk.batch.run.resume();
  await desk.until(() => desk.ends.length > 0);
  const wallMs = Date.now() - startedMs;
  const batch = (await desk.batch.run.times())!;
  // What was under way when it was held is finished first, and is no pause.
  expect(batch.pausedMs).toBeGreaterThan(heldMs / 2);
  expect(batch.pausedMs).toBeLessThan(heldMs + 500);
  expect(batch.elapsedMs).toBeLessThan(wallMs - batch.pausedMs + 500);
  const spans = desk.batch.run.diary.traced().map(({ stages }) => {
    return Math.max(...stages.map(({ endMs }) => endMs)) - Math.min(...stages.map(({ startMs }) => startMs));
  });
  // Some were decoded before, and went on after.
  expect(Math.max(...spans)).toBeGreaterThan(heldMs);
  const took = desk.batch.list.entries.map(({ view: { state } }) => (state.kind === 'done' ? state.tookMs : 0));
  expect(Math.max(...took)).toBeLessThan(wallMs - batch.pausedMs + 500);
  expect(Math.max(...took)).toBeCloseTo(batch.slowest[0]!.elapsedMs, 6);

  expect(batch).toMatchObject({ run: 'ended', photos: 8, failed: 0, traceable: 8 });
  expect(batch.computed).toEqual([{ device: 'cpu', precision: 'int8', photos: 8 }]);
  expect(batch.workers).toMatchObject([{ alive: true, arena: { refused: 0, allocations: 1 } }]);
  expect(batch.workers[0]!.inUse).toBeGreaterThan(0);
  expect(batch.workers[0]!.inUse).toBeLessThanOrEqual(1);
});
