import { expect, it, vi } from 'vitest';
import { success } from '../../main/engine/errors.ts';
import type { PhotoInfo } from '../../main/engine/ports.ts';
import type { Assignment } from '../../main/jobs/job.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';
import { HandFedQueue, opened } from '../helpers/hand-fed-queue.ts';

/** Answers with settings that a spec changes. */
function settings(): { quality: number; resolve: () => Promise<{ ok: true; value: Assignment }> } {
  const now = {
    quality: 1,
    resolve: () =>
      Promise.resolve(
        success({ spec: {}, output: { path: '/out/a.png', quality: now.quality } } as unknown as Assignment),
      ),
  };
  return now;
}

it('looks anew at a photo in its last try whose settings change before that begins', async () => {
  await using folder = await temporaryFolder();
  const now = settings();
  const fed = new HandFedQueue(folder.path, now.resolve);
  const { queue } = fed;
  queue.add([{ id: 'a', source: '/a.png' }]);
  await fed.probe(1);
  await fed.refuse(fed.given('codec'), 'worker-died', { pid: 1 });
  await fed.refuse(fed.given('codec'), 'worker-died', { pid: 2 });
  expect(fed.stateOf('a')?.kind).toBe('set-aside');
  // Its last try is given out, comes back without its fault, and the queue is paused then.
  await fed.refuse(fed.given('codec'), 'worker-restarted');
  queue.pause();
  now.quality = 2;
  expect(queue.restart('a')).toBe(true);
  queue.resume();
  await fed.probe(1);
  const open = fed.given('codec');
  expect(fed.stateOf('a')).toMatchObject({ kind: 'opening', assignment: { output: { quality: 2 } } });
  await fed.answer(open, opened(1, 10));
  queue.cancelAll();
  await queue.settled();
});

it('takes a change of settings for photos whose batch of headers is not through', async () => {
  await using folder = await temporaryFolder();
  const now = settings();
  const waiting = Promise.withResolvers<undefined>();
  const fed = new HandFedQueue(folder.path, async (job) => {
    const { resolve } = now;
    const decided = await resolve();
    if (job.id === 'c') await waiting.promise;
    return decided;
  });
  const { queue } = fed;
  const photos = ['x', 'a', 'b', 'c'].map((id) => ({ id, source: `/${id}.png` }));
  queue.add(photos);
  await fed.probe(1);
  // Headers of the other three, of which the last is still being decided on.
  const open = fed.given('codec');
  await fed.answer(open, opened(1, 10));
  const probe = fed.given('codec');
  const headers = { photos: ['a', 'b', 'c'].map(() => success({} as PhotoInfo)) };
  probe.settle(success(headers as never));
  await expect.poll(() => fed.stateOf('b')?.kind).toBe('ready');
  now.quality = 2;
  queue.add([{ id: 'd', source: '/d.png' }]);
  for (const { id } of photos.slice(1)) expect(queue.restart(id)).toBe(true);
  waiting.resolve(undefined);
  const again = await vi.waitFor(() => fed.given('codec'));
  // What was being read comes first again.
  expect(again.task).toMatchObject({ paths: ['/c.png', '/d.png', '/a.png', '/b.png'] });
  await fed.answer(again, { photos: Array.from({ length: 4 }, () => success({} as PhotoInfo)) });
  for (const { id } of photos.slice(1)) {
    expect(fed.stateOf(id)).toMatchObject({ kind: 'ready', assignment: { output: { quality: 2 } } });
  }
});

it('reads the header of a photo in its last try again after that came back through no fault of its own', async () => {
  await using folder = await temporaryFolder();
  const fed = new HandFedQueue(folder.path, settings().resolve);
  const { queue } = fed;
  queue.add([{ id: 'a', source: '/a.png' }]);
  await fed.refuse(fed.given('codec'), 'worker-died', { pid: 1 });
  await fed.refuse(fed.given('codec'), 'worker-died', { pid: 2 });
  expect(fed.stateOf('a')?.kind).toBe('set-aside');
  await fed.refuse(fed.given('codec'), 'device-left');
  await fed.probe(1);
  expect(fed.stateOf('a')?.kind).toBe('ready');
});
