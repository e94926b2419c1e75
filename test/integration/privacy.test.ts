import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import { sizePool } from '../../main/pool/sizing.ts';
import { WorkerHost } from '../../main/pool/worker-host.ts';
import { temporaryFolder, workerEntry } from '../helpers/enhancer.ts';

test('the runtime keeps no identifier and no records in the home or among the temporary files', async () => {
  await using folder = await temporaryFolder();
  const [home, temporary] = [join(folder.path, 'home'), join(folder.path, 'tmp')];
  await Promise.all([mkdir(home), mkdir(temporary)]);
  vi.stubEnv('HOME', home);
  vi.stubEnv('TMPDIR', temporary);
  const { layout } = sizePool(
    { cores: 1, memoryBytes: 8e9 },
    { workers: 1, threads: 1, memoryBytes: 'auto', tilePx: 96, scale: 4 },
  );
  const host = new WorkerHost(
    childProcessTransport(workerEntry),
    { threads: 1, provider: 'cpu', layout, reuseArena: true },
    { onNotice: () => undefined, onExit: () => undefined },
  );
  vi.unstubAllEnvs();
  const task = { kind: 'measure', modelId: 'quicksrnet-s-x4', precision: 'int8', padding: 'valid' } as const;
  expect((await host.ready).ok).toBe(true);
  const ran = await host.run({ ...task, tile: { heightPx: 64, widthPx: 64 }, durationMs: 200 }, {});
  await host.stop();
  expect(ran.ok).toBe(true);
  expect(await readdir(home, { recursive: true })).toEqual([]);
  expect(await readdir(temporary, { recursive: true })).toEqual([]);
});
