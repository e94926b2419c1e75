import type { MachineState as Known } from '../../preload/contract/machine.ts';
import type { ContractError, Outcome } from '../../preload/contract/errors.ts';
import type { Api } from '../api/api.ts';

/** How long a tuning from the window may take. */
const tuneBudgetMs = 60_000;

/** What is known of this computer, and what is being measured. */
export class MachineState {
  /** Null until it was asked for. */
  known = $state.raw<Known | null>(null);
  /** Why something was not begun; gone with the next one that is. */
  refusal = $state.raw<ContractError | null>(null);
  readonly #api: Api;

  readonly work = $derived(this.known?.work ?? { kind: 'idle' as const });
  readonly failure = $derived(this.refusal ?? this.known?.failure ?? null);

  constructor(api: Api) {
    this.#api = api;
  }

  connect(): () => void {
    return this.#api.listen('machine:changed', (known) => {
      this.known = known;
    });
  }

  async read(): Promise<void> {
    this.known = await this.#api.ask('machine:read');
  }

  async tune(): Promise<void> {
    this.#refuse(await this.#api.ask('machine:tune', { budgetMs: tuneBudgetMs }));
  }

  async checkDevices(): Promise<void> {
    this.#refuse(await this.#api.ask('machine:checkDevices'));
  }

  async cancel(): Promise<void> {
    if (this.work.kind !== 'idle') await this.#api.ask('machine:cancel', { work: this.work.id });
  }

  async forgetTuning(): Promise<void> {
    this.#refuse(await this.#api.ask('machine:forgetTuning'));
  }

  #refuse(outcome: Outcome<unknown>): void {
    this.refusal = outcome.ok ? null : outcome.error;
  }
}
