import { resolve } from 'node:path';
import { findModel } from '../../models/catalog.ts';
import { idOf, importModel, type ImportedModel } from '../../models/import/imported-models.ts';
import { failure, success, type Result } from '../engine/errors.ts';
import { poolSizeOf } from '../jobs/batch.ts';
import { withScratchFolder } from '../jobs/scratch.ts';
import { withHost } from '../pool/with-host.ts';
import { importedModelsFolder } from '../settings/models-folder.ts';
import { defaultSettings } from '../settings/schema.ts';
import type { ImportCommand } from './command.ts';
import { interruptible } from './interruption.ts';
import { refuse } from './photo-headers.ts';
import type { Surroundings } from './surroundings.ts';

/** How far a sample may be from the exact result: half a step of rounding, and what sums in 32 bits differ by. */
const TOLERANCE = 1;

/** Takes a model of another program into the person's own; returns the exit code. */
export async function importCommand(command: ImportCommand, surroundings: Surroundings): Promise<number> {
  const path = resolve(command.file);
  const id = command.name ?? idOf(path);
  if (findModel(id) !== undefined) {
    const message = `There is a model ${id} already, which came with Tessera. Choose another name with --name.`;
    return refuse({ code: 'model-exists', message }, surroundings);
  }
  const model = { path, id, ...(command.licence !== undefined && { licence: command.licence }) };
  return interruptible(surroundings, command.json, async (signal) => {
    const checked = await withScratchFolder((folder) => checkIn(folder, model, surroundings, signal));
    const taken = checked.ok ? await importModel({ ...model, folder: importedModelsFolder() }) : checked;
    if (!taken.ok) return taken;
    surroundings.stdout.write(command.json ? `${JSON.stringify(taken.value)}\n` : wordsOf(taken.value));
    return success(0);
  });
}

/** Imports into a folder that is thrown away, and has a worker compute with it what plain loops compute. */
async function checkIn(
  folder: string,
  model: { readonly path: string; readonly id: string },
  { start }: Surroundings,
  signal: AbortSignal,
): Promise<Result<void>> {
  const taken = await importModel({ ...model, folder });
  if (!taken.ok) return taken;
  const options = { start, size: poolSizeOf(defaultSettings), folders: { importedFolder: folder }, signal };
  const verified = await withHost(options, (host) => host.run({ kind: 'verify', modelId: model.id }));
  if (!verified.ok) return verified;
  const { largestDifference } = verified.value;
  if (largestDifference <= TOLERANCE) return success(undefined);
  return failure(
    'model-disagrees',
    `This machine computes the model wrong: a sample is ${largestDifference.toFixed(1)} of 255 off. It was not imported.`,
    { largestDifference },
  );
}

function wordsOf({ id, scale, parameters, haloPx, licence }: ImportedModel): string {
  const facts = `×${scale}, ${Math.round(parameters / 1000)} k parameters, halo ${haloPx} px, fp32, licence: ${licence}`;
  return `Imported ${id}: ${facts}.\nUse it with: tessera enhance photos/ --model ${id}\n`;
}
