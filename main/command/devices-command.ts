import { knownModels } from '../../models/known.ts';
import { success, type Result } from '../engine/errors.ts';
import type { DeviceRecord } from '../settings/device-record.ts';
import { createDeviceStore, devicesPath } from '../settings/device-store.ts';
import { importedModelsFolder } from '../settings/models-folder.ts';
import { surveyDevices } from '../tune/device-survey.ts';
import type { DevicesCommand } from './command.ts';
import { createDevicesDisplay } from './devices-display.ts';
import { choiceLine, detailLines, deviceLines } from './devices-view.ts';
import { lookOf } from './display.ts';
import { interruptible } from './interruption.ts';
import { samplePhoto } from './sample-photo.ts';
import type { Surroundings } from './surroundings.ts';

/** Tries every device of this machine, and remembers what was found; returns the exit code. */
export async function devices(command: DevicesCommand, surroundings: Surroundings): Promise<number> {
  return interruptible(surroundings, command.json, async (signal) => {
    const found = await survey(command, surroundings, signal);
    if (!found.ok) return found;
    const saved = await createDeviceStore().remember(found.value);
    if (!saved.ok) return saved;
    print(command, found.value, surroundings);
    return success(0);
  });
}

/** Shows each device while it is tried. */
async function survey(
  { settings, json }: DevicesCommand,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Result<DeviceRecord>> {
  const importedFolder = importedModelsFolder();
  const display = createDevicesDisplay(surroundings, json);
  try {
    return await surveyDevices({
      settings,
      models: knownModels(importedFolder),
      start: surroundings.start,
      sample: samplePhoto,
      folders: { importedFolder },
      signal,
      onStart: (provider, place) => {
        display.handle({ kind: 'device-started', provider, ...place });
      },
      onReport: (report) => {
        display.handle({ kind: 'device-tried', report });
      },
    });
  } finally {
    display[Symbol.dispose]();
  }
}

function print({ json, details }: DevicesCommand, found: DeviceRecord, { stdout }: Surroundings): void {
  if (json) {
    stdout.write(`${JSON.stringify({ kind: 'devices', path: devicesPath(), record: found })}\n`);
    return;
  }
  const lines = [...deviceLines(found, lookOf(stdout)), ...(details ? detailLines(found) : []), '', choiceLine(found)];
  stdout.write(`${lines.join('\n')}\n`);
}
