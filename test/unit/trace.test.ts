import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { profileOf } from '../../main/tune/profile.ts';
import { traceOf, type NameEvent, type StageEvent, type TracedPhoto } from '../../main/tune/trace.ts';
import type { StageTime, WorkerReport } from '../../main/worker/protocol.ts';

function stage(kind: StageTime['stage'], worker: number, startMs: number, endMs: number): StageTime {
  return { stage: kind, worker, startMs, endMs };
}

const beach: TracedPhoto = {
  name: 'beach.jpg',
  runMs: 60,
  stages: [
    stage('decode', 7, 1000, 1010),
    stage('wait', 7, 1030, 1030),
    stage('infer', 7, 1030, 1070),
    stage('infer', 9, 1040, 1080),
    stage('write', 7, 1070, 1075),
    stage('write', 9, 1080, 1086),
    stage('encode', 9, 1100, 1120),
    stage('store', 9, 1120, 1125),
  ],
};
const hills: TracedPhoto = { name: 'hills.jpg', runMs: 5, stages: [stage('decode', 7, 1005, 1020)] };

function stagesOf(photos: readonly TracedPhoto[]): StageEvent[] {
  return traceOf(photos).traceEvents.filter((event) => event.ph === 'X');
}

const anyStage = fc.record({
  stage: fc.constantFrom<StageTime['stage'][]>('decode', 'wait', 'infer', 'write', 'encode', 'store'),
  worker: fc.integer({ min: 1, max: 3 }),
  startMs: fc.double({ min: 1.7e12, max: 1.7e12 + 5000, noNaN: true }),
  lengthMs: fc.double({ min: 0, max: 900, noNaN: true }),
});

describe('the trace', () => {
  it('tells of every stage, in microseconds from the first', () => {
    const events = stagesOf([beach, hills]);
    expect(events).toHaveLength(9);
    expect(events.find(({ name, pid }) => name === 'infer' && pid === 9)).toMatchObject({
      ts: 40_000,
      dur: 40_000,
      args: { photo: 'beach.jpg' },
    });
    expect(Math.min(...events.map(({ ts }) => ts))).toBe(0);
  });

  it('names each worker once, and each lane', () => {
    const names = traceOf([beach, hills]).traceEvents.filter((event): event is NameEvent => event.ph === 'M');
    const of = (kind: NameEvent['name']): unknown[] =>
      names.filter(({ name }) => name === kind).map(({ pid, args }) => [pid, 'name' in args ? args.name : undefined]);
    expect(of('process_name')).toEqual([
      [7, 'worker 1 (process 7)'],
      [9, 'worker 2 (process 9)'],
    ]);
    expect(of('thread_name')).toEqual([
      [7, 'model'],
      [7, 'waiting for a free result'],
      [7, 'writing strips'],
      [7, 'codec'],
      [7, 'codec 2'],
      [9, 'model'],
      [9, 'writing strips'],
      [9, 'codec'],
    ]);
    const lanes = new Set(stagesOf([beach, hills]).map(({ pid, tid }) => `${pid}/${tid}`));
    expect(lanes.size).toBe(of('thread_name').length);
  });

  it('lets no two stages overlap within a lane, and loses none', () => {
    fc.assert(
      fc.property(fc.array(anyStage, { maxLength: 60 }), (times) => {
        const stages = times.map(({ lengthMs, ...rest }) => ({ ...rest, endMs: rest.startMs + lengthMs }));
        const events = stagesOf([{ name: 'a', runMs: 0, stages }]);
        expect(events).toHaveLength(stages.length);
        const ends = new Map<string, number>();
        for (const { pid, tid, ts, dur } of events.toSorted((one, other) => one.ts - other.ts || one.dur - other.dur)) {
          const lane = `${pid}/${tid}`;
          expect(dur).toBeGreaterThanOrEqual(0);
          expect(ts).toBeGreaterThanOrEqual(ends.get(lane) ?? 0);
          ends.set(lane, ts + dur);
        }
      }),
    );
  });

  it('of nothing is empty', () => {
    expect(traceOf([])).toEqual({ traceEvents: [], displayTimeUnit: 'ms' });
  });
});

describe('the profile', () => {
  const arena = { reservedBytes: 100, reused: 5, refused: 0, allocations: 1 };
  const report: WorkerReport = {
    worker: 9,
    arena,
    rssBytes: 1,
    peakRssBytes: 2,
    arrayBufferBytes: 0,
    externalBytes: 0,
    cpuMs: 0,
  };

  it('says where the time of a photo went, and waiting is when nothing of it ran', () => {
    expect(profileOf([beach]).photos).toEqual([
      {
        name: 'beach.jpg',
        elapsedMs: 125,
        decodeMs: 10,
        waitMs: 20 + 14,
        inferMs: 60,
        stitchMs: 20,
        writeMs: 11,
        encodeMs: 20,
        storeMs: 5,
      },
    ]);
  });

  it('says how busy each worker was, with its own counters', () => {
    const { elapsedMs, workers } = profileOf([beach, hills], [report]);
    expect(elapsedMs).toBe(125);
    expect(workers).toEqual([
      { worker: 7, inferMs: 40, utilisation: 40 / 125, codecMs: 25 },
      { worker: 9, inferMs: 40, utilisation: 40 / 125, codecMs: 25, arena, peakRssBytes: 2 },
    ]);
  });
});
