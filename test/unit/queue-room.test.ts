import { existsSync, mkdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { success } from '../../main/engine/errors.ts';
import type { Assignment } from '../../main/jobs/job.ts';
import type { TaskOf } from '../../main/worker/protocol.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';
import { HandFedQueue, opened } from '../helpers/hand-fed-queue.ts';

const assignment = { spec: {}, output: { path: '/out/a.png' }, spoolBytes: 1000 } as unknown as Assignment;
const resolve = () => Promise.resolve(success(assignment));

/** Two photos whose headers are read. */
async function twoPhotos(folder: string): Promise<HandFedQueue> {
  const fed = new HandFedQueue(folder, resolve);
  fed.queue.add([
    { id: 'a', source: '/a.png' },
    { id: 'b', source: '/b.png' },
  ]);
  await fed.probe(1);
  return fed;
}

/** One photo is open, with files in a folder, and the other was refused for want of room. */
async function oneWaits(folder: string): Promise<{ readonly fed: HandFedQueue; readonly scratchFolder: string }> {
  const fed = await twoPhotos(folder);
  const first = fed.given('codec');
  const { scratchFolder } = first.task as TaskOf<'open'>;
  mkdirSync(scratchFolder);
  await fed.answer(first, opened(1, 1000));
  await fed.probe(1);
  await fed.refuse(fed.given('codec'), 'disk-space');
  return { fed, scratchFolder };
}

it('puts a photo off that finds no room beside another, and opens it once that one’s files are gone', async () => {
  await using folder = await temporaryFolder();
  const { fed, scratchFolder } = await oneWaits(folder.path);
  expect(fed.stateOf('b')?.kind).toBe('ready');
  expect(fed.queue.next('codec', 0)).toBeUndefined();

  await fed.refuse(fed.given('infer'), 'inference-failed');
  expect(fed.stateOf('a')?.kind).toBe('failed');
  expect(existsSync(scratchFolder)).toBe(false);
  const again = fed.given('codec');
  expect(again.task).toMatchObject({ kind: 'open', photoId: 'b' });
  await fed.refuse(again, 'disk-space');
  expect(fed.stateOf('b')).toMatchObject({ kind: 'failed', failure: { code: 'disk-space' } });
  await fed.queue.settled();
});

it('tries no other photo while one waits for room', async () => {
  await using folder = await temporaryFolder();
  const fed = await twoPhotos(folder.path);
  fed.queue.add([{ id: 'c', source: '/c.png' }]);
  await fed.answer(fed.given('codec'), opened(1, 1000));
  await fed.probe(2);
  await fed.refuse(fed.given('codec'), 'disk-space');
  expect(fed.queue.next('codec', 0)).toBeUndefined();
  await fed.refuse(fed.given('infer'), 'inference-failed');
  expect(fed.given('codec').task).toMatchObject({ kind: 'open', photoId: 'b' });
});

it('gives what a photo that is set aside left behind to those that wait for room', async () => {
  await using folder = await temporaryFolder();
  const { fed, scratchFolder } = await oneWaits(folder.path);
  for (const pid of [1, 2]) await fed.refuse(fed.given('infer'), 'worker-died', { pid });
  expect(fed.stateOf('a')?.kind).toBe('set-aside');
  expect(existsSync(scratchFolder)).toBe(false);
  expect(fed.given('codec').task).toMatchObject({ kind: 'open', photoId: 'b' });
});

it('opens a photo again after a cancel has made room, with nobody else to wake it', async () => {
  await using folder = await temporaryFolder();
  const { fed } = await oneWaits(folder.path);
  const woken = Promise.withResolvers<undefined>();
  fed.queue.connect(() => {
    if (fed.queue.next('codec', 0)?.task.kind === 'open') woken.resolve(undefined);
  });
  fed.queue.cancel('a');
  await woken.promise;
});

it('keeps room for what open photos will still write', async () => {
  await using folder = await temporaryFolder();
  const fed = await twoPhotos(folder.path);
  const first = fed.given('codec');
  expect(first.task).toMatchObject({ kind: 'open', reservedBytes: 0 });
  await fed.answer(first, opened(4, 800));
  await fed.probe(1);
  await fed.answer(fed.given('infer'), { precision: 'int8', tiles: 1, runMs: 1, stages: [] });
  expect(fed.given('codec').task).toMatchObject({ kind: 'open', photoId: 'b', reservedBytes: 600 });
});

it('tries a photo again at once where the room was only kept for others, and they are gone', async () => {
  await using folder = await temporaryFolder();
  const fed = await twoPhotos(folder.path);
  await fed.answer(fed.given('codec'), opened(1, 1000));
  await fed.probe(1);
  const second = fed.given('codec');
  fed.queue.cancel('a');
  await fed.queue.cleared();
  await fed.refuse(second, 'disk-space');
  expect(fed.given('codec').task).toMatchObject({ kind: 'open', photoId: 'b', reservedBytes: 0 });
});
