import { describe, expect, it } from 'vitest';
import { fractionOf, reduce, type Assignment, type Job, type JobEvent } from '../../main/jobs/job.ts';
import { workedMs } from '../../main/jobs/worked-time.ts';
import type { OpenPhoto, StageTime } from '../../main/worker/protocol.ts';

const assignment = { spec: { precision: 'int8' } } as Assignment;
const photo = { stripTiles: [3, 2] } as unknown as OpenPhoto;
const queued: Job = { id: 'a', source: '/a.jpg', state: { kind: 'queued' }, deaths: 0, alone: false };

function after(...events: JobEvent[]): Job {
  return events.reduce(reduce, queued);
}

const opened: JobEvent[] = [
  { kind: 'probe-started' },
  { kind: 'probed', assignment },
  { kind: 'open-started' },
  { kind: 'opened', photo },
];
const tile: JobEvent = { kind: 'tile-done' };
const death: JobEvent = { kind: 'worker-died' };

describe('a photo', () => {
  it('counts tiles while it is inferred, and takes back those of a strip that broke off', () => {
    expect(fractionOf(after(...opened, tile, tile).state)).toBeCloseTo(2 / 5);
    expect(fractionOf(after(...opened, tile, tile, { kind: 'tiles-lost', tiles: 2 }).state)).toBe(0);
    expect(fractionOf(after(...opened, { kind: 'close-started' }).state)).toBe(1);
  });

  it('is set aside at its second death, unless a strip was finished in between', () => {
    expect(after(...opened, death, death).state.kind).toBe('set-aside');
    expect(after(...opened, death, { kind: 'strip-done' }, death).state.kind).toBe('inferring');
  });

  it('fails at the first death of its last try', () => {
    const last = after(...opened, death, death, { kind: 'tried-alone' });
    // With the name that it had: another would leave two results where the first was stored already.
    expect(last).toMatchObject({ alone: true, deaths: 0, state: { kind: 'ready', assignment } });
    expect(reduce(last, death).state).toMatchObject({ kind: 'failed', failure: { code: 'photo-crashes' } });
  });

  it('begins anew when it is restarted', () => {
    const failed = after({ kind: 'failed', failure: { code: 'x', message: 'X.' } });
    expect(reduce({ ...failed, deaths: 1, alone: true }, { kind: 'restarted' })).toEqual(queued);
  });

  it('refuses events that cannot happen', () => {
    expect(() => after({ kind: 'open-started' })).toThrow('no assignment');
    expect(() => after({ kind: 'close-started' })).toThrow('inferring was expected');
    expect(() => after({ kind: 'cancelled' }, { kind: 'probe-started' })).toThrow('nothing');
  });
});

describe('the time that a photo took', () => {
  const stage = (kind: StageTime['stage'], startMs: number, endMs: number, worker = 1): StageTime => ({
    stage: kind,
    worker,
    startMs,
    endMs,
  });

  it('is what was worked on it: no pause, no waiting, and what ran side by side once', () => {
    const stages = [
      stage('decode', 1000, 1100),
      // Two workers at once; the second ends later.
      stage('infer', 1100, 1400, 1),
      stage('infer', 1200, 1500, 2),
      // An hour's pause, then a strip that waited for another photo's.
      stage('wait', 3_601_500, 3_601_900),
      stage('infer', 3_601_900, 3_602_000),
      stage('write', 3_601_950, 3_602_050),
      stage('encode', 3_602_100, 3_602_200),
    ];
    expect(workedMs(stages)).toBe(100 + 400 + 150 + 100);
    expect(workedMs(stages.toReversed())).toBe(750);
    expect(workedMs([])).toBe(0);
  });
});
