import { linkSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { success } from '../../main/engine/errors.ts';
import type { OutputSpec } from '../../main/engine/ports.ts';
import type { Assignment } from '../../main/jobs/job.ts';
import { writeClaim } from '../../main/worker/claim.ts';
import type { TaskOf } from '../../main/worker/protocol.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';
import { HandFedQueue, opened } from '../helpers/hand-fed-queue.ts';

it('decides nothing for a photo that is asked for again while its cancelled result may still appear', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'result.png');
  const seen: string[][] = [];
  const fed = new HandFedQueue(folder.path, () => {
    seen.push(readdirSync(folder.path).filter((name) => name === 'result.png'));
    return Promise.resolve(success({ output: { path, mayOverwrite: false } as OutputSpec, spec: {} } as Assignment));
  });
  const { queue } = fed;

  queue.add([{ id: '0', source: '/photo.png' }]);
  await fed.probe(1);
  await fed.answer(fed.given('codec'), opened(1, 10));
  await fed.answer(fed.given('infer'), { precision: 'int8', tiles: 1, runMs: 1, stages: [] });
  const close = fed.given('codec');
  queue.remove('0');
  queue.add([{ id: '1', source: '/photo.png' }]);
  const again = fed.probe(1);
  expect(await Promise.race([again, setTimeout(100, 'waits')])).toBe('waits');
  expect(seen).toEqual([[]]);

  // The worker stores it all the same: it had begun to.
  const { store } = close.task as TaskOf<'close'>;
  writeFileSync(store.temporaryPath, 'the result');
  writeClaim(store.claimPath, store.temporaryPath);
  linkSync(store.temporaryPath, path);
  close.settle(success({ fileBytes: 10, stages: [], sourceChanged: false } as never));
  await again;
  await expect.poll(() => seen.length).toBe(2);
  expect(seen).toEqual([[], []]);
});
