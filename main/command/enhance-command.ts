import { resolve } from 'node:path';
import type { Failure } from '../engine/errors.ts';
import { checkSettings, startBatch, type Batch } from '../jobs/batch.ts';
import { fractionOf, type Job, type JobEvent } from '../jobs/job.ts';
import type { EnhanceCommand } from './command.ts';
import { createDisplay, exitCodeOf, type BatchEnd, type BatchEvent, type Display } from './display.ts';
import { dryRun } from './dry-run.ts';
import { findPhotos } from './find-photos.ts';
import { refuse } from './photo-headers.ts';
import type { Surroundings } from './surroundings.ts';

/** Enhances photos into a folder; returns the exit code. */
export async function enhance(command: EnhanceCommand, surroundings: Surroundings): Promise<number> {
  const checked = checkSettings(command.settings);
  if (!checked.ok) return refuse(checked.error, surroundings);
  if (command.dryRun) return dryRun(command, surroundings);
  const startMs = performance.now();
  using display = createDisplay({ json: command.json, stdout: surroundings.stdout, stderr: surroundings.stderr });
  const counter = new Counter(display);
  await using batch = await startBatch({
    settings: command.settings,
    outFolder: resolve(command.outFolder),
    start: surroundings.start,
    onJob: (job, event) => {
      counter.count(job, event);
    },
    onNotice: (notice) => {
      display.handle({ kind: 'notice', notice });
    },
  });
  const found = await findPhotos(command);
  if (found.photos.length === 0 && found.failed.length === 0) return refuse(nothingFound(command), surroundings);
  display.handle({ kind: 'batch-started', photos: found.photos.length + found.failed.length });
  for (const notice of found.notices) display.handle({ kind: 'notice', notice });
  for (const [index, { path, failure }] of found.failed.entries()) {
    counter.emit({ kind: 'photo-failed', id: `scan-${index}`, path, failure });
  }
  const added = batch.add(found.photos);
  if (!added.ok) return refuse(added.error, surroundings);
  const interrupted = await untilSettled(batch, surroundings);
  const end: BatchEnd = { kind: 'batch-ended', ...counter.counts, elapsedMs: performance.now() - startMs, interrupted };
  display.handle(end);
  return exitCodeOf(end);
}

function nothingFound(command: EnhanceCommand): Failure {
  const deeper = command.recursive ? '' : ' Folders are searched to their depths with --recursive.';
  return { code: 'nothing-found', message: `There are no photos in ${command.inputs.join(', ')}.${deeper}` };
}

/** Waits for the end. The first interruption cancels what is left, a second one does not wait for the workers. */
async function untilSettled(batch: Batch, { onInterrupt }: Surroundings): Promise<boolean> {
  let interruptions = 0;
  const impatient = Promise.withResolvers<undefined>();
  const listening = onInterrupt(() => {
    interruptions += 1;
    if (interruptions === 1) batch.queue.cancelAll();
    else impatient.resolve(undefined);
  });
  await Promise.race([batch.queue.settled(), impatient.promise]);
  listening[Symbol.dispose]();
  return interruptions > 0;
}

/** Turns what happens to jobs into what a display shows, and counts. */
class Counter {
  readonly #display: Display;
  #done = 0;
  #failed = 0;
  #skipped = 0;

  constructor(display: Display) {
    this.#display = display;
  }

  get counts(): { readonly done: number; readonly failed: number; readonly skipped: number } {
    return { done: this.#done, failed: this.#failed, skipped: this.#skipped };
  }

  count(job: Job, event: JobEvent): void {
    const shown = batchEventOf(job, event);
    if (shown !== undefined) this.emit(shown);
  }

  emit(event: BatchEvent): void {
    if (event.kind === 'photo-done') this.#done += 1;
    else if (event.kind === 'photo-failed') this.#failed += 1;
    else if (event.kind === 'photo-skipped') this.#skipped += 1;
    this.#display.handle(event);
  }
}

/** What a person is told of an event, if anything. */
function batchEventOf({ id, source: path, state }: Job, event: JobEvent): BatchEvent | undefined {
  switch (state.kind) {
    case 'opening': {
      const { info, output } = state.assignment;
      return { kind: 'photo-started', id, path, source: info, result: output };
    }
    case 'inferring':
      return event.kind === 'tile-done' || event.kind === 'tiles-lost'
        ? { kind: 'photo-progress', id, fraction: fractionOf(state) }
        : undefined;
    case 'done': {
      const { assignment, elapsedMs, fileBytes } = state.outcome;
      const { output } = assignment;
      return { kind: 'photo-done', id, path, outPath: output.path, result: output, elapsedMs, fileBytes };
    }
    case 'failed':
      return { kind: 'photo-failed', id, path, failure: state.failure };
    case 'skipped':
      return { kind: 'photo-skipped', id, path, reason: state.reason };
    case 'set-aside': {
      const message = 'A photo whose program part died twice is set aside and tried once more at the end.';
      return { kind: 'notice', notice: { code: 'set-aside', message, details: { path } } };
    }
    case 'queued':
    case 'probing':
    case 'ready':
    case 'closing':
    case 'cancelled':
      return undefined;
  }
}
