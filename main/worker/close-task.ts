import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsync, linkSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { encodePlanes } from '../engine/adapters/sharp-codec.ts';
import { copySpoolMetadata } from '../engine/adapters/spool-file.ts';
import { failure, success, type Result } from '../engine/errors.ts';
import type { OutputSpec } from '../engine/ports.ts';
import { nowMs } from './desk.ts';
import { resultFormat } from './open-task.ts';
import type { OpenPhoto, TaskOf, TaskValues } from './protocol.ts';
import { isSystemError } from './system-failure.ts';

/**
 * Encodes an inferred photo: to a temporary name beside the target, synced, then renamed, so that under the final name
 * there is either nothing, what was there before, or the whole result.
 *
 * Quick calls are synchronous: each asynchronous step would wait for the tile that is being inferred.
 */
export async function closePhoto({ photo, output }: TaskOf<'close'>): Promise<Result<TaskValues['close']>> {
  const startMs = nowMs();
  const folder = dirname(output.path);
  const temporary = join(folder, `.${basename(output.path)}.${randomBytes(4).toString('hex')}.part`);
  try {
    mkdirSync(folder, { recursive: true });
    copyMetadata(photo);
    const planes = photo.planes.map((plane) => ({ format: plane, path: plane.resultPath }));
    const encoded = await encodePlanes(planes, photo.info, output, temporary);
    if (!encoded.ok) return encoded;
    const encodedMs = nowMs();
    const fileBytes = statSync(temporary).size;
    const stored = await store(temporary, output);
    if (!stored.ok) return stored;
    return success({
      fileBytes,
      stages: [
        { stage: 'encode', startMs, endMs: encodedMs },
        { stage: 'store', startMs: encodedMs, endMs: nowMs() },
      ],
    });
  } finally {
    rmSync(temporary, { force: true });
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

async function store(temporary: string, output: OutputSpec): Promise<Result<void>> {
  await sync(temporary, 'r+');
  if (output.mayOverwrite) {
    renameSync(temporary, output.path);
  } else {
    try {
      // A hard link never replaces a file, where a rename would; it is the one step that cannot race.
      linkSync(temporary, output.path);
    } catch (error) {
      if (isSystemError(error) && error.code === 'EEXIST') return existsFailure(output.path);
      // File systems without hard links (FAT, some network drives).
      if (existsSync(output.path)) return existsFailure(output.path);
      renameSync(temporary, output.path);
    }
  }
  // The name itself is durable only once its folder is; Windows cannot open folders and does not need it.
  if (process.platform !== 'win32') await sync(dirname(output.path), 'r');
  return success(undefined);
}

const fsyncAsync = promisify(fsync);

async function sync(path: string, flags: string): Promise<void> {
  const descriptor = openSync(path, flags);
  try {
    await fsyncAsync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function existsFailure(path: string): Result<never> {
  return failure('file-exists', 'A file of that name is there already. It was left as it is.', { path });
}
