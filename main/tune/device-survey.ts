/** Trying all devices with the model of some settings: what the command line and the window remember. */
import type { KnownModel } from '../../models/known.ts';
import { success, type Result } from '../engine/errors.ts';
import { poolSizeOf } from '../jobs/batch.ts';
import { networkOf } from '../jobs/device.ts';
import { likelyAmong } from '../jobs/likely-model.ts';
import { readTuningMachine } from '../jobs/machine.ts';
import { specOf } from '../jobs/resolve.ts';
import { withScratchFolder } from '../jobs/scratch.ts';
import { selectModels } from '../jobs/target.ts';
import type { DeviceRecord } from '../settings/device-record.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import { fastestRight, probeDevices, type ProbeOptions } from './devices.ts';

export interface SurveyOptions extends Omit<ProbeOptions, 'sizeOn' | 'spec' | 'scratchFolder'> {
  readonly settings: EnhanceSettings;
  /** Those that the settings may choose from. */
  readonly models: readonly KnownModel[];
}

/**
 * Tries every device that the runtime brings with the model that most photos of these settings will use.
 *
 * @returns what is to be remembered; `cancelled`; `model-unknown`; or why the processor itself cannot do it
 */
export async function surveyDevices({ settings, models, ...options }: SurveyOptions): Promise<Result<DeviceRecord>> {
  const selected = selectModels(settings.model, models);
  if (!selected.ok) return selected;
  const model = likelyAmong(settings, models)!;
  return withScratchFolder(async (scratchFolder) => {
    const probed = await probeDevices({
      ...options,
      sizeOn: (device) => poolSizeOf({ ...settings, device }),
      spec: specOf(settings, model),
      scratchFolder,
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
  });
}
