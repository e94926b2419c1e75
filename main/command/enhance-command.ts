import { basename } from 'node:path';
import { checkSettings, startBatch, type Batch } from '../jobs/batch.ts';
import { fractionOf, type Job, type JobEvent } from '../jobs/job.ts';
import { success } from '../engine/errors.ts';
import { traceOf, type TracedPhoto } from '../tune/trace.ts';
import type { EnhanceCommand } from './command.ts';
import { createDisplay, exitCodeOf, type BatchEnd, type BatchEvent, type Display } from './display.ts';
import { dryRun } from './dry-run.ts';
import { findPhotos, nothingFound } from './find-photos.ts';
import { refuse } from './photo-headers.ts';
import { checkResultFile, writeResultFile } from './result-file.ts';
import type { Surroundings } from './surroundings.ts';

/** Enhances photos into a folder; returns the exit code. */
export async function enhance(command: EnhanceCommand, surroundings: Surroundings): Promise<number> {
  const checked = checkSettings(command.settings);
  if (!checked.ok) return refuse(checked.error, surroundings);
  if (command.dryRun) return dryRun(command, surroundings);
  const { traceFile } = command;
  const writable = traceFile === undefined ? success(undefined) : await checkResultFile(traceFile);
  if (!writable.ok) return refuse(writable.error, surroundings);
  const { stdout, stderr, start } = surroundings;
  const display = createDisplay({ json: command.json, stdout, stderr });
  const counter = new Counter(display);
  const traced: TracedPhoto[] = [];
  const batch = await startBatch({
    settings: command.settings,
    outFolder: command.outFolder,
    start,
    onJob: (job, event) => {
      counter.count(job, event);
      if (traceFile !== undefined && job.state.kind === 'done')
        traced.push({ name: basename(job.source), ...job.state.outcome });
    },
    onNotice: (notice) => {
      display.handle({ kind: 'notice', notice });
    },
  });
  const interruption = listenForInterruptions(batch, surroundings);
  try {
    const exitCode = await runBatch(command, { batch, display, counter, interruption, surroundings });
    if (traceFile === undefined) return exitCode;
    const written = await writeResultFile(traceFile, JSON.stringify(traceOf(traced)));
    return written.ok ? exitCode : refuse(written.error, surroundings);
  } finally {
    interruption.stop();
    await batch[Symbol.asyncDispose]();
    display[Symbol.dispose]();
  }
}

interface Running {
  readonly batch: Batch;
  readonly display: Display;
  readonly counter: Counter;
  readonly interruption: Interruption;
  readonly surroundings: Surroundings;
}

async function runBatch(command: EnhanceCommand, running: Running): Promise<number> {
  const { batch, display, counter, interruption, surroundings } = running;
  const startMs = performance.now();
  const found = await findPhotos(command);
  if (found.photos.length === 0 && found.failed.length === 0) return refuse(nothingFound(command), surroundings);
  display.handle({ kind: 'batch-started', photos: found.photos.length + found.failed.length });
  for (const notice of found.notices) display.handle({ kind: 'notice', notice });
  for (const [index, { path, failure }] of found.failed.entries()) {
    counter.emit({ kind: 'photo-failed', id: `scan-${index}`, path, failure });
  }
  if (!interruption.happened()) {
    const added = batch.add(found.photos);
    if (!added.ok) return refuse(added.error, surroundings);
    await Promise.race([batch.queue.settled(), interruption.over]);
  }
  const interrupted = interruption.happened();
  const end: BatchEnd = { kind: 'batch-ended', ...counter.counts, elapsedMs: performance.now() - startMs, interrupted };
  display.handle(end);
  return exitCodeOf(end);
}

/** After an interruption workers get this long to finish the step they are in; then they are ended. */
const INTERRUPTION_GRACE_MS = 700;

interface Interruption {
  readonly happened: () => boolean;
  /** Settles when the batch is to be waited for no longer. */
  readonly over: Promise<void>;
  readonly stop: () => void;
}

/** The first interruption cancels what is left and waits a moment for the workers, a second one does not wait. */
function listenForInterruptions(batch: Batch, { onInterrupt }: Surroundings): Interruption {
  let interruptions = 0;
  let timer: NodeJS.Timeout | undefined;
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const listening = onInterrupt(() => {
    interruptions += 1;
    if (interruptions > 1) end();
    else timer = setTimeout(end, INTERRUPTION_GRACE_MS);
    batch.queue.cancelAll();
  });
  return {
    happened: () => interruptions > 0,
    over,
    stop: () => {
      clearTimeout(timer);
      listening[Symbol.dispose]();
    },
  };
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
