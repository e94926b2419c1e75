/** What device a batch runs on, from settings and from what was found on this machine. */
import type { Failure } from '../engine/errors.ts';
import type { Provider } from '../engine/ports.ts';
import {
  chooseDevice,
  findDevices,
  staleDeviceNotice,
  type DeviceLookup,
  type DeviceRecord,
} from '../settings/device-record.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import type { TuningMachine } from '../settings/tuning.ts';
import type { KnownModel } from '../../models/known.ts';
import type { Precision } from '../worker/protocol.ts';
import { likelyAmong, type ModelWish } from './likely-model.ts';

type DeviceWish = ModelWish & Pick<EnhanceSettings, 'device' | 'precision'>;

/**
 * The network under a model: two trainings of one network take the same time, so that what was found with one holds
 * for the other. An imported model is one of its own.
 */
export function networkOf(model: Pick<KnownModel, 'id' | 'family' | 'size' | 'scale'>): string {
  return model.family === 'imported' ? model.id : `${model.family}-${model.size}-x${model.scale}`;
}

/** What a model is computed in: int8 where that was asked for, the model has it, and the device is the processor. */
export function computedIn(
  { precisions }: { readonly precisions: readonly Precision[] },
  provider: string,
  wanted: Precision,
): Precision {
  return provider === 'cpu' && precisions.includes(wanted) ? wanted : 'fp32';
}

/** What is remembered of devices for these settings' likely model. */
export function lookUpDevices(
  settings: Omit<DeviceWish, 'device'>,
  records: readonly DeviceRecord[],
  machine: TuningMachine,
  models: readonly KnownModel[],
): DeviceLookup {
  const model = likelyAmong(settings, models);
  if (model === undefined) return { kind: 'none' };
  return findDevices(records, machine, { network: networkOf(model), precision: settings.precision });
}

/** Settings with the device that will be used in the place of `auto`, and what is to be said of a stale record. Pure. */
export function applyDevices<Settings extends DeviceWish>(
  settings: Settings,
  records: readonly DeviceRecord[],
  machine: TuningMachine,
  models: readonly KnownModel[],
): { readonly settings: Settings; readonly notice?: Failure<'devices-stale'> } {
  const found = lookUpDevices(settings, records, machine, models);
  const notice = staleDeviceNotice(settings.device, found);
  const settled = { ...settings, device: chooseDevice(settings.device, found) };
  return notice === undefined ? { settings: settled } : { settings: settled, notice };
}

/** What sessions run on. Where nobody looked up what was found, automatic is the processor. */
export function providerOf({ device }: Pick<EnhanceSettings, 'device'>): Provider {
  return chooseDevice(device, { kind: 'none' });
}
