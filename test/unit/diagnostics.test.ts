import { describe, expect, it } from 'vitest';
import { diagnosticsText } from '../../main/desktop/diagnostics-text.ts';
import { MOST_SHOWN, RunRecord, type DonePhoto } from '../../main/desktop/run-record.ts';
import { StageStore } from '../../main/desktop/stage-store.ts';
import type { Outcome } from '../../main/jobs/job.ts';
import type { StageTime, WorkerReport } from '../../main/worker/protocol.ts';
import type { SystemFacts } from '../../preload/contract/diagnostics.ts';

const epochMs = 1.7e12;

function stage(kind: StageTime['stage'], worker: number, startMs: number, endMs: number): StageTime {
  return { stage: kind, worker, startMs: epochMs + startMs, endMs: epochMs + endMs };
}

/** What a worker says of a photo of one strip whose work begins and ends then, with 10 ms of decoding and encoding. */
function photo(job: number, startMs: number, endMs: number, change: Partial<Outcome> = {}, worker = 7): DonePhoto {
  const info = { widthPx: 1600, heightPx: 1200 };
  const output = { widthPx: 6400, heightPx: 4800, format: 'jpeg', path: `/home/ada/secret/photo-${job}-x4.jpg` };
  const stages = [
    stage('decode', worker, startMs, startMs + 10),
    stage('infer', worker, startMs + 10, endMs - 10),
    stage('encode', worker, endMs - 10, endMs),
  ];
  const outcome = {
    assignment: { info, output } as unknown as Outcome['assignment'],
    provider: 'cpu',
    precision: 'int8',
    fileBytes: 1,
    elapsedMs: 0,
    stages,
    runMs: endMs - startMs - 25,
    ...change,
  } as const;
  return { job, name: `photo-${job}.jpg`, outcome };
}

function reportOf(worker: number): WorkerReport {
  const arena = { reservedBytes: 64 * 1024 ** 2, reused: 812, refused: 0, allocations: 1 };
  const none = { rssBytes: 0, arrayBufferBytes: 0, externalBytes: 0, cpuMs: 0 };
  return { worker, arena, peakRssBytes: 500 * 1024 ** 2, ...none };
}

function begun(): RunRecord {
  const record = new RunRecord();
  record.begin(epochMs);
  return record;
}

describe('the record of a run', () => {
  it('is nothing before the first run, and forgets one when the next begins', () => {
    const record = new RunRecord();
    expect(record.view('idle', 0)).toBeNull();
    record.begin(epochMs);
    record.add(photo(1, 0, 100));
    record.begin(epochMs + 500);
    expect(record.view('running', 0)).toMatchObject({ run: 'running', photos: 0, slowest: [], traceable: 0 });
  });

  it('adds up photos and workers, and says what was computed on', () => {
    const record = begun();
    record.add(photo(1, 0, 100));
    record.add(photo(2, 50, 250, { provider: 'webgpu', precision: 'fp32' }, 9));
    record.learn([reportOf(9)]);
    expect(record.view('idle', 3, [9])).toEqual({
      run: 'ended',
      startedAt: new Date(epochMs).toISOString(),
      elapsedMs: 250,
      pausedMs: 0,
      photos: 2,
      failed: 3,
      totals: { decode: 20, wait: 0, infer: 250, stitch: 10, write: 0, encode: 20, store: 0 },
      slowest: [expect.objectContaining({ job: 2, elapsedMs: 200 }), expect.objectContaining({ job: 1 })],
      workers: [
        { worker: 7, inferMs: 80, inUse: 80 / 250, codecMs: 20, alive: false, arena: null, peakMemoryBytes: null },
        {
          worker: 9,
          alive: true,
          inferMs: 180,
          inUse: 180 / 250,
          codecMs: 20,
          arena: reportOf(9).arena,
          peakMemoryBytes: 500 * 1024 ** 2,
        },
      ],
      computed: [
        { device: 'cpu', precision: 'int8', photos: 1 },
        { device: 'webgpu', precision: 'fp32', photos: 1 },
      ],
      traceable: 2,
    });
  });

  it('counts no pause into a photo, a worker’s use or the batch', () => {
    const record = begun();
    const held = photo(1, 0, 10_100, {
      stages: [stage('decode', 7, 0, 10), stage('infer', 7, 10, 90), stage('encode', 7, 10_090, 10_100)],
      runMs: 80,
    });
    record.pause(epochMs + 20);
    // The strip under way is finished first.
    record.stir(epochMs + 90);
    record.resume(epochMs + 10_090);
    expect(record.add(held)).toMatchObject({ elapsedMs: 100, waitMs: 0, inferMs: 80, encodeMs: 10 });
    expect(record.view('idle', 0)).toMatchObject({ elapsedMs: 100, pausedMs: 10_000, workers: [{ inUse: 0.8 }] });
  });

  it('of ten thousand photos tells all in its totals, the slowest one by one, and keeps little', () => {
    const record = begun();
    for (let job = 1; job <= 10_000; job += 1) record.add(photo(job, job, job + 100 + ((job * 7919) % 10_000)));
    const view = record.view('idle', 0)!;
    expect(view.photos).toBe(10_000);
    expect(view.totals.decode).toBeCloseTo(100_000, 3);
    expect(view.slowest).toHaveLength(MOST_SHOWN);
    const times = view.slowest.map(({ elapsedMs }) => elapsedMs);
    expect(times).toEqual(times.toSorted((one, other) => other - one));
    expect(times.at(-1)).toBeGreaterThan(100 + 10_000 - MOST_SHOWN - 1);
    expect(JSON.stringify(view).length).toBeLessThan(64_000);
  });
});

