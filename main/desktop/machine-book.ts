/** What was found out about this computer, and what the settings come to with it. */
import type { KnownModel } from '../../models/known.ts';
import type { Settings } from '../../preload/contract/dto.ts';
import type { MachineChange } from '../../preload/contract/machine.ts';
import { success, type Result } from '../engine/errors.ts';
import { applyDevices, lookUpDevices, providerOf } from '../jobs/device.ts';
import { likelyAmong } from '../jobs/likely-model.ts';
import { applyTunings, lookUpTuning } from '../jobs/tuned.ts';
import type { DeviceLookup, DeviceRecord } from '../settings/device-record.ts';
import type { DeviceStore } from '../settings/device-store.ts';
import { isSameMachine, type Tuning, type TuningLookup, type TuningMachine } from '../settings/tuning.ts';
import type { TuningStore } from '../settings/tuning-store.ts';
import { subjectsOf, type TuneSubject } from '../tune/subject.ts';

export interface MachineBookParts {
  readonly tunings: TuningStore;
  readonly devices: DeviceStore;
  readonly machine: TuningMachine;
  /** The catalogue's and a person's own. */
  readonly models: readonly KnownModel[];
}

/** Settings as they count, and where they come from. */
export interface Resolved {
  readonly settings: Settings;
  readonly tuned: { readonly tile: boolean; readonly crew: boolean };
  /** What was found and counts no more, in sentences. */
  readonly stale: string | null;
}

/** Keeps tunings and verdicts on devices at hand; the files are shared with the command line. */
export class MachineBook {
  readonly #parts: MachineBookParts;
  #tunings: readonly Tuning[] = [];
  #devices: readonly DeviceRecord[] = [];

  constructor(parts: MachineBookParts) {
    this.#parts = parts;
  }

  async load(): Promise<void> {
    const { tunings, devices } = this.#parts;
    [this.#tunings, this.#devices] = await Promise.all([tunings.load(), devices.load()]);
  }

  /** Settings with what was found here in the place of automatic values. The device first: each is tuned by itself. */
  resolve(wished: Settings): Resolved {
    const { machine, models } = this.#parts;
    const onDevice = applyDevices(wished, this.#devices, machine, models);
    const { settings, notice } = applyTunings(onDevice.settings, this.#tunings, machine, models);
    const stale = [
      ...(onDevice.notice === undefined ? [] : [staleWords('devices', this.lookUpDevices(wished))]),
      ...(notice === undefined ? [] : [staleWords('tuning', this.lookUpTuning(wished))]),
    ];
    return {
      settings,
      tuned: {
        tile: settings.tilePx !== wished.tilePx,
        crew: settings.workers !== wished.workers,
      },
      stale: stale.length === 0 ? null : stale.join(' '),
    };
  }

  /** The model that most photos of these settings will use. */
  likelyModel(settings: Settings): KnownModel | undefined {
    return likelyAmong(settings, this.#parts.models);
  }

  /** What is remembered of the fastest settings on the device that these come to. */
  lookUpTuning(settings: Settings): TuningLookup {
    const { machine, models } = this.#parts;
    return lookUpTuning(
      applyDevices(settings, this.#devices, machine, models).settings,
      this.#tunings,
      machine,
      models,
    );
  }

  /** What these settings' likely model is computed on and in, and so what is tuned. */
  subject(settings: Settings): TuneSubject | undefined {
    const model = this.likelyModel(settings);
    if (model === undefined) return undefined;
    const provider = providerOf(
      applyDevices(settings, this.#devices, this.#parts.machine, this.#parts.models).settings,
    );
    return subjectsOf(model, [provider], [settings.precision])[0];
  }

  lookUpDevices(settings: Settings): DeviceLookup {
    return lookUpDevices(settings, this.#devices, this.#parts.machine, this.#parts.models);
  }

  async rememberTuning(tuning: Tuning): Promise<Result<void>> {
    return this.#keep(await this.#parts.tunings.remember([tuning]));
  }

  /** Forgets all tunings of the settings' likely model on their device in their precision. */
  async forgetTuning(settings: Settings): Promise<Result<void>> {
    const model = this.likelyModel(settings);
    const subject = this.subject(settings);
    const isMeant = (one: Tuning): boolean =>
      one.modelId === model?.id &&
      one.precision === subject?.precision &&
      one.provider === subject.provider &&
      isSameMachine(one, this.#parts.machine);
    return this.#keep(await this.#parts.tunings.forget(isMeant));
  }

  async rememberDevices(record: DeviceRecord): Promise<Result<void>> {
    return this.#keep(await this.#parts.devices.remember(record));
  }

  async #keep(saved: Result<void>): Promise<Result<void>> {
    if (!saved.ok) return saved;
    await this.load();
    return success(undefined);
  }
}

const changeWords: Readonly<Record<MachineChange, string>> = {
  machine: 'the machine',
  runtime: 'the runtime’s version',
  model: 'the model',
};

/** Says that what was found counts no more, for the window: the sentences of the core name commands. */
function staleWords(kind: 'tuning' | 'devices', found: TuningLookup | DeviceLookup): string {
  const changes = found.kind === 'stale' ? found.changes.map((change) => changeWords[change]).join(' and ') : '';
  return kind === 'tuning'
    ? `Since this model was tuned, ${changes} changed: the defaults are used until you tune again.`
    : `Since the devices were checked, ${changes} changed: the processor is used until you check them again.`;
}
