/** The place for one measurement of this computer: begun, told of, cancelled, ended. */
import type { MachineWork, MachineWorkId } from '../../preload/contract/machine.ts';
import { failure, success, type Failure, type Result } from '../engine/errors.ts';

export interface WorkSlotParts {
  readonly batchRuns: () => boolean;
  /** Called whenever there is something new to tell. */
  readonly onChange: () => void;
  /** Called when a measurement has found something: what automatic settings come to may have changed. */
  readonly onFound: () => void;
}

/** Holds one measurement at a time. Disposing ends it. */
export class WorkSlot implements AsyncDisposable {
  readonly #parts: WorkSlotParts;
  #work: MachineWork = { kind: 'idle' };
  #failure: Failure | undefined;
  #abort = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  #nextId = 1;

  constructor(parts: WorkSlotParts) {
    this.#parts = parts;
  }

  /** What is under way, and how far. */
  get work(): MachineWork {
    return this.#work;
  }

  /** Why the last measurement failed; a cancelled one did not. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  get isIdle(): boolean {
    return this.#work.kind === 'idle';
  }

  /**
   * Begins a measurement.
   *
   * @param first how it stands at its begin
   * @returns its id; `machine-busy`; or `batch-runs`: beside a batch it would slow the batch and tell nothing
   */
  begin(
    first: (id: MachineWorkId) => MachineWork,
    run: (signal: AbortSignal) => Promise<Result<unknown>>,
  ): Result<MachineWorkId> {
    if (!this.isIdle) return failure('machine-busy', 'This computer is being measured already. Wait, or cancel that.');
    if (this.#parts.batchRuns()) {
      return failure(
        'batch-runs',
        'A batch is under way, which would spoil the measurement. Try again once it is through.',
      );
    }
    const id = this.#nextId++;
    this.#abort = new AbortController();
    this.#failure = undefined;
    this.tell(first(id));
    this.#ended = this.#see(run(this.#abort.signal));
    return success(id);
  }

  /** How the measurement stands now. */
  tell(work: MachineWork): void {
    this.#work = work;
    this.#parts.onChange();
  }

  /** Ends the measurement with this id; another that has begun since goes on. */
  cancel(id: MachineWorkId): void {
    if (this.#work.kind !== 'idle' && this.#work.id === id) this.#abort.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#ended;
  }

  async #see(running: Promise<Result<unknown>>): Promise<void> {
    const ended = await running.catch((error: unknown) => broken(error));
    if (!ended.ok && ended.error.code !== 'cancelled') this.#failure = ended.error;
    this.tell({ kind: 'idle' });
    if (ended.ok) this.#parts.onFound();
  }
}

function broken(error: unknown): Result<never> {
  console.error('A measurement of this computer failed.', error);
  return failure('measurement-failed', 'The measurement could not be carried out. Trying again may help.', {
    cause: String(error),
  });
}
