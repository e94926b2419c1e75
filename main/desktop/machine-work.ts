/** Tunings and checks of devices, one at a time, and what they found, kept. */
import type { KnownModel } from '../../models/known.ts';
import type { Settings } from '../../preload/contract/dto.ts';
import type { HeatMap, MachineState, MachineWorkId } from '../../preload/contract/machine.ts';
import { failure, success, type Result } from '../engine/errors.ts';
import type { Provider } from '../engine/ports.ts';
import { withScratchFolder } from '../jobs/scratch.ts';
import type { Machine } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import { surveyDevices } from '../tune/device-survey.ts';
import type { TuneEvent } from '../tune/events.ts';
import { tunedModel, type TuneSubject } from '../tune/subject.ts';
import { tune } from '../tune/tune.ts';
import { tuningOf } from '../tune/tuning-of.ts';
import type { WorkerConfig } from '../worker/protocol.ts';
import { toContractError } from './job-view.ts';
import { enhanceSettingsOf, modelName } from './look.ts';
import type { MachineBook } from './machine-book.ts';
import { heatOf, knownDevices, knownTuning, withMeasured } from './machine-view.ts';
import { WorkSlot, type WorkSlotParts } from './work-slot.ts';

export interface MachineWorkParts extends WorkSlotParts {
  readonly book: MachineBook;
  readonly settings: () => Settings;
  readonly models: readonly KnownModel[];
  readonly machine: Machine;
  readonly start: StartProcess;
  readonly folders: Pick<WorkerConfig, 'weightsFolder' | 'importedFolder'>;
  /** A photo in colour that is measured. */
  readonly sample: string;
  /** The devices that the runtime brings. */
  readonly offered: () => Promise<readonly Provider[]>;
}

/** What this computer is measured by. Disposing ends the work. */
export class MachineWork implements AsyncDisposable {
  readonly #parts: MachineWorkParts;
  readonly #slot: WorkSlot;
  #heat: HeatMap | null = null;
  #offered: readonly Provider[] = [];

  constructor(parts: MachineWorkParts) {
    this.#parts = parts;
    this.#slot = new WorkSlot(parts);
  }

  get isIdle(): boolean {
    return this.#slot.isIdle;
  }

  /** All that is known; asks the runtime what it brings where that was not asked yet. */
  async read(): Promise<MachineState> {
    if (this.#offered.length === 0) this.#offered = await this.#parts.offered();
    return this.state();
  }

  state(): MachineState {
    const { book, settings } = this.#parts;
    const { work, failure: failed } = this.#slot;
    const model = this.#modelInForce();
    // A tuning of another model says nothing of the one in force, but is watched while it runs.
    const subject = book.subject(settings());
    const isShown =
      !this.isIdle ||
      (this.#heat?.model === model &&
        this.#heat.precision === subject?.precision &&
        this.#heat.device === subject.provider);
    return {
      work,
      failure: failed === undefined ? null : toContractError(failed),
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
    const { book } = this.#parts;
    const [model, subject] = [book.likelyModel(settings), book.subject(settings)];
    if (model === undefined || subject === undefined) {
      return failure('not-tunable', 'The model that is chosen is not there any more. Choose another.');
    }
    const name = this.#modelInForce();
    const before = this.#heat;
    return this.#slot.begin(
      (id) => ({ kind: 'tuning', id, phase: 'photos', fraction: 0, leftMs: budgetMs }),
      async (signal) => {
        this.#heat = { model: name, device: subject.provider, precision: subject.precision, cells: [], verdict: null };
        let heat = before;
        try {
          const done = await this.#tune(model, subject, budgetMs, signal);
          if (done.ok) heat = done.value;
          return done;
        } finally {
          // A map that was broken off is nothing to go by.
          this.#heat = heat;
        }
      },
    );
  }

  /** Tries every device with the model in force, and remembers what was found. */
  checkDevices(): Result<MachineWorkId> {
    const checked = enhanceSettingsOf(this.#parts.settings());
    if (!checked.ok) return checked;
    return this.#slot.begin(
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
            const { work } = this.#slot;
            if (work.kind === 'checking') this.#slot.tell({ ...work, device, index, count });
          },
        });
        return found.ok ? this.#parts.book.rememberDevices(found.value) : found;
      },
    );
  }

  /** Ends the work with this id; another that has begun since goes on. */
  cancel(id: MachineWorkId): void {
    this.#slot.cancel(id);
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
    await this.#slot[Symbol.asyncDispose]();
  }

  async #tune(
    model: KnownModel,
    subject: TuneSubject,
    budgetMs: number,
    signal: AbortSignal,
  ): Promise<Result<HeatMap>> {
    const { start, machine, sample, folders, book, settings } = this.#parts;
    const report = await withScratchFolder((folder) =>
      tune({
        start,
        machine,
        memoryBytes: settings().memoryBytes,
        ...subject,
        model: tunedModel(model),
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
    const { work } = this.#slot;
    if (work.kind !== 'tuning') return;
    if (event.kind === 'phase') this.#slot.tell({ ...work, phase: event.phase });
    else if (event.kind === 'progress') {
      this.#slot.tell({ ...work, fraction: event.fraction, leftMs: event.remainingMs });
    } else if (event.kind === 'measured' && this.#heat !== null) {
      this.#heat = { ...this.#heat, cells: withMeasured(this.#heat.cells, event.cell, event.pixelsPerSecond) };
    }
  }
}
