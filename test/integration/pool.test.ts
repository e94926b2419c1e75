import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Job, JobEvent } from '../../main/jobs/job.ts';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import type { StartProcess, WorkerProcess } from '../../main/pool/transport.ts';
import type { StageTime } from '../../main/worker/protocol.ts';
import { outcomeOf, temporaryFolder, testEnhancer, workerEntry } from '../helpers/enhancer.ts';
import { holdFile } from '../helpers/hold-file.ts';
import { readSamples, writePicture } from '../helpers/photos.ts';

function stage(job: Job | undefined, kind: StageTime['stage']): { startMs: number; endMs: number } {
  const times = outcomeOf(job).stages.filter((time) => time.stage === kind);
  return {
    startMs: Math.min(...times.map((time) => time.startMs)),
    endMs: Math.max(...times.map((time) => time.endMs)),
  };
}

/** Whether `inner` begins before `outer` ends and ends after it begins. */
function overlaps(inner: { startMs: number; endMs: number }, outer: { startMs: number; endMs: number }): boolean {
  return inner.startMs < outer.endMs && inner.endMs > outer.startMs;
}

async function pictures(folder: string, count: number, sidePx: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      writePicture(folder, `photo-${index}.png`, { widthPx: sidePx, heightPx: sidePx, seed: index + 1 }),
    ),
  );
}

const heldWorker = childProcessTransport(fileURLToPath(new URL('../helpers/held-worker.ts', import.meta.url)));

/**
 * Workers that are held at the first tile of these strips of a photo, and killed there.
 *
 * @param deaths after so many they are held no more
 */
function killing(source: string, strips: readonly number[], deaths: number) {
  const files = strips.map((strip) => holdFile(source, strip));
  let killed = 0;
  return {
    hold: (): void => {
      for (const file of files) writeFileSync(file, '');
    },
    start: (): WorkerProcess => {
      const child = heldWorker();
      const tasks = new Map<number, string>();
      let isKilled = false;
      return {
        ...child,
        send: (message) => {
          if (message.type === 'task' && message.task.kind === 'infer') {
            tasks.set(message.taskId, holdFile(message.task.photo.source, message.task.stripIndex));
          }
          child.send(message);
        },
        onMessage: (listener) => {
          child.onMessage((message) => {
            listener(message);
            if (message.type !== 'tile' || !files.includes(tasks.get(message.taskId) ?? '')) return;
            if (isKilled || killed >= deaths) return;
            isKilled = true;
            killed += 1;
            if (killed === deaths) for (const file of files) rmSync(file);
            child.kill();
          });
        },
      };
    },
  };
}

/** Does something when a worker has stored a result and says so, before its word is heard. */
function onStored(act: (child: WorkerProcess) => void, tellsIt: boolean): StartProcess {
  return () => {
    const child = childProcessTransport(workerEntry)();
    const onMessage: typeof child.onMessage = (listener) => {
      child.onMessage((message) => {
        const stored = message.type === 'done' && message.result.ok && 'fileBytes' in message.result.value;
        if (stored) act(child);
        if (!stored || tellsIt) listener(message);
      });
    };
    return { ...child, onMessage };
  };
}

