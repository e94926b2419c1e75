import { success, type Failure, type Result } from '../engine/errors.ts';
import type { PhotoInfo } from '../engine/ports.ts';
import { poolSizeOf } from '../jobs/batch.ts';
import { withHost } from '../pool/with-host.ts';
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
  signal?: AbortSignal,
): Promise<Result<readonly Result<PhotoInfo>[]>> {
  return withHost({ start, size: poolSizeOf(settings), ...(signal && { signal }) }, async (host) => {
    const probed = await host.run({ kind: 'probe', paths });
    return probed.ok ? success(probed.value.photos) : probed;
  });
}
