import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine, readMachine } from '../jobs/machine.ts';
import { scratchBase } from '../jobs/scratch.ts';
import { measurePaper } from '../tune/paper.ts';
import { jsonOf, markdownOf } from '../tune/paper-report.ts';
import { benchModel } from './bench-batch.ts';
import type { BenchPaperCommand } from './command.ts';
import { refuse } from './photo-headers.ts';
import type { Surroundings } from './surroundings.ts';

/** The paper enlarges four times. */
const SCALE = 4;

/** Measures the source paper's table and what its claims are worth; returns the exit code. */
export async function benchPaper(command: BenchPaperCommand, surroundings: Surroundings): Promise<number> {
  const { settings, photos, runs, writeFolder, json } = command;
  const { stdout, stderr, start, onInterrupt } = surroundings;
  const model = benchModel(settings);
  if (!model.ok) return refuse(model.error, surroundings);
  const { id: modelId, scale, haloPx: fieldPx } = model.value;
  if (scale !== SCALE) {
    const message = `The paper’s table is of models that enlarge ${SCALE} times, and ${modelId} does ${scale} times.`;
    return refuse({ code: 'model-unfit', message }, surroundings);
  }
  const machine = describeMachine();
  const interruption = new AbortController();
  const listening = onInterrupt(() => {
    interruption.abort();
  });
  try {
    const report = await measurePaper({
      start,
      machine: readMachine(),
      memoryBytes: settings.memoryBytes,
      modelId,
      scale,
      fieldPx,
      photos,
      runs,
      scratchBase: await scratchBase(),
      signal: interruption.signal,
      onMeasured: (what, { round, way, imageMs }) =>
        stderr.write(`${what}, round ${round + 1}, ${way.id}: ${imageMs.toFixed(0)} ms an image\n`),
    });
    if (interruption.signal.aborted) return 130;
    if (!report.ok) return refuse(report.error, surroundings);
    const [markdown, text] = [markdownOf(report.value, machine), jsonOf(report.value, machine)];
    stdout.write(json ? text : markdown);
    if (writeFolder !== undefined) {
      await mkdir(writeFolder, { recursive: true });
      await writeFile(join(writeFolder, 'paper.md'), markdown);
      await writeFile(join(writeFolder, 'paper.json'), text);
    }
    return 0;
  } finally {
    listening[Symbol.dispose]();
  }
}
