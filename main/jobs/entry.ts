import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Provider } from '../engine/ports.ts';
import { isClaimed } from '../worker/claim.ts';
import type { Precision, StageTime, StorePaths } from '../worker/protocol.ts';
import type { Assignment, Job, Outcome } from './job.ts';
import { partName } from './stray-parts.ts';
import type { StripLedger } from './strips.ts';
import { workedMs } from './worked-time.ts';

/** What a queue keeps of a photo beside its state. */
export class Entry {
  job: Job;
  readonly abort = new AbortController();
  ledger: StripLedger | undefined;
  readonly stages: StageTime[] = [];
  /** What its last strip was computed on, and in. */
  provider: Provider | undefined;
  precision: Precision | undefined;
  runMs = 0;
  /** What its temporary files may take on disk, once that is known. */
  spoolBytes = 0;
  /** Settings changed while its header was read: what was decided by the old ones is of no use. */
  isStale = false;
  /** Tasks of this photo that workers hold. */
  held = 0;
  /** The process that died last over this photo; it may have held several of its tasks, and died once. */
  lastDeathPid: unknown;
  /** Folders of tries, with what may be gigabytes. */
  #tries: string[] = [];
  /** Other files to remove once the photo is through. */
  readonly #leftovers: string[] = [];
  /** Where its result may lie, and by what it is known. */
  #stored: { readonly path: string; readonly claimPath: string; readonly mayOverwrite: boolean } | undefined;

  constructor(job: Job) {
    this.job = job;
  }

  /** A folder for one try, which no other try had: what a killed worker left behind goes with it. */
  tryFolder(scratchFolder: string): string {
    const folder = join(scratchFolder, `${this.job.id}-${randomUUID()}`);
    this.#tries.push(folder);
    return folder;
  }

  /** Named by the scratch folder, which is this process's own, so that two batches never meet. */
  storePaths(scratchFolder: string, { output }: Assignment): StorePaths {
    const temporaryPath = join(dirname(output.path), partName(scratchFolder, this.job.id));
    const claimPath = join(scratchFolder, `${this.job.id}.claim`);
    this.#leftovers.push(temporaryPath, claimPath);
    this.#stored = { path: output.path, claimPath, mayOverwrite: output.mayOverwrite };
    return { temporaryPath, claimPath };
  }

  /** Forgets what a try that broke off came to: the next one does all of it again. */
  startAnew(): void {
    this.ledger = undefined;
    this.stages.length = 0;
    this.runMs = 0;
  }

  outcome(assignment: Assignment, close: Pick<Outcome, 'fileBytes' | 'stages'>): Outcome {
    const stages = [...this.stages, ...close.stages];
    return {
      assignment,
      provider: this.provider ?? 'cpu',
      precision: this.precision ?? assignment.spec.precision,
      fileBytes: close.fileBytes,
      elapsedMs: workedMs(stages),
      stages,
      runMs: this.runMs,
    };
  }

  /** Whether a worker was told to store its result, which may be there whatever came of the photo since. */
  get mayBeStored(): boolean {
    return this.#stored !== undefined;
  }

  /** Whether tries of it may have left something on the disk. */
  get takesRoom(): boolean {
    return this.#tries.length > 0;
  }

  /** What cannot be removed now goes with the scratch folder, or never existed. */
  async discardLeftovers(): Promise<void> {
    await this.#withdrawResult();
    await Promise.all([this.discardTries(), removeAll(this.#leftovers.splice(0))]);
  }

  /** Removes what tries that broke off left, so that others find room; `takesRoom` until that is done. */
  async discardTries(): Promise<void> {
    const gone = [...this.#tries];
    await removeAll(gone);
    this.#tries = this.#tries.filter((folder) => !gone.includes(folder));
  }

  /**
   * A photo that is not done leaves no result: it was cancelled, say, while its file got its name. One that took another
   * file's place stays: that file is gone, and this is better than none.
   */
  async #withdrawResult(): Promise<void> {
    const stored = this.#stored;
    if (stored === undefined || stored.mayOverwrite || this.job.state.kind === 'done') return;
    if (isClaimed(stored.path, stored.claimPath)) await rm(stored.path, { force: true }).catch(() => undefined);
    this.#stored = undefined;
  }
}

async function removeAll(paths: readonly string[]): Promise<void> {
  await Promise.allSettled(paths.map((path) => rm(path, { recursive: true, force: true })));
}
