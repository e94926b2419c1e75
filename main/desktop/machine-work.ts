/** Tunings and checks of devices, one at a time: started, told of, cancelled, and what they found kept. */
import { catalog, type CatalogEntry } from '../../models/catalog.ts';
import type { KnownModel } from '../../models/known.ts';
import type { Settings } from '../../preload/contract/dto.ts';
import type { HeatMap, MachineState, MachineWork as Standing, MachineWorkId } from '../../preload/contract/machine.ts';
import { failure, success, type Failure, type Result } from '../engine/errors.ts';
import type { Provider } from '../engine/ports.ts';
import { DEFAULT_TILE_PX } from '../jobs/tile.ts';
import { withScratchFolder } from '../jobs/scratch.ts';
import type { Machine } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import { surveyDevices } from '../tune/device-survey.ts';
import type { TuneEvent } from '../tune/events.ts';
import { tune } from '../tune/tune.ts';
import { tuningOf } from '../tune/tuning-of.ts';
import type { WorkerConfig } from '../worker/protocol.ts';
import { toContractError } from './job-view.ts';
import { enhanceSettingsOf, modelName } from './look.ts';
import type { MachineBook } from './machine-book.ts';
import { heatOf, knownDevices, knownTuning, withMeasured } from './machine-view.ts';

export interface MachineWorkParts {
  readonly book: MachineBook;
  readonly settings: () => Settings;
  readonly models: readonly KnownModel[];
  readonly machine: Machine;
  readonly start: StartProcess;
  readonly folders: Pick<WorkerConfig, 'weightsFolder' | 'importedFolder'>;
  /** A photo in colour that is measured. */
  readonly sample: string;
  readonly batchRuns: () => boolean;
  /** The devices that the runtime brings. */
  readonly offered: () => Promise<readonly Provider[]>;
  /** Called whenever there is something new to tell. */
  readonly onChange: () => void;
  /** What automatic settings come to may have changed. */
  readonly onFound: () => void;
}

/** What this computer is measured by. Disposing ends the work. */
export class MachineWork implements AsyncDisposable {
  readonly #parts: MachineWorkParts;
  #standing: Standing = { kind: 'idle' };
  #failure: Failure | undefined;
  #heat: HeatMap | null = null;
  #offered: readonly Provider[] = [];
  #abort = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  #nextId = 1;

  constructor(parts: MachineWorkParts) {
    this.#parts = parts;
  }

  get isIdle(): boolean {
    return this.#standing.kind === 'idle';
  }

