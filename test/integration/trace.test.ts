import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { profileOf } from '../../main/tune/profile.ts';
import { traceOf, type StageEvent, type Trace } from '../../main/tune/trace.ts';
import { tessera } from '../helpers/command-line.ts';
import { outcomeOf, temporaryFolder, testEnhancer } from '../helpers/enhancer.ts';
import { writePicture } from '../helpers/photos.ts';

function stagesOf({ traceEvents }: Trace): StageEvent[] {
  return traceEvents.filter((event) => event.ph === 'X');
}

function expectNoOverlap(events: readonly StageEvent[]): void {
  const ends = new Map<string, number>();
  for (const { pid, tid, ts, dur } of events.toSorted((one, other) => one.ts - other.ts || one.dur - other.dur)) {
    expect(ts).toBeGreaterThanOrEqual(ends.get(`${pid}/${tid}`) ?? 0);
    ends.set(`${pid}/${tid}`, ts + dur);
  }
}

describe('a real batch', () => {
  it('is traced whole: within its time, all photos, all workers, no overlap in a lane', async () => {
    await using enhancer = await testEnhancer({ workers: 2, format: 'jpeg' });
    const names = ['a.jpg', 'b.png', 'c.jpg', 'd.jpg', 'e.png'];
    const size = { widthPx: 200, heightPx: 180 };
    const sources: string[] = [];
    for (const [index, name] of names.entries()) {
      sources.push(await writePicture(enhancer.folder, name, { ...size, seed: index + 1 }));
    }
    const clock = (): number => performance.timeOrigin + performance.now();
    const startMs = clock();
    const jobs = await enhancer.run(sources);
    const elapsedMs = clock() - startMs;
    const photos = jobs.map((job, index) => ({ name: names[index]!, ...outcomeOf(job) }));
    const events = stagesOf(traceOf(photos));
    expectNoOverlap(events);
    expect(Math.max(...events.map(({ ts, dur }) => ts + dur)) / 1000).toBeLessThanOrEqual(elapsedMs);
    const stages = photos.flatMap((photo) => photo.stages);
    // Processes agree on the time to a few milliseconds.
    expect(Math.min(...stages.map((stage) => stage.startMs))).toBeGreaterThanOrEqual(startMs - 5);
    expect(Math.max(...stages.map((stage) => stage.endMs))).toBeLessThanOrEqual(startMs + elapsedMs + 5);
    for (const name of names) {
      const kinds = new Set(events.filter(({ args }) => args.photo === name).map((event) => event.name));
      expect([...kinds].toSorted()).toEqual(['decode', 'encode', 'infer', 'store', 'wait']);
    }
    expect(new Set(events.map(({ pid }) => pid))).toEqual(new Set(enhancer.pool.pids()));

    const profile = profileOf(photos, await enhancer.pool.reports());
    expect(profile.photos.map(({ name }) => name)).toEqual(names);
    for (const { waitMs, stitchMs, inferMs, elapsedMs: wholeMs } of profile.photos) {
      expect(inferMs).toBeGreaterThan(0);
      expect(stitchMs).toBeGreaterThan(0);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThan(wholeMs);
    }
    for (const { utilisation, arena } of profile.workers) {
      expect(utilisation).toBeGreaterThan(0);
      expect(utilisation).toBeLessThanOrEqual(1);
      expect(arena).toMatchObject({ refused: 0, allocations: 1 });
    }
  });
});

describe('--trace', () => {
  it('writes what enhance did to every photo', async () => {
    await using folder = await temporaryFolder();
    const photos = ['one.png', 'two.png'];
    for (const name of photos) await writePicture(folder.path, name, { widthPx: 40, heightPx: 30 });
    const trace = join(folder.path, 'traces', 'trace.json');
    const sources = photos.map((name) => join(folder.path, name));
    const args = ['enhance', ...sources, '--out', join(folder.path, 'out'), '--trace', trace];
    expect(await tessera(args)).toMatchObject({ exitCode: 0 });
    const events = stagesOf(JSON.parse(await readFile(trace, 'utf8')) as Trace);
    expectNoOverlap(events);
    expect(new Set(events.map(({ args }) => args.photo))).toEqual(new Set(photos));
  });

  it('goes with a profile of the benchmark’s batch', async () => {
    await using folder = await temporaryFolder();
    const trace = join(folder.path, 'trace.json');
    const args = ['bench', '--trace', trace, '--photos', '2', '--photo-megapixels', '0.05'];
    expect(await tessera(args)).toMatchObject({ exitCode: 0 });
    const events = stagesOf(JSON.parse(await readFile(trace, 'utf8')) as Trace);
    expect(new Set(events.map(({ args }) => args.photo))).toEqual(new Set(['photo-0.jpg', 'photo-1.jpg']));
  });
});
