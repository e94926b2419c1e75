import { setTimeout } from 'node:timers/promises';
import type { BatchTimes } from '../../preload/contract/diagnostics.ts';
import type { RunState } from '../../preload/contract/dto.ts';
import type { Outcome } from '../jobs/job.ts';
import type { TracedPhoto } from '../tune/trace.ts';
import type { Entry } from './photo-list.ts';
import { RunRecord } from './run-record.ts';
import type { Runner } from './runner.ts';

/** Workers answer between two strips; one that does not is not waited for. */
const reportWaitMs = 1000;

/** Writes down a run while it happens: when it was held, what photos took, what workers said of themselves. */
export class RunDiary {
  readonly #record = new RunRecord();
  /** Photos of the last run that failed. */
  #failed = 0;
  /** The question to the workers that is under way. */
  #asked: { readonly runner: Runner; readonly answered: Promise<void> } | undefined;

  begin(): void {
    this.#record.begin(nowMs());
  }

  pause(): void {
    this.#record.pause(nowMs());
  }

  resume(): void {
    this.#record.resume(nowMs());
  }

  /** Something happened to a photo. */
  stir(): void {
    this.#record.stir(nowMs());
  }

  /** @returns what the photo took, in milliseconds without pauses */
  done({ id, view: { name } }: Entry, outcome: Outcome): number {
    return this.#record.add({ job: id, name, outcome }).elapsedMs;
  }

  /** The run is over, perhaps while it was held. */
  end(failed: number, runner: Runner | undefined): void {
    this.#failed = failed;
    this.resume();
    void this.askWorkers(runner);
  }

  /** Remembers what workers say of themselves, who may be gone when somebody wants to know. */
  async askWorkers(runner: Runner | undefined): Promise<void> {
    if (runner === undefined) return;
    // A question that is not answered yet is not asked again: each would wait in line with the strips.
    if (this.#asked?.runner !== runner) this.#asked = { runner, answered: this.#ask(runner) };
    await Promise.race([this.#asked.answered, setTimeout(reportWaitMs, undefined, { ref: false })]);
  }

  async #ask(runner: Runner): Promise<void> {
    try {
      this.#record.learn(await runner.pool.reports());
    } finally {
      if (this.#asked?.runner === runner) this.#asked = undefined;
    }
  }

  /** Where the time of this run went so far, or of the last one; null before the first. */
  times(run: RunState['kind'], failedSoFar: number, runner: Runner | undefined): BatchTimes | null {
    return this.#record.view(run, run === 'idle' ? this.#failed : failedSoFar, runner?.pool.pids());
  }

  /** How many photos a trace can tell of. */
  get tracedCount(): number {
    return this.#record.tracedCount;
  }

  /** The photos that a trace can tell of. */
  traced(): TracedPhoto[] {
    return this.#record.traced();
  }
}

/** The clock that stages are told by. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
