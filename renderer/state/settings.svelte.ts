import type {
  LookOptions,
  MachineInfo,
  ModelInfo,
  Settings,
  SettingsPatch,
  Welcome,
} from '../../preload/contract/dto.ts';
import type { ContractError } from '../../preload/contract/errors.ts';
import { outcomeOf, type Api } from '../api/api.ts';

/** What a person set, what the machine offers, and which models there are. */
export class SettingsState {
  current = $state.raw<Settings>()!;
  /** Why the last change was not taken; gone with the next one that is. */
  refusal = $state.raw<ContractError | null>(null);
  readonly defaults: Settings;
  readonly machine: MachineInfo;
  readonly models: readonly ModelInfo[];
  readonly version: string;
  readonly #api: Api;

  /** The part that a photo may differ in. */
  readonly look = $derived.by((): LookOptions => {
    const { model, target, format, quality, nameTemplate } = this.current;
    return { model, target, format, quality, nameTemplate };
  });

  constructor(api: Api, welcome: Welcome) {
    this.#api = api;
    this.current = welcome.settings;
    this.defaults = welcome.defaults;
    this.machine = welcome.machine;
    this.models = welcome.models;
    this.version = welcome.version;
  }

  connect(): () => void {
    return this.#api.listen('settings:changed', (settings) => {
      this.current = settings;
    });
  }

  /** Changes settings for the next photo on; what the main process will not take is said and not kept. */
  async update(patch: SettingsPatch): Promise<boolean> {
    const outcome = await outcomeOf(this.#api.ask('settings:update', patch));
    this.refusal = outcome.ok ? null : outcome.error;
    if (outcome.ok) this.current = outcome.value;
    return outcome.ok;
  }

  /** Puts one setting back to its default. */
  async reset(...keys: readonly (keyof Settings)[]): Promise<void> {
    await this.update(Object.fromEntries(keys.map((key) => [key, this.defaults[key]])));
  }

  isDefault(key: keyof Settings): boolean {
    return JSON.stringify(this.current[key]) === JSON.stringify(this.defaults[key]);
  }
}
