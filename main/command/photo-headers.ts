import type { Failure, Result } from '../engine/errors.ts';
import type { PhotoInfo } from '../engine/ports.ts';
import { poolSizeOf } from '../jobs/batch.ts';
import { WorkerHost } from '../pool/worker-host.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import type { Surroundings } from './surroundings.ts';

/** Says why nothing was begun; the exit code of a command that cannot be carried out. */
export function refuse({ code, message }: Failure, { stderr }: Surroundings): number {
  stderr.write(`${message} (${code})\n`);
  return 2;
}

/** Reads the headers of photos in one worker of its own. */
export async function readHeaders(
  paths: readonly string[],
  settings: EnhanceSettings,
  { start }: Surroundings,
): Promise<Result<readonly Result<PhotoInfo>[]>> {
  const { threads, layout } = poolSizeOf(settings);
  const host = new WorkerHost(
    start,
    { threads, provider: 'cpu', layout, reuseArena: true },
    { onNotice: () => undefined, onExit: () => undefined },
  );
  try {
    const ready = await host.ready;
    if (!ready.ok) return ready;
    const probed = await host.run({ kind: 'probe', paths });
    return probed.ok ? { ok: true, value: probed.value.photos } : probed;
  } finally {
    await host.stop();
  }
}
