import type { Failure } from '../engine/errors.ts';
import { scan, type ScanEntry, type ScannedPhoto } from '../jobs/scan.ts';
import type { EnhanceCommand } from './command.ts';

/** What looking for photos came to. */
export interface Found {
  readonly photos: readonly ScannedPhoto[];
  readonly failed: readonly Extract<ScanEntry, { kind: 'failed' }>[];
  readonly notices: readonly Failure[];
}

/** Looks for photos in everything that was named. */
export async function findPhotos(command: EnhanceCommand): Promise<Found> {
  const photos: ScannedPhoto[] = [];
  const failed: Extract<ScanEntry, { kind: 'failed' }>[] = [];
  const passedOver = new Map<string, { readonly reason: Failure; count: number }>();
  for await (const entry of scan({ ...command, outFolder: command.outFolder })) {
    if (entry.kind === 'photo') photos.push(entry);
    else if (entry.kind === 'failed') failed.push(entry);
    else {
      const known = passedOver.get(entry.reason.code) ?? { reason: entry.reason, count: 0 };
      passedOver.set(entry.reason.code, { ...known, count: known.count + 1 });
    }
  }
  const notices = [...passedOver.values()].map(({ reason, count }): Failure => {
    const files = count === 1 ? '1 file was' : `${count} files were`;
    return { code: reason.code, message: `${files} passed over. ${reason.message}`, details: { count } };
  });
  return { photos, failed, notices };
}

/** Nothing to do: said, with what may help. */
export function nothingFound(command: EnhanceCommand): Failure {
  const deeper = command.recursive ? '' : ' Folders are searched to their depths with --recursive.';
  return { code: 'nothing-found', message: `There are no photos in ${command.inputs.join(', ')}.${deeper}` };
}
