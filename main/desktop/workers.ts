/** Which workers the settings ask for, and what they take. */
import type { WorkEstimate } from '../../preload/contract/dto.ts';
import { success, type Result } from '../engine/errors.ts';
import { poolSizeOf } from '../jobs/batch.ts';
import { tileOf } from '../jobs/tile.ts';
import { selectModels } from '../jobs/target.ts';
import { workerOverheadBytes, type Machine } from '../pool/sizing.ts';
import type { KnownModel } from '../../models/known.ts';
import type { Resolved } from './machine-book.ts';

/** What settings come to on this machine. */
export function estimateWork(
  { settings, tuned, stale }: Resolved,
  machine: Machine,
  models: readonly KnownModel[],
): Result<WorkEstimate> {
  const selected = selectModels(settings.model, models);
  if (!selected.ok) return selected;
  const derivedHaloPx = Math.max(...selected.value.map((model) => model.haloPx));
  const { provider, workers, threads, layout } = poolSizeOf(settings, machine);
  const { sourceBytes, outputBytes, tileInputBytes, tileOutputBytes } = layout;
  const arenaBytes = sourceBytes + 2 * outputBytes + tileInputBytes + tileOutputBytes;
  return success({
    workers,
    threads,
    tilePx: tileOf(settings, { haloPx: derivedHaloPx }),
    haloPx: settings.haloPx === 'auto' ? derivedHaloPx : settings.haloPx,
    derivedHaloPx,
    memoryBytes: workers * arenaBytes,
    estimatedBytes: workers * (arenaBytes + workerOverheadBytes(machine)),
    device: provider,
    tuned,
    stale,
  });
}