  /** All that is known; asks the runtime what it brings where that was not asked yet. */
  async read(): Promise<MachineState> {
    if (this.#offered.length === 0) this.#offered = await this.#parts.offered();
    return this.state();
  }

  state(): MachineState {
    const { book, settings } = this.#parts;
    const model = this.#modelInForce();
    // A tuning of another model says nothing of the one in force, but is watched while it runs.
    const { precision } = settings();
    const isShown = !this.isIdle || (this.#heat?.model === model && this.#heat.precision === precision);
    return {
      work: this.#standing,
      failure: this.#failure === undefined ? null : toContractError(this.#failure),
      heat: isShown ? this.#heat : null,
      tuning: knownTuning(book.lookUpTuning(settings()), model),
      devices: knownDevices(book.lookUpDevices(settings()), this.#offered),
    };
  }

  #modelInForce(): string {
    const { book, settings } = this.#parts;
    const model = book.likelyModel(settings());
    return model === undefined ? settings().model : modelName(model);
  }

  /** Measures settings for the model in force, remembers the best and uses it. */
  tune(budgetMs: number): Result<MachineWorkId> {
    const settings = this.#parts.settings();
    const model = catalog.find(({ id }) => id === this.#parts.book.likelyModel(settings)?.id);
    if (model === undefined) return failure('not-tunable', 'Only Tessera’s own models are tuned. Choose one of them.');
    if (this.#parts.book.resolve(settings).settings.device !== 'cpu') {
      return failure('not-tunable', 'Only the processor is tuned. Choose it under Device first.');
    }
    const name = this.#modelInForce();
    const before = this.#heat;
    return this.#begin(
      (id) => ({ kind: 'tuning', id, phase: 'photos', fraction: 0, leftMs: budgetMs }),
      async (signal) => {
        this.#heat = { model: name, precision: settings.precision, cells: [], verdict: null };
        const done = await this.#tune(model, settings, budgetMs, signal);
        this.#heat = done.ok ? done.value : before;
        return done;
      },
    );
  }

  /** Tries every device with the model in force, and remembers what was found. */
  checkDevices(): Result<MachineWorkId> {
    const checked = enhanceSettingsOf(this.#parts.settings());
    if (!checked.ok) return checked;
    return this.#begin(
      (id) => ({ kind: 'checking', id, device: null, index: 0, count: 0 }),
      async (signal) => {
        const { models, start, sample, folders } = this.#parts;
        const found = await surveyDevices({
          settings: checked.value,
          models,
          start,
          sample,
          folders,
          signal,
          onStart: (device, { index, count }) => {
            if (this.#standing.kind === 'checking') this.#tell({ ...this.#standing, device, index, count });
          },
        });
        return found.ok ? this.#parts.book.rememberDevices(found.value) : found;
      },
    );
  }

  /** Ends the work with this id; another that has begun since goes on. */
  cancel(id: MachineWorkId): void {
    if (this.#standing.kind !== 'idle' && this.#standing.id === id) this.#abort.abort();
  }

  async forgetTuning(): Promise<Result<void>> {
    const forgotten = await this.#parts.book.forgetTuning(this.#parts.settings());
    if (!forgotten.ok) return forgotten;
    this.#heat = null;
    this.#parts.onFound();
    this.#parts.onChange();
    return success(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#ended;
  }

  /** Measuring beside a batch would slow the batch and tell nothing: it waits its turn. */
  #begin(
    first: (id: MachineWorkId) => Standing,
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
    this.#tell(first(id));
    this.#ended = this.#see(run(this.#abort.signal));
    return success(id);
  }

  async #see(running: Promise<Result<unknown>>): Promise<void> {
    const ended = await running.catch((error: unknown) => failed(error));
    if (!ended.ok && ended.error.code !== 'cancelled') this.#failure = ended.error;
    this.#tell({ kind: 'idle' });
    if (ended.ok) this.#parts.onFound();
  }

  async #tune(
    model: CatalogEntry,
    { precision, memoryBytes }: Settings,
    budgetMs: number,
    signal: AbortSignal,
  ): Promise<Result<HeatMap>> {
    const { start, machine, sample, folders, book } = this.#parts;
    const report = await withScratchFolder((folder) =>
      tune({
        start,
        machine,
        memoryBytes,
        provider: 'cpu',
        precision,
        model: { id: model.id, scale: model.scale, fieldPx: model.haloPx },
        standardTilePx: DEFAULT_TILE_PX,
        photo: { kind: 'sample', path: sample },
        budgetMs,
        scratchBase: folder,
        folders,
        signal,
        onEvent: (event) => {
          this.#hear(event);
        },
      }),
    );
    if (!report.ok) return report;
    const kept = await book.rememberTuning(tuningOf(report.value, model));
    return kept.ok ? success(heatOf(report.value, modelName(model))) : kept;
  }

  #hear(event: TuneEvent): void {
    if (this.#standing.kind !== 'tuning') return;
    if (event.kind === 'phase') this.#tell({ ...this.#standing, phase: event.phase });
    else if (event.kind === 'progress') {
      this.#tell({ ...this.#standing, fraction: event.fraction, leftMs: event.remainingMs });
    } else if (event.kind === 'measured' && this.#heat !== null) {
      this.#heat = { ...this.#heat, cells: withMeasured(this.#heat.cells, event.cell, event.pixelsPerSecond) };
    }
  }

  #tell(standing: Standing): void {
    this.#standing = standing;
    this.#parts.onChange();
  }
}

function failed(error: unknown): Result<never> {
  console.error('A measurement of this computer failed.', error);
  return failure('measurement-failed', 'The measurement could not be carried out. Trying again may help.', {
    cause: String(error),
  });
}
