import { readTuningMachine } from '../jobs/machine.ts';
import { applyTunings, staleTunings } from '../jobs/tuned.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import { createTuningStore } from '../settings/tuning-store.ts';
import type { Surroundings } from './surroundings.ts';

/** A command with what was tuned for this machine in the place of automatic values; says what holds no more. */
export async function tuned<Command extends { readonly settings: EnhanceSettings }>(
  command: Command,
  { stderr }: Pick<Surroundings, 'stderr'>,
): Promise<Command> {
  const tunings = await createTuningStore().load();
  if (tunings.length === 0) return command;
  const { settings, notice } = applyTunings(command.settings, tunings, readTuningMachine());
  if (notice !== undefined) stderr.write(`Note: ${notice.message} (${notice.code})\n`);
  return { ...command, settings };
}

/** Says which models' tunings hold no more. */
export async function tellStaleTunings({ stderr }: Pick<Surroundings, 'stderr'>): Promise<void> {
  const tunings = await createTuningStore().load();
  if (tunings.length === 0) return;
  for (const { message, code } of staleTunings(tunings, readTuningMachine())) {
    stderr.write(`Note: ${message} (${code})\n`);
  }
}
