import { mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { encodePlanes } from '../engine/adapters/sharp-codec.ts';
import { copySpoolMetadata } from '../engine/adapters/spool-file.ts';
import { success, type Result } from '../engine/errors.ts';
import { nowMs } from './desk.ts';
import { resultFormat } from './open-task.ts';
import type { OpenPhoto, TaskOf, TaskValues } from './protocol.ts';
import { isStored, storeResult } from './store-result.ts';

/** Encodes an inferred photo to a temporary name, and then stores it under its own. */
export async function closePhoto({ photo, output, store }: TaskOf<'close'>): Promise<Result<TaskValues['close']>> {
  const startMs = nowMs();
  if (isStored(output, store)) return success({ fileBytes: statSync(output.path).size, stages: [] });
  mkdirSync(dirname(output.path), { recursive: true });
  try {
    copyMetadata(photo);
    const planes = photo.planes.map((plane) => ({ format: plane, path: plane.resultPath }));
    const encoded = await encodePlanes(planes, photo.info, output, store.temporaryPath);
    if (!encoded.ok) return encoded;
    const encodedMs = nowMs();
    const fileBytes = statSync(store.temporaryPath).size;
    const stored = await storeResult(output, store);
    if (!stored.ok) return stored;
    return success({
      fileBytes,
      stages: [
        { stage: 'encode', startMs, endMs: encodedMs },
        { stage: 'store', startMs: encodedMs, endMs: nowMs() },
      ],
    });
  } finally {
    rmSync(store.temporaryPath, { force: true });
  }
}

function copyMetadata(photo: OpenPhoto): void {
  const [colour] = photo.planes;
  if (colour === undefined) throw new Error('A photo has at least one plane.');
  const bytesPerPixel = colour.channels * colour.bytesPerSample;
  copySpoolMetadata(
    { path: colour.sourcePath, format: { ...photo.image, bytesPerPixel } },
    { path: colour.resultPath, format: resultFormat(photo, colour) },
  );
}
