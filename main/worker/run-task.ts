import { codecVersions, probePhoto } from '../engine/adapters/sharp-codec.ts';
import { success, type Result } from '../engine/errors.ts';
import { closePhoto } from './close-task.ts';
import { compareWithProcessor, listDevices } from './compare-task.ts';
import type { Desk } from './desk.ts';
import { inferPhotoStrip } from './infer-task.ts';
import { measureRaw } from './measure-task.ts';
import { openPhoto } from './open-task.ts';
import type { Task, TaskKind, TaskValues } from './protocol.ts';
import { isSystemError, systemFailure } from './system-failure.ts';
import { verifyImported } from './verify-task.ts';

/**
 * Does a task.
 *
 * @param onTile called after each tile of an inference
 * @returns the task's value or failure; what the file system refuses is a failure too, all else that throws is a bug
 */
export async function runTask(
  desk: Desk,
  task: Task,
  signal: AbortSignal,
  onTile: () => void,
): Promise<Result<TaskValues[TaskKind]>> {
  try {
    switch (task.kind) {
      case 'probe':
        return success({ photos: await Promise.all(task.paths.map(probePhoto)) });
      case 'open':
        return await openPhoto(desk, task, signal);
      case 'infer':
        return await inferPhotoStrip(desk, task, signal, onTile);
      case 'close':
        return await closePhoto(task, signal);
      case 'measure':
        return await measureRaw(desk, task, signal);
      case 'verify':
        return await verifyImported(desk, task);
      case 'devices':
        return success(listDevices());
      case 'versions':
        return await codecVersions();
      case 'compare':
        return await compareWithProcessor(desk, task);
      // Both are loaded when they are asked for: a worker that enhances has no use for them.
      case 'reduce': {
        const { makeReducedSheet } = await import('../engine/adapters/reduced-sheet.ts');
        return await makeReducedSheet(task);
      }
      case 'score': {
        const { scorePhoto } = await import('./score-task.ts');
        return await scorePhoto(task, signal);
      }
    }
  } catch (error) {
    if (isSystemError(error)) return systemFailure(error);
    throw error;
  }
}
