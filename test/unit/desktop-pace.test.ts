import { expect, it } from 'vitest';
import { Pace } from '../../main/desktop/pace.ts';
import type { Job, JobState } from '../../main/jobs/job.ts';

/** A photo of a million pixels in a state. */
function photo(id: string, kind: 'opening' | 'inferring' | 'done' | 'cancelled', tilesDone = 0): Job {
  const assignment = { info: { widthPx: 1000, heightPx: 1000 } };
  const state = { kind, assignment, tilesDone, tilesTotal: 100 } as unknown as JobState;
  return { id, source: `/photos/${id}.jpg`, state, deaths: 0, alone: false };
}

it('tells each photo’s time left by its own speed, and the whole’s by that of all', () => {
  let nowMs = 0;
  const pace = new Pace(() => nowMs);
  pace.expect(2);
  for (const id of ['slow', 'quick']) pace.follow(photo(id, 'opening'));
  for (let second = 1; second <= 10; second += 1) {
    nowMs = second * 1000;
    pace.follow(photo('slow', 'inferring', second));
    pace.follow(photo('quick', 'inferring', 5 * second));
    for (const id of ['slow', 'quick']) pace.leftMs(id);
    pace.at();
  }
  expect(pace.leftMs('quick')! / 1000).toBeCloseTo(10, 0);
  expect(pace.leftMs('slow')! / 1000).toBeCloseTo(90, 0);
  expect(pace.at().remainingMs! / 1000).toBeCloseTo(23.3, 0);
});

it('counts no pause, neither for a photo nor for the whole', () => {
  let nowMs = 0;
  const pace = new Pace(() => nowMs);
  pace.expect(1);
  pace.follow(photo('one', 'opening'));
  const work = (from: number, to: number): void => {
    for (let tiles = from; tiles <= to; tiles += 1) {
      nowMs += 1000;
      pace.follow(photo('one', 'inferring', tiles));
      pace.leftMs('one');
      pace.at();
    }
  };
  work(1, 20);
  pace.pause();
  nowMs += 3_600_000;
  pace.at();
  pace.resume();
  work(21, 30);
  expect(pace.leftMs('one')! / 1000).toBeCloseTo(70, 0);
  expect(pace.at().remainingMs! / 1000).toBeCloseTo(70, 0);
});

it('knows nothing of a photo that did not begin, or is through', () => {
  const pace = new Pace(() => 0);
  pace.expect(2);
  expect(pace.leftMs('one')).toBeNull();
  pace.follow(photo('one', 'opening'));
  pace.follow(photo('one', 'done'));
  expect(pace.leftMs('one')).toBeNull();
  pace.drop('two');
  pace.end();
  expect(pace.at().fraction).toBe(1);
});
