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
