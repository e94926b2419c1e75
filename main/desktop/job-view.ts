import type { JobState } from '../../preload/contract/dto.ts';
import type { ContractError } from '../../preload/contract/errors.ts';
import { assertNever, type Failure } from '../engine/errors.ts';
import { fractionOf, type Job } from '../jobs/job.ts';

/** Of a photo's progress, what inference is; the rest is reading before and saving after. */
const inferenceShare = 0.96;

/** What a run knows of a photo beside its state. */
export interface RunFacts {
  readonly paused: boolean;
  readonly leftMs: number | null;
  /** Of a photo that is done: what it took, without pauses. */
  readonly tookMs: number;
}

/** What the window shows of a photo's state in the queue. */
export function viewState(job: Job, { paused, leftMs, tookMs }: RunFacts): JobState {
  const { state } = job;
  switch (state.kind) {
    case 'queued':
    case 'ready':
    case 'set-aside':
      return { kind: 'queued' };
    case 'probing':
      return { kind: 'probing' };
    case 'opening':
    case 'inferring': {
      const fraction = fractionOf(state) * inferenceShare;
      return paused ? { kind: 'paused', fraction } : { kind: 'running', fraction, leftMs };
    }
    case 'closing':
      return { kind: 'encoding', fraction: inferenceShare };
    case 'done': {
      const { assignment, fileBytes } = state.outcome;
      return { kind: 'done', path: assignment.output.path, bytes: fileBytes, tookMs };
    }
    case 'failed':
      return { kind: 'failed', error: toContractError(state.failure) };
    case 'skipped':
      return { kind: 'skipped', path: String(state.reason.details?.['path'] ?? '') };
    case 'cancelled':
      return { kind: 'cancelled' };
    default:
      return assertNever(state);
  }
}

/** Sentences that name options of the command line, said for the window. */
const forTheWindow: Readonly<Record<string, string>> = {
  'file-exists':
    'A file of that name exists already. Choose another name or folder, or change what happens then under Preferences, Files.',
};

/** A failure as it crosses to the window. */
export function toContractError({ code, message, details }: Failure): ContractError {
  const sentence = forTheWindow[code] ?? message;
  return details === undefined ? { code, message: sentence } : { code, message: sentence, details };
}
