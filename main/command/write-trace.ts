import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failure, success, type Result } from '../engine/errors.ts';
import { traceOf, type TracedPhoto } from '../tune/trace.ts';

/**
 * Writes a batch as a trace for Chrome's viewer.
 *
 * @returns `trace-unwritable` with the system's reason
 */
export async function writeTrace(path: string, photos: readonly TracedPhoto[]): Promise<Result<void>> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, JSON.stringify(traceOf(photos)));
    return success(undefined);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failure('trace-unwritable', `The trace cannot be written to ${path}: ${reason}`, { path });
  }
}
