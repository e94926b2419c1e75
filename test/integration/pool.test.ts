import { existsSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Job, JobEvent } from '../../main/jobs/job.ts';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import type { StartProcess } from '../../main/pool/transport.ts';
import type { StageTime } from '../../main/worker/protocol.ts';
import { outcomeOf, testEnhancer, workerEntry, type TestEnhancer } from '../helpers/enhancer.ts';
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

async function pictures(enhancer: TestEnhancer, count: number, sidePx: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      writePicture(enhancer.folder, `photo-${index}.png`, { widthPx: sidePx, heightPx: sidePx, seed: index + 1 }),
    ),
  );
}

/** Kills the worker process that works on a photo each time `when` says so. */
function killer(when: (job: Job, event: JobEvent) => boolean): {
  onJob: (job: Job, event: JobEvent) => void;
  attach: (enhancer: TestEnhancer) => void;
} {
  let enhancer: TestEnhancer | undefined;
  return {
    attach: (attached) => {
      enhancer = attached;
    },
    onJob: (job, event) => {
      if (!when(job, event)) return;
      for (const pid of enhancer!.pool.pids()) process.kill(pid, 'SIGKILL');
    },
  };
}

describe('the pool', () => {
  it('decodes the next photo and encodes the last one while it infers this one', async () => {
    await using enhancer = await testEnhancer({ workers: 1, format: 'jpeg' });
    const jobs = await enhancer.run(await pictures(enhancer, 5, 220));
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
    const [job] = await enhancer.run(await pictures(enhancer, 1, 640));
    const times = outcomeOf(job).stages.filter(({ stage }) => stage === 'infer');
    expect(times.length).toBeGreaterThan(3);
    const sharedMs = times.flatMap((one, at) =>
      times.slice(at + 1).map((other) => Math.min(one.endMs, other.endMs) - Math.max(one.startMs, other.startMs)),
    );
    expect(Math.max(...sharedMs)).toBeGreaterThan(0);
  });

  it('tries a photo again whose worker is killed, from its finished strips on', async () => {
    let strips = 0;
    const kills = killer((_, event) => event.kind === 'strip-done' && (strips += 1) === 2);
    await using enhancer = await testEnhancer({ workers: 1, onJob: kills.onJob });
    kills.attach(enhancer);
    const [source] = await pictures(enhancer, 1, 200);
    const [job] = await enhancer.run([source!]);
    expect(outcomeOf(job).stages.filter(({ stage }) => stage === 'infer')).toHaveLength(3);
    expect(enhancer.events.map(({ event }) => event.kind)).toContain('worker-died');
    expect(enhancer.events.filter(({ event }) => event.kind === 'open-started')).toHaveLength(1);

    await using calm = await testEnhancer({ workers: 1 });
    await calm.run([source!]);
    const result = await readSamples(enhancer.outputOf(source!));
    expect(Buffer.compare(result, await readSamples(calm.outputOf(source!)))).toBe(0);
  });

  it('sets a photo aside whose worker dies twice, goes on, and finishes it alone at the end', async () => {
    // One kill a process: before a death is told, more of its tiles may be.
    const deathsSeen = new Set<number>();
    const kill = killer(({ id, deaths }, event) => {
      if (id !== '0' || event.kind !== 'tile-done' || deathsSeen.has(deaths)) return false;
      return deathsSeen.add(deaths).size <= 2;
    });
    await using enhancer = await testEnhancer({ workers: 1, onJob: kill.onJob });
    kill.attach(enhancer);
    // Strips of several tiles, which no worker finishes before it is gone.
    const jobs = await enhancer.run(await pictures(enhancer, 3, 400));
    expect(jobs.map(({ state }) => state.kind)).toEqual(['done', 'done', 'done']);
    expect(jobs[0]?.alone).toBe(true);
  });

  it('knows its own result again when a worker dies between storing it and telling so', async () => {
    // The result's name appears before the worker's answer; the worker is killed in between.
    const lateKill = (_: Job, event: JobEvent): void => {
      if (event.kind !== 'close-started' || enhancer.events.some((past) => past.event.kind === 'worker-died')) return;
      const watch = setInterval(() => {
        if (!existsSync(enhancer.outputOf(source))) return;
        clearInterval(watch);
        for (const pid of enhancer.pool.pids()) process.kill(pid, 'SIGKILL');
      }, 0);
    };
    await using enhancer = await testEnhancer({ workers: 1, onJob: lateKill });
    const [source] = (await pictures(enhancer, 1, 60)) as [string];
    const [job] = await enhancer.run([source]);
    expect(outcomeOf(job).fileBytes).toBeGreaterThan(0);
    expect(await readdir(enhancer.outFolder)).toEqual(['photo-0-x4.png']);
  });

  it('leaves no result of a photo that is cancelled while its result is stored, and makes it when asked again', async () => {
    // The result has its name, and the worker's word of it is on the way.
    let cancel = (): void => undefined;
    const start: StartProcess = () => {
      const child = childProcessTransport(workerEntry)();
      const onMessage: typeof child.onMessage = (listener) => {
        child.onMessage((message) => {
          if (message.type === 'done' && message.result.ok && 'fileBytes' in message.result.value) cancel();
          listener(message);
        });
      };
      return { ...child, onMessage };
    };
    const namesWhenDecided: string[][] = [];
    const onJob = ({ id }: Job, { kind }: JobEvent): void => {
      if (id === '1' && kind === 'probed') namesWhenDecided.push(readdirSync(enhancer.outFolder));
    };
    await using enhancer = await testEnhancer({ workers: 1, start, onJob });
    const [source] = (await pictures(enhancer, 1, 60)) as [string];
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

  it('gives up on a photo that kills its worker in its last try too, and on no other', async () => {
    const kill = killer((job, event) => job.id === '1' && event.kind === 'tile-done');
    await using enhancer = await testEnhancer({ workers: 1, onJob: kill.onJob });
    kill.attach(enhancer);
    // Strips of several tiles, which no worker finishes before it is gone.
    const jobs = await enhancer.run(await pictures(enhancer, 3, 400));
    expect(jobs[1]?.state).toMatchObject({ kind: 'failed', failure: { code: 'photo-crashes' } });
    expect(jobs.map(({ state }) => state.kind)).toEqual(['done', 'failed', 'done']);
    expect(await readdir(enhancer.scratchFolder)).toEqual([]);
  });

  it('answers a cancel within a second, writes nothing, and goes on with the others', async () => {
    await using enhancer = await testEnhancer({ workers: 1 });
    const [big, small] = [
      await writePicture(enhancer.folder, 'big.png', { widthPx: 900, heightPx: 900 }),
      await writePicture(enhancer.folder, 'small.png', { widthPx: 40, heightPx: 40 }),
    ];
    const started = new Promise<void>((resolve) => {
      const poll = setInterval(() => {
        if (!enhancer.events.some(({ event }) => event.kind === 'tile-done')) return;
        clearInterval(poll);
        resolve();
      }, 5);
    });
    const running = enhancer.run([big, small]);
    await started;
    const cancelledMs = performance.now();
    enhancer.queue.cancel('0');
    const jobs = await running;
    expect(jobs.map(({ state }) => state.kind)).toEqual(['cancelled', 'done']);
    // The small photo's whole way lies inside this second as well.
    expect(performance.now() - cancelledMs).toBeLessThan(2_000);
    expect(await readdir(enhancer.outFolder)).toEqual(['small-x4.png']);
    expect(await readdir(enhancer.scratchFolder)).toEqual([]);
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
  });

  it('stops giving out work while paused', async () => {
    await using enhancer = await testEnhancer({ workers: 1 });
    const sources = await pictures(enhancer, 2, 120);
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
  });

  it('says so when no worker can be kept alive', async () => {
    const broken = childProcessTransport(workerEntry, ['--no-such-flag']);
    await using enhancer = await testEnhancer({ workers: 1, start: broken });
    const [job] = await enhancer.run(await pictures(enhancer, 1, 20));
    expect(job?.state).toMatchObject({
      kind: 'failed',
      failure: { code: 'workers-unavailable', details: { cause: expect.stringContaining('--no-such-flag') as string } },
    });
  }, 30_000);
});

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
