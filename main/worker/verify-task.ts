import { findImported, loadImported } from '../../models/import/imported-models.ts';
import { runPlainly } from '../../models/import/plain-run.ts';
import { checkTile } from '../../models/self-check.ts';
import { failure, success, type Result } from '../engine/errors.ts';
import type { Desk } from './desk.ts';
import { COLOUR } from './model-shelf.ts';
import type { TaskOf, TaskValues } from './protocol.ts';

/** Holds what the runtime makes of an imported model against plain loops, on a small tile with zeros around it. */
export async function verifyImported(desk: Desk, { modelId }: TaskOf<'verify'>): Promise<Result<TaskValues['verify']>> {
  const model = findImported(desk.config.importedFolder ?? '', modelId);
  if (model === undefined) return failure('model-unknown', `There is no imported model ${modelId}.`, { modelId });
  const network = loadImported(model);
  if (!network.ok) return network;
  const found = await desk.models.open(modelId, 'fp32', COLOUR, 'same');
  if (!found.ok) return found;
  const tile = checkTile(0);
  const output = new Uint8Array(tile.pixels.length * model.scale ** 2);
  const ran = await found.value.model.bind(tile, tile.pixels, output).run();
  if (!ran.ok) return ran;
  const wanted = runPlainly(network.value, tile);
  // A rounded sample is half a step away at most.
  const largest = output.reduce((worst, value, at) => Math.max(worst, Math.abs(value - wanted[at]!)), 0);
  return success({ largestDifference: largest });
}
