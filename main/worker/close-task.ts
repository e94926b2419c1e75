import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { joinJpegParts } from '../engine/adapters/jpeg-parts.ts';
import { encodeBands } from '../engine/adapters/sharp-codec.ts';
import { removeIfPossible } from '../engine/adapters/spool-file.ts';
import { failure, success, type Result } from '../engine/errors.ts';
import type { OutputSpec } from '../engine/ports.ts';
import { nowMs } from './desk.ts';
import type { OpenPhoto, TaskOf, TaskValues } from './protocol.ts';
import { isStored, storeResult, syncNewFolder } from './store-result.ts';

/** Encodes an inferred photo, or joins what its strips were encoded as, to a temporary name; then stores it under its own. */
export async function closePhoto(
  { photo, output, store }: TaskOf<'close'>,
  signal: AbortSignal,
): Promise<Result<TaskValues['close']>> {
  const startMs = nowMs();
  if (isStored(output, store)) {
    return success({ fileBytes: statSync(output.path).size, stages: [], sourceChanged: hasChanged(photo) });
  }
  makeFolder(dirname(output.path));
  try {
    const encoded = await encode(photo, output, store.temporaryPath);
    if (!encoded.ok) return encoded;
    if (signal.aborted) return failure('cancelled', 'Cancelled.');
    const encodedMs = nowMs();
    const fileBytes = statSync(store.temporaryPath).size;
    const stored = await storeResult(photo.source, output, store, signal);
    if (!stored.ok) return stored;
    return success({
      fileBytes,
      sourceChanged: hasChanged(photo),
      stages: [
        { stage: 'encode', worker: process.pid, startMs, endMs: encodedMs },
        { stage: 'store', worker: process.pid, startMs: encodedMs, endMs: nowMs() },
      ],
    });
  } finally {
    removeIfPossible(store.temporaryPath);
  }
}

async function encode(photo: OpenPhoto, output: OutputSpec, path: string): Promise<Result<void>> {
  const { bandPaths, image, scale, info, planes, jpeg } = photo;
  if (jpeg !== undefined) {
    joinJpegParts(bandPaths, path);
    return success(undefined);
  }
  const large = { widthPx: image.widthPx * scale, heightPx: image.heightPx * scale };
  return encodeBands(bandPaths, large, planes[0]!, info, output, path);
}

/** A photo that was moved, removed or unplugged meanwhile has not changed, as far as anybody can tell. */
function hasChanged({ source, info }: OpenPhoto): boolean {
  try {
    const now = statSync(source);
    return now.size !== info.fileBytes || now.mtimeMs !== info.modifiedMs;
  } catch {
    return false;
  }
}

/** Makes a folder and those on the way to it, and their names durable: a result is not, in a folder that is not. */
function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) syncNewFolder(dirname(made));
}
