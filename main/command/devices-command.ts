import { fileURLToPath } from 'node:url';
import { knownModels } from '../../models/known.ts';
import type { DeviceRecord } from '../settings/device-record.ts';
import { createDeviceStore, devicesPath } from '../settings/device-store.ts';
import { importedModelsFolder } from '../settings/models-folder.ts';
import { surveyDevices } from '../tune/device-survey.ts';
import type { DevicesCommand } from './command.ts';
import { createDevicesDisplay } from './devices-display.ts';
import { choiceLine, detailLines, deviceLines } from './devices-view.ts';
import { lookOf } from './display.ts';
import { refuse } from './photo-headers.ts';
import type { Surroundings } from './surroundings.ts';

const samplePhoto = fileURLToPath(new URL('../../resources/samples/friends.jpg', import.meta.url));

/** Tries every device of this machine, and remembers what was found; returns the exit code. */
export async function devices(command: DevicesCommand, surroundings: Surroundings): Promise<number> {
  const importedFolder = importedModelsFolder();
  const abort = new AbortController();
  const listening = surroundings.onInterrupt(() => {
    abort.abort();
  });
  const display = createDevicesDisplay(surroundings, command.json);
  try {
    const found = await surveyDevices({
      settings: command.settings,
      models: knownModels(importedFolder),
      start: surroundings.start,
      sample: samplePhoto,
      folders: { importedFolder },
      signal: abort.signal,
      onStart: (provider, place) => {
        display.handle({ kind: 'device-started', provider, ...place });
      },
      onReport: (report) => {
        display.handle({ kind: 'device-tried', report });
      },
    });
    display[Symbol.dispose]();
    if (abort.signal.aborted) return interrupted(command, surroundings);
    if (!found.ok) return refuse(found.error, surroundings);
    const saved = await createDeviceStore().remember(found.value);
    if (!saved.ok) return refuse(saved.error, surroundings);
    print(command, found.value, surroundings);
    return 0;
  } finally {
    display[Symbol.dispose]();
    listening[Symbol.dispose]();
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

function interrupted({ json }: DevicesCommand, { stdout, stderr }: Surroundings): number {
  if (json) stdout.write(`${JSON.stringify({ kind: 'interrupted' })}\n`);
  else stderr.write('Interrupted: nothing was changed.\n');
  return 130;
}
