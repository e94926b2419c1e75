import type { Result } from '../engine/errors.ts';
import { refuse } from './photo-headers.ts';
import type { Surroundings } from './surroundings.ts';

/** The exit code of what was interrupted: 128 and the number of SIGINT, as shells have it. */
const INTERRUPTED = 130;

/**
 * Does what a person may interrupt (Ctrl-C), and says how it ended.
 *
 * @param work ends early with a failure once the signal is aborted, and has then changed nothing
 * @returns the exit code: the work's own; that of a refusal where it failed; 130 where it was interrupted
 */
export async function interruptible(
  surroundings: Surroundings,
  json: boolean,
  work: (signal: AbortSignal) => Promise<Result<number>>,
): Promise<number> {
  const interruption = new AbortController();
  const listening = surroundings.onInterrupt(() => {
    interruption.abort();
  });
  try {
    const ended = await work(interruption.signal);
    if (ended.ok) return ended.value;
    if (!interruption.signal.aborted) return refuse(ended.error, surroundings);
    if (json) surroundings.stdout.write(`${JSON.stringify({ kind: 'interrupted' })}\n`);
    else surroundings.stderr.write('Interrupted: nothing was changed.\n');
    return INTERRUPTED;
  } finally {
    listening[Symbol.dispose]();
  }
}