describe('the pool', () => {
  it('decodes the next photo and encodes the last one while it infers this one', async () => {
    await using enhancer = await testEnhancer({ workers: 1, format: 'jpeg' });
    const jobs = await enhancer.run(await pictures(enhancer.folder, 5, 220));
    const overlapping = [1, 2, 3].filter((index) => {
      const inference = stage(jobs[index], 'infer');
      const decodedAhead = stage(jobs[index + 1], 'decode').endMs < inference.endMs;
      return decodedAhead && overlaps(stage(jobs[index - 1], 'encode'), inference);
    });
    // Not all three, because the machine may have more to do than this test.
    expect(overlapping.length).toBeGreaterThan(0);
    // What overlaps is the codec: no two strips are ever inferred at once by one worker.
    const strips = jobs
      .flatMap((job) => outcomeOf(job).stages.filter((time) => time.stage === 'infer'))
      .sort((one, other) => one.startMs - other.startMs);
    for (const [at, strip] of strips.slice(1).entries()) {
      expect(strip.startMs).toBeGreaterThanOrEqual(strips[at]!.endMs);
    }
  });

  it('shares the strips of one photo between workers', async () => {
    await using enhancer = await testEnhancer({ workers: 2 });
    const [job] = await enhancer.run(await pictures(enhancer.folder, 1, 640));
    const times = outcomeOf(job).stages.filter(({ stage }) => stage === 'infer');
    expect(times.length).toBeGreaterThan(3);
    const sharedMs = times.flatMap((one, at) =>
      times.slice(at + 1).map((other) => Math.min(one.endMs, other.endMs) - Math.max(one.startMs, other.startMs)),
    );
    expect(Math.max(...sharedMs)).toBeGreaterThan(0);
  });

  it('tries a photo again whose worker is killed, from its finished strips on', async () => {
    await using folder = await temporaryFolder();
    const source = await writePicture(folder.path, 'photo-0.png', { widthPx: 200, heightPx: 200 });
    const killer = killing(source, [2], 1);
    killer.hold();
    await using enhancer = await testEnhancer({ workers: 1, start: killer.start });
    const [job] = await enhancer.run([source]);
    expect(outcomeOf(job).stages.filter(({ stage }) => stage === 'infer')).toHaveLength(3);
    expect(enhancer.events.map(({ event }) => event.kind)).toContain('worker-died');
    expect(enhancer.events.filter(({ event }) => event.kind === 'open-started')).toHaveLength(1);

    await using calm = await testEnhancer({ workers: 1 });
    await calm.run([source]);
    const result = await readSamples(enhancer.outputOf(source));
    expect(Buffer.compare(result, await readSamples(calm.outputOf(source)))).toBe(0);
  });

  it('sets a photo aside whose worker dies twice, goes on, and finishes it alone at the end', async () => {
    await using folder = await temporaryFolder();
    const killer = killing(join(folder.path, 'photo-0.png'), [0, 1, 2], 2);
    await using enhancer = await testEnhancer({ workers: 1, start: killer.start });
    const sources = await pictures(folder.path, 3, 200);
    killer.hold();
    const jobs = await enhancer.run(sources);
    expect(jobs.map(({ state }) => state.kind)).toEqual(['done', 'done', 'done']);
    expect(jobs.map(({ alone }) => alone)).toEqual([true, false, false]);
  });

  it('knows its own result again when a worker dies between storing it and telling so', async () => {
    let killed = false;
    const start = onStored((child) => {
      killed = true;
      child.kill();
    }, false);
    // The next worker's word is heard: it stores nothing, and says so at once.
    const starts = [start, childProcessTransport(workerEntry)];
    await using enhancer = await testEnhancer({ workers: 1, start: () => (starts.shift() ?? start)() });
    const [source] = (await pictures(enhancer.folder, 1, 60)) as [string];
    const [job] = await enhancer.run([source]);
    expect(killed).toBe(true);
    expect(outcomeOf(job).fileBytes).toBeGreaterThan(0);
    expect(outcomeOf(job).stages.map(({ stage }) => stage)).not.toContain('store');
    expect(await readdir(enhancer.outFolder)).toEqual(['photo-0-x4.png']);
  });

  it('leaves no result of a photo that is cancelled while its result is stored, and makes it when asked again', async () => {
    // The result has its name, and the worker's word of it is on the way.
    let cancel = (): void => undefined;
    const start = onStored(() => {
      cancel();
    }, true);
    const namesWhenDecided: string[][] = [];
    const onJob = ({ id }: Job, { kind }: JobEvent): void => {
      if (id === '1' && kind === 'probed') namesWhenDecided.push(readdirSync(enhancer.outFolder));
    };
    await using enhancer = await testEnhancer({ workers: 1, start, onJob });
    const [source] = (await pictures(enhancer.folder, 1, 60)) as [string];
    const namesAtCancel: string[] = [];
    cancel = () => {
      namesAtCancel.push(...readdirSync(enhancer.outFolder));
      enhancer.queue.cancel('0');
      cancel = () => undefined;
      // Whoever asks again at once waits until the first result is gone.
      enhancer.queue.remove('0');
      enhancer.queue.add([{ id: '1', source }]);
    };
    await enhancer.run([source]);
    expect(namesAtCancel).toEqual(['photo-0-x4.png']);
    expect(namesWhenDecided).toEqual([[]]);
    expect(enhancer.queue.jobs.map(({ id, state }) => [id, state.kind])).toEqual([['1', 'done']]);
    expect(enhancer.events.map(({ job, event }) => [job.id, event.kind])).toContainEqual(['0', 'cancelled']);
    expect(await readdir(enhancer.outFolder)).toEqual(['photo-0-x4.png']);
  });

  it('leaves no result where the batch is ended while that is stored', async () => {
    await using folder = await temporaryFolder();
    const outFolder = join(folder.path, 'out');
    const [source] = (await pictures(folder.path, 1, 60)) as [string];
    const namesAtEnd: string[] = [];
    let ended: PromiseLike<void> | undefined;
    const start = onStored(() => {
      namesAtEnd.push(...readdirSync(outFolder));
      ended = enhancer[Symbol.asyncDispose]();
    }, false);
    const enhancer = await testEnhancer({ workers: 1, start, outFolder });
    const [job] = await enhancer.run([source]);
    await ended;
    expect(namesAtEnd).toEqual(['photo-0-x4.png']);
    expect(job?.state.kind).toBe('cancelled');
    expect(await readdir(outFolder)).toEqual([]);
  });

  it('gives up on a photo that kills its worker in its last try too, and on no other', async () => {
    await using folder = await temporaryFolder();
    const killer = killing(join(folder.path, 'photo-1.png'), [0, 1, 2], Infinity);
    await using enhancer = await testEnhancer({ workers: 1, start: killer.start });
    const sources = await pictures(folder.path, 3, 200);
    killer.hold();
    const jobs = await enhancer.run(sources);
    expect(jobs[1]?.state).toMatchObject({ kind: 'failed', failure: { code: 'photo-crashes' } });
    expect(jobs.map(({ state }) => state.kind)).toEqual(['done', 'failed', 'done']);
    expect(await readdir(enhancer.scratchFolder)).toEqual([]);
  });

  it('answers a cancel sooner than the photo would be through, writes nothing, and goes on with the others', async () => {
    let started = (): void => undefined;
    const atFirstTile = new Promise<void>((resolve) => (started = resolve));
    const onJob = (_: Job, { kind }: JobEvent): void => {
      if (kind === 'tile-done') started();
    };
    await using enhancer = await testEnhancer({ workers: 1, onJob });
    const [big, small] = [
      // One strip, of many tiles.
      await writePicture(enhancer.folder, 'big.png', { widthPx: 16_000, heightPx: 60 }),
      await writePicture(enhancer.folder, 'small.png', { widthPx: 40, heightPx: 40 }),
    ];
    const running = enhancer.run([big, small]);
    await atFirstTile;
    const cancelledMs = performance.now();
    enhancer.queue.cancel('0');
    const jobs = await running;
    // The small photo's whole way lies inside this time as well.
    const answeredMs = performance.now() - cancelledMs;
    expect(jobs.map(({ state }) => state.kind)).toEqual(['cancelled', 'done']);
    expect(await readdir(enhancer.outFolder)).toEqual(['small-x4.png']);
    expect(await readdir(enhancer.scratchFolder)).toEqual([]);
    enhancer.queue.add([{ id: 'again', source: big }]);
    await enhancer.queue.settled();
    const whole = stage(enhancer.queue.jobs.at(-1), 'infer');
    expect(answeredMs).toBeLessThan((whole.endMs - whole.startMs) / 2);
  });

  it('cancels a photo that waits behind another without ending their worker', async () => {
    // One strip of some seconds: what waits behind it is cancelled long before its turn.
    await using enhancer = await testEnhancer({ workers: 1, spec: { tilePx: 352 }, maxTilePx: 352 });
    const [long, short] = [
      await writePicture(enhancer.folder, 'long.png', { widthPx: 9000, heightPx: 320 }),
      await writePicture(enhancer.folder, 'short.png', { widthPx: 60, heightPx: 60 }),
    ];
    const running = enhancer.run([long]);
    const tiles = (): number => enhancer.events.filter(({ event }) => event.kind === 'tile-done').length;
    while (tiles() < 1) await delay(5);
    enhancer.queue.add([{ id: '1', source: short }]);
    // The worker takes the short photo's strip once the first of the long one's is through, and works on the second.
    const waits = (): boolean =>
      enhancer.queue.jobs[1]?.state.kind === 'inferring' &&
      enhancer.events.some(({ job, event }) => job.id === '0' && event.kind === 'strip-done');
    while (!waits()) {
      if (enhancer.queue.jobs[0]?.state.kind === 'done') throw new Error('The long photo was not long enough.');
      await delay(5);
    }
    await delay(50);
    enhancer.queue.cancel('1');
    await running;
    expect(enhancer.queue.jobs.map(({ state }) => state.kind)).toEqual(['done', 'cancelled']);
    expect(enhancer.events.map(({ event }) => event.kind)).not.toContain('worker-died');
    expect(enhancer.events.map(({ event }) => event.kind)).not.toContain('tiles-lost');
    // Its length is the point; on a machine that does other work beside, it is a multiple of that.
  }, 300_000);

  it('stops giving out work while paused, which no photo’s time is charged with', async () => {
    await using enhancer = await testEnhancer({ workers: 1 });
    // Strips enough that none of the photos is through when it is paused.
    const sources = await pictures(enhancer.folder, 2, 400);
    const running = enhancer.run(sources);
    while (!enhancer.events.some(({ event }) => event.kind === 'strip-done')) await delay(5);
    enhancer.queue.pause();
    const pausedAt = enhancer.events.length;
    await delay(700);
    const strips = enhancer.events.slice(pausedAt).filter(({ event }) => event.kind === 'strip-done');
    // What a worker held at the pause is finished, nothing more.
    expect(strips.length).toBeLessThanOrEqual(2);
    enhancer.queue.resume();
    const jobs = await running;
    expect(jobs.map(({ state }) => state.kind)).toEqual(['done', 'done']);
    const { elapsedMs, stages } = outcomeOf(jobs[0]);
    const work = stages.filter((time) => time.stage !== 'wait').sort((one, other) => one.startMs - other.startMs);
    const endsMs = work.map((_, at) => Math.max(...work.slice(0, at + 1).map(({ endMs }) => endMs)));
    const idleMs = Math.max(...work.slice(1).map(({ startMs }, at) => startMs - endsMs[at]!));
    expect(idleMs).toBeGreaterThan(0);
    expect(elapsedMs).toBeLessThanOrEqual(endsMs.at(-1)! - work[0]!.startMs - idleMs + 1);
  });

  it('says so when no worker can be kept alive', async () => {
    const broken = childProcessTransport(workerEntry, ['--no-such-flag']);
    await using enhancer = await testEnhancer({ workers: 1, start: broken });
    const [job] = await enhancer.run(await pictures(enhancer.folder, 1, 20));
    expect(job?.state).toMatchObject({
      kind: 'failed',
      failure: { code: 'workers-unavailable', details: { cause: expect.stringContaining('--no-such-flag') as string } },
    });
  }, 30_000);
});

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
