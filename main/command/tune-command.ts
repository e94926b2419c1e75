import { resolve } from 'node:path';
import { knownModels, type KnownModel } from '../../models/known.ts';
import { success, type Result } from '../engine/errors.ts';
import type { Provider } from '../engine/ports.ts';
import { readMachine, readTuningMachine } from '../jobs/machine.ts';
import { withScratchFolder } from '../jobs/scratch.ts';
import { checkSettings } from '../jobs/batch.ts';
import { applyDevices, computedIn, lookUpDevices, providerOf } from '../jobs/device.ts';
import { likelyAmong } from '../jobs/likely-model.ts';
import { createDeviceStore } from '../settings/device-store.ts';
import { importedModelsFolder } from '../settings/models-folder.ts';
import { createTuningStore, tuningsPath } from '../settings/tuning-store.ts';
import { isSameMachine, type Tuning } from '../settings/tuning.ts';
import type { TuneReport } from '../tune/report.ts';
import { subjectsOf, tunedModel, type TuneSubject } from '../tune/subject.ts';
import { tuningOf } from '../tune/tuning-of.ts';
import { tune as runTune, type TuneOptions, type TunePhoto } from '../tune/tune.ts';
import type { TuneCommand } from './command.ts';
import { lookOf } from './display.ts';
import { interruptible } from './interruption.ts';
import { readHeaders, refuse } from './photo-headers.ts';
import { samplePhoto } from './sample-photo.ts';
import type { Surroundings } from './surroundings.ts';
import { createTuneDisplay } from './tune-display.ts';
import { heatMapLines, tableLines, verdictLines } from './tune-view.ts';

/** Finds the fastest settings for a model on this machine, and remembers them; returns the exit code. */
export async function tune(command: TuneCommand, surroundings: Surroundings): Promise<number> {
  const checked = checkSettings(command.settings);
  if (!checked.ok) return refuse(checked.error, surroundings);
  const models = knownModels(importedModelsFolder());
  const model = likelyAmong(command.settings, models)!;
  if (command.forget) return forget(model, command, surroundings);
  return interruptible(surroundings, command.json, async (signal) => {
    const subjects = subjectsOf(model, await providersOf(command, models), command.precisions);
    const reports = await tuneWatched({ command, model, subjects }, surroundings, signal);
    if (!reports.ok) return reports;
    const tunings = reports.value.map((report) => tuningOf(report, model));
    if (!command.dryRun) {
      const saved = await createTuningStore().remember(tunings);
      if (!saved.ok) return saved;
    }
    print(command, model, reports.value, tunings, surroundings);
    return success(0);
  });
}

/** The device that these settings come to here; or each that was found right. */
async function providersOf(
  { settings, everyDevice }: TuneCommand,
  models: readonly KnownModel[],
): Promise<readonly Provider[]> {
  const [records, machine] = [await createDeviceStore().load(), readTuningMachine()];
  if (!everyDevice) return [providerOf(applyDevices(settings, records, machine, models).settings)];
  const found = lookUpDevices(settings, records, machine, models);
  const others = found.kind === 'found' ? found.record.devices.filter(({ state }) => state === 'right') : [];
  return [...new Set<Provider>(['cpu', ...others.map(({ provider }) => provider)])];
}

/** What is tuned. */
interface Tuned {
  readonly command: TuneCommand;
  readonly model: KnownModel;
  readonly subjects: readonly TuneSubject[];
}

/** Shows what is measured while it is. */
async function tuneWatched(
  tuned: Tuned,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Result<readonly TuneReport[]>> {
  const display = createTuneDisplay(surroundings, tuned.command.json);
  try {
    return await withScratchFolder((folder) =>
      tuneAll(tuned, surroundings, {
        scratchBase: folder,
        signal,
        onEvent: (event) => {
          display.handle(event);
        },
      }),
    );
  } finally {
    display[Symbol.dispose]();
  }
}

/** Each device and precision by itself, with its share of the budget; all or nothing. */
async function tuneAll(
  { command, model, subjects }: Tuned,
  surroundings: Surroundings,
  { onEvent, ...run }: Required<Pick<TuneOptions, 'scratchBase' | 'signal' | 'onEvent'>>,
): Promise<Result<readonly TuneReport[]>> {
  const photo = await photoOf(command, surroundings, run.signal);
  if (!photo.ok) return photo;
  const reports: TuneReport[] = [];
  const count = subjects.length;
  for (const [index, subject] of subjects.entries()) {
    const report = await runTune({
      start: surroundings.start,
      machine: readMachine(),
      memoryBytes: command.settings.memoryBytes,
      ...subject,
      model: tunedModel(model),
      folders: { importedFolder: importedModelsFolder() },
      photo: photo.value,
      budgetMs: command.budgetMs / count,
      ...run,
      onEvent: (event) => {
        if (event.kind !== 'progress') {
          onEvent(event);
          return;
        }
        const laterMs = (command.budgetMs / count) * (count - 1 - index);
        const fraction = (index + event.fraction) / count;
        onEvent({ kind: 'progress', fraction, remainingMs: event.remainingMs + laterMs });
      },
    });
    if (!report.ok) return report;
    reports.push(report.value);
  }
  return success(reports);
}

async function photoOf(
  { photo, settings }: TuneCommand,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Result<TunePhoto>> {
  if (photo === undefined) return success({ kind: 'sample', path: samplePhoto });
  const path = resolve(photo);
  const headers = await readHeaders([path], settings, surroundings, signal);
  if (!headers.ok) return headers;
  const info = headers.value[0]!;
  if (!info.ok) return info;
  return success({ kind: 'own', path, widthPx: info.value.widthPx, heightPx: info.value.heightPx });
}

function print(
  { json, dryRun }: TuneCommand,
  model: KnownModel,
  reports: readonly TuneReport[],
  tunings: readonly Tuning[],
  { stdout }: Surroundings,
): void {
  if (json) {
    for (const [index, report] of reports.entries()) {
      const line = { kind: 'tuned', applied: !dryRun, tuning: tunings[index], report };
      stdout.write(`${JSON.stringify(line)}\n`);
    }
    return;
  }
  const look = lookOf(stdout);
  for (const report of reports) {
    const lines = [
      ...heatMapLines(report, look),
      '',
      ...tableLines(report, look),
      '',
      ...verdictLines(report, model.id),
    ];
    stdout.write(`${lines.join('\n')}\n`);
  }
  const kept = dryRun
    ? 'Nothing was changed (--dry-run).'
    : `From now on this is used wherever tile, workers and threads are left on auto (${tuningsPath()}; "tessera tune --forget" undoes it).`;
  stdout.write(`${kept}\n`);
}

async function forget(
  model: KnownModel,
  { precisions, json }: TuneCommand,
  surroundings: Surroundings,
): Promise<number> {
  const store = createTuningStore();
  const machine = readTuningMachine();
  const isMeant = (tuning: Tuning): boolean =>
    tuning.modelId === model.id &&
    precisions.some((wanted) => computedIn(model, tuning.provider, wanted) === tuning.precision) &&
    isSameMachine(tuning, machine);
  const count = (await store.load()).filter(isMeant).length;
  const saved = count === 0 ? success(undefined) : await store.forget(isMeant);
  if (!saved.ok) return refuse(saved.error, surroundings);
  const words = count === 0 ? `Nothing was tuned for ${model.id}.` : `The tuning of ${model.id} is forgotten.`;
  surroundings.stdout.write(
    json ? `${JSON.stringify({ kind: 'forgotten', modelId: model.id, count })}\n` : `${words}\n`,
  );
  return 0;
}
