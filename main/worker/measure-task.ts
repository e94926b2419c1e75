import { success, type Result } from '../engine/errors.ts';
import { nowMs, type Desk } from './desk.ts';
import { COLOUR } from './model-shelf.ts';
import type { TaskOf, TaskValues } from './protocol.ts';

/** Runs tiles of whatever the arena holds for a while, and counts them. */
export async function measureRaw(
  desk: Desk,
  task: TaskOf<'measure'>,
  signal: AbortSignal,
): Promise<Result<TaskValues['measure']>> {
  return desk.inference.run(async () => {
    const found = await desk.models.open(task.modelId, task.precision, COLOUR, task.padding);
    if (!found.ok) return found;
    const { model } = found.value;
    const tile = desk.bindTile(model, task.tile);
    if (!tile.ok) return tile;
    const warm = await desk.warm(model, tile.value);
    if (!warm.ok) return warm;
    const startMs = nowMs();
    let tiles = 0;
    while (nowMs() - startMs < task.durationMs && !signal.aborted) {
      const ran = await tile.value.bound.run();
      if (!ran.ok) return ran;
      tiles += 1;
    }
    const outputPixels = tile.value.output.length / 3;
    const { provider, precision } = found.value;
    return success({ provider, precision, tiles, elapsedMs: nowMs() - startMs, outputPixels });
  });
}
