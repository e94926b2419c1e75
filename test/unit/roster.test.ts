import { expect, it } from 'vitest';
import { Roster } from '../../main/jobs/roster.ts';

const quiet = { onJob: () => undefined, onNotice: () => undefined };
const photo = { id: 'a', source: '/a.jpg', state: { kind: 'queued' }, deaths: 0, alone: false } as const;

it.each(['worker-restarted', 'device-left'])(
  'tries a task again after %s, without a mark against the photo',
  (code) => {
    const roster = new Roster(1, quiet);
    const entry = roster.line(photo);
    expect(roster.broke(entry, { code, message: '' })).toBe(true);
    expect(entry.job).toEqual(photo);
  },
);

it('fails a photo for any other reason', () => {
  const roster = new Roster(1, quiet);
  const entry = roster.line(photo);
  expect(roster.broke(entry, { code: 'inference-failed', message: 'The model failed on a tile.' })).toBe(false);
  expect(entry.job.state.kind).toBe('failed');
});

it('forgets what a photo that is set aside came to, since all of it is done again', () => {
  const roster = new Roster(1, quiet);
  const entry = roster.line({ ...photo, state: { kind: 'opening' } } as unknown as typeof photo);
  entry.stages.push({ stage: 'decode', worker: 1, startMs: 0, endMs: 5 });
  entry.runMs = 7;
  roster.broke(entry, { code: 'worker-died', message: '', details: { pid: 1 } });
  expect(entry.stages).toHaveLength(1);
  roster.broke(entry, { code: 'worker-died', message: '', details: { pid: 2 } });
  expect(entry.job.state.kind).toBe('set-aside');
  expect({ stages: entry.stages, runMs: entry.runMs, ledger: entry.ledger }).toEqual({
    stages: [],
    runMs: 0,
    ledger: undefined,
  });
});
