import { join } from 'node:path';
import { success, type Result } from '../engine/errors.ts';
import { describeMachine, readMachine } from '../jobs/machine.ts';
import { withScratchFolder } from '../jobs/scratch.ts';
import { measurePaper, type PaperReport } from '../tune/paper.ts';
import { jsonOf, markdownOf } from '../tune/paper-report.ts';
import { benchModel } from './bench-batch.ts';
import type { BenchPaperCommand } from './command.ts';
import { interruptible } from './interruption.ts';
import { refuse } from './photo-headers.ts';
import { checkResultFile, writeResultFile } from './result-file.ts';
import type { Surroundings } from './surroundings.ts';

/** The paper enlarges four times. */
const SCALE = 4;

/** Measures the source paper's table and what its claims are worth; returns the exit code. */
export async function benchPaper(command: BenchPaperCommand, surroundings: Surroundings): Promise<number> {
  const { settings, photos, runs, writeFolder, json } = command;
  const { stdout, stderr, start } = surroundings;
  const model = benchModel(settings);
  if (!model.ok) return refuse(model.error, surroundings);
  const { id: modelId, scale, haloPx: fieldPx, family } = model.value;
  if (family === 'imported') {
    const message = `The paper’s table is of its own network in several precisions, and ${modelId} was imported.`;
    return refuse({ code: 'model-unfit', message }, surroundings);
  }
  if (scale !== SCALE) {
    const message = `The paper’s table is of models that enlarge ${SCALE} times, and ${modelId} does ${scale} times.`;
    return refuse({ code: 'model-unfit', message }, surroundings);
  }
  const files = writeFolder === undefined ? [] : filesIn(writeFolder);
  const writable = await firstFailure(files, ({ path }) => checkResultFile(path));
  if (!writable.ok) return refuse(writable.error, surroundings);
  return interruptible(surroundings, json, (signal) =>
    withScratchFolder(async (scratchBase) => {
      const report = await measurePaper({
        start,
        machine: readMachine(),
        memoryBytes: settings.memoryBytes,
        modelId,
        scale,
        fieldPx,
        photos,
        runs,
        scratchBase,
        signal,
        onMeasured: (what, { round, way, imageMs }) =>
          stderr.write(`${what}, round ${round + 1}, ${way.id}: ${imageMs.toFixed(0)} ms an image\n`),
      });
      if (!report.ok) return report;
      stdout.write(textOf(json ? jsonOf : markdownOf, report.value));
      const written = await firstFailure(files, ({ path, form }) => writeResultFile(path, textOf(form, report.value)));
      return written.ok ? success(0) : written;
    }),
  );
}

type Form = typeof markdownOf;

interface ReportFile {
  readonly path: string;
  readonly form: Form;
}

function filesIn(folder: string): readonly ReportFile[] {
  return [
    { path: join(folder, 'paper.md'), form: markdownOf },
    { path: join(folder, 'paper.json'), form: jsonOf },
  ];
}

function textOf(form: Form, report: PaperReport): string {
  return form(report, describeMachine());
}

async function firstFailure(
  files: readonly ReportFile[],
  work: (file: ReportFile) => Promise<Result<void>>,
): Promise<Result<void>> {
  for (const file of files) {
    const done = await work(file);
    if (!done.ok) return done;
  }
  return success(undefined);
}
