import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { knownModels, type KnownModel } from '../../models/known.ts';
import { success, type Result } from '../engine/errors.ts';
import { checkSettings, poolSizeOf } from '../jobs/batch.ts';
import { networkOf } from '../jobs/device.ts';
import { likelyAmong } from '../jobs/likely-model.ts';
import { readTuningMachine } from '../jobs/machine.ts';
import { specOf } from '../jobs/resolve.ts';
import { scratchBase } from '../jobs/scratch.ts';
import type { DeviceRecord } from '../settings/device-record.ts';
import { createDeviceStore, devicesPath } from '../settings/device-store.ts';
import { importedModelsFolder } from '../settings/models-folder.ts';
import { fastestRight, probeDevices } from '../tune/devices.ts';
import type { DevicesCommand } from './command.ts';
import { createDevicesDisplay, type DevicesDisplay } from './devices-display.ts';
import { choiceLine, detailLines, deviceLines } from './devices-view.ts';
import { lookOf } from './display.ts';
import { refuse } from './photo-headers.ts';
import type { Surroundings } from './surroundings.ts';

const samplePhoto = fileURLToPath(new URL('../../resources/samples/friends.jpg', import.meta.url));

/** Tries every device of this machine, and remembers what was found; returns the exit code. */
export async function devices(command: DevicesCommand, surroundings: Surroundings): Promise<number> {
  const checked = checkSettings(command.settings);
  if (!checked.ok) return refuse(checked.error, surroundings);
  const model = likelyAmong(command.settings, knownModels(importedModelsFolder()))!;
  const abort = new AbortController();
  const listening = surroundings.onInterrupt(() => {
    abort.abort();
  });
  const display = createDevicesDisplay(surroundings, command.json);
  try {
    const found = await probe(command, model, surroundings, { signal: abort.signal, display });
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

async function probe(
  { settings }: DevicesCommand,
  model: KnownModel,
  { start }: Surroundings,
  { signal, display }: { readonly signal: AbortSignal; readonly display: DevicesDisplay },
): Promise<Result<DeviceRecord>> {
  const scratchFolder = await mkdtemp(join(await scratchBase(), 'tessera-devices-'));
  try {
    const probed = await probeDevices({
      start,
      sizeOn: (device) => poolSizeOf({ ...settings, device }),
      spec: specOf(settings, model.id),
      sample: samplePhoto,
      scratchFolder,
      folders: { importedFolder: importedModelsFolder() },
      signal,
      onStart: (provider, place) => {
        display.handle({ kind: 'device-started', provider, ...place });
      },
      onReport: (report) => {
        display.handle({ kind: 'device-tried', report });
      },
    });
    if (!probed.ok) return probed;
    return success({
      ...readTuningMachine(),
      network: networkOf(model),
      precision: settings.precision,
      devices: [...probed.value],
      fastest: fastestRight(probed.value),
      probedAt: new Date().toISOString(),
    });
  } finally {
    await rm(scratchFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
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
