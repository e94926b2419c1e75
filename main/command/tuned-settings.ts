import { knownModels } from '../../models/known.ts';
import { applyDevices } from '../jobs/device.ts';
import { readTuningMachine } from '../jobs/machine.ts';
import { applyTunings, staleTunings } from '../jobs/tuned.ts';
import { createDeviceStore } from '../settings/device-store.ts';
import { importedModelsFolder } from '../settings/models-folder.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import { createTuningStore } from '../settings/tuning-store.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * A command with what was found and tuned on this machine in the place of automatic values; says what holds no more.
 * The device comes first: each has tunings of its own.
 */
export async function tuned<Command extends { readonly settings: EnhanceSettings }>(
  command: Command,
  { stderr }: Pick<Surroundings, 'stderr'>,
): Promise<Command> {
  const [records, tunings] = await Promise.all([createDeviceStore().load(), createTuningStore().load()]);
  const machine = readTuningMachine();
  const models = knownModels(importedModelsFolder());
  const onDevice = applyDevices(command.settings, records, machine, models);
  const { settings, notice } = applyTunings(onDevice.settings, tunings, machine, models);
  for (const note of [onDevice.notice, notice]) {
    if (note !== undefined) stderr.write(`Note: ${note.message} (${note.code})\n`);
  }
  return { ...command, settings };
}

/** Says which models' tunings hold no more. */
export async function tellStaleTunings({ stderr }: Pick<Surroundings, 'stderr'>): Promise<void> {
  const tunings = await createTuningStore().load();
  if (tunings.length === 0) return;
  for (const { message, code } of staleTunings(tunings, readTuningMachine(), knownModels(importedModelsFolder()))) {
    stderr.write(`Note: ${message} (${code})\n`);
  }
}
