import { linkSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { success } from '../../main/engine/errors.ts';
import type { OutputSpec, PhotoInfo } from '../../main/engine/ports.ts';
import type { Assignment } from '../../main/jobs/job.ts';
import { EnhanceQueue } from '../../main/jobs/queue.ts';
import type { PoolTask } from '../../main/pool/pool.ts';
import { writeClaim } from '../../main/worker/claim.ts';
import type { OpenPhoto, TaskOf } from '../../main/worker/protocol.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';

it('decides nothing for a photo that is asked for again while its cancelled result may still appear', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'result.png');
  const seen: string[][] = [];
  const queue = new EnhanceQueue({
    workers: 1,
    scratchFolder: folder.path,
    budget: { sourceBytes: 1, outputBytes: 1 },
    resolve: () => {
      seen.push(readdirSync(folder.path).filter((name) => name === 'result.png'));
      return Promise.resolve(success({ output: { path, mayOverwrite: false } as OutputSpec, spec: {} } as Assignment));
    },
    listener: { onJob: () => undefined, onNotice: () => undefined },
  });
  const given = (lane: 'codec' | 'infer'): PoolTask => {
    const assignment = queue.next(lane, 0);
    if (assignment === undefined) throw new Error(`There is nothing to do for ${lane}.`);
    return assignment;
  };
  const settle = async (assignment: PoolTask, value: object): Promise<void> => {
    // The queue asks to be asked again once it has taken the answer in.
    const taken = new Promise<void>((wake) => {
      queue.connect(wake);
    });
    assignment.settle(success(value as never));
    await taken;
  };
  const probed = { photos: [success({} as PhotoInfo)] };

  queue.add([{ id: '0', source: '/photo.png' }]);
  await settle(given('codec'), probed);
  await settle(given('codec'), { photo: { stripTiles: [1] } as unknown as OpenPhoto, stages: [] });
  await settle(given('infer'), { precision: 'int8', tiles: 1, runMs: 1, stages: [] });
  const close = given('codec');
  queue.remove('0');
  queue.add([{ id: '1', source: '/photo.png' }]);
  const again = settle(given('codec'), probed);
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