describe('the stages of photos', () => {
  it('come back as they were', () => {
    const store = new StageStore();
    const { name, outcome } = photo(1, 0.125, 99.5);
    store.add({ name, stages: outcome.stages, runMs: outcome.runMs });
    expect(store.photos()).toEqual([{ name, stages: outcome.stages, runMs: outcome.runMs }]);
  });

  it('are kept of the last photos alone, in a bounded number', () => {
    const store = new StageStore(9);
    for (let job = 1; job <= 50; job += 1) {
      const { name, outcome } = photo(job, 0, 100);
      store.add({ name, stages: outcome.stages, runMs: outcome.runMs });
    }
    expect(store.photos().map(({ name }) => name)).toEqual(['photo-48.jpg', 'photo-49.jpg', 'photo-50.jpg']);
    expect(store.size).toBe(3);
  });
});

describe('the text for a report', () => {
  const facts: SystemFacts = {
    tessera: '0.1.0',
    onnxRuntime: '1.30.0',
    codec: { sharp: '0.35.5', libvips: '8.18.7', build: 'wasm' },
    electron: '45.4.1',
    node: '24.21.0',
    system: 'Linux 6.1.0 x64',
    processor: 'A processor',
    cores: 8,
    memoryBytes: 16 * 1024 ** 3,
  };

  it('names the program, the machine and where the time went', () => {
    const record = begun();
    record.add(photo(1, 0, 100));
    record.learn([reportOf(7)]);
    expect(diagnosticsText({ facts, batch: record.view('idle', 1) })).toMatchInlineSnapshot(`
      "Tessera 0.1.0
      ONNX Runtime 1.30.0
      sharp 0.35.5 (wasm), libvips 8.18.7
      Electron 45.4.1, Node 24.21.0
      Linux 6.1.0 x64
      A processor, 8 cores, 16.0 GB

      Batch: ended, 1 done, 1 failed, 100 ms and 0 ms paused
      Computed on cpu in int8: 1 photo

      slowest, ms     source     result  format  whole  decode  wait  infer  stitch  write  encode  store
      1            1600x1200  6400x4800    jpeg    100      10     0     75       5      0      10      0
      all photos                                            10     0     75       5      0      10      0

      worker  infer ms  in use  codec ms  arena  reused  refused  allocated  peak memory
      1             80  80.0 %        20  64 MB     812        0          1       500 MB
      "
    `);
  });

  it('names no photo, no folder and no process', () => {
    const record = begun();
    record.add(photo(1, 0, 100, {}, 4711));
    const text = diagnosticsText({ facts, batch: record.view('idle', 0) });
    for (const secret of ['photo-1', 'ada', 'secret', '/home', '4711', '.jpg']) expect(text).not.toContain(secret);
  });

  it('says so where no batch has run and no worker has told its versions', () => {
    const text = diagnosticsText({ facts: { ...facts, codec: null, electron: null }, batch: null });
    expect(text).toContain('No batch has run');
    expect(text).toContain('sharp unknown');
  });
});
