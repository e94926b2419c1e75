import type { StageTime } from '../worker/protocol.ts';

/**
 * How long somebody worked on a photo, in milliseconds: the time that its stages cover together, where those that ran
 * side by side count once. Pauses, and waiting for other photos, are not in it.
 */
export function workedMs(stages: readonly StageTime[]): number {
  const work = stages.filter(({ stage }) => stage !== 'wait').sort((one, other) => one.startMs - other.startMs);
  let sumMs = 0;
  let coveredMs = -Infinity;
  for (const { startMs, endMs } of work) {
    sumMs += Math.max(0, endMs - Math.max(startMs, coveredMs));
    coveredMs = Math.max(coveredMs, endMs);
  }
  return sumMs;
}
