import type { Desk } from './desk.ts';
import type { WorkerReport } from './protocol.ts';

/**
 * Memory and counters of this process.
 *
 * @param collectGarbage first frees what nobody holds, where Node was started with `--expose-gc`: growth is then real
 */
export function readReport(desk: Desk, collectGarbage: boolean): WorkerReport {
  if (collectGarbage) (globalThis as { gc?: () => void }).gc?.();
  const memory = process.memoryUsage();
  const usage = process.resourceUsage();
  return {
    worker: process.pid,
    arena: desk.arena.counters(),
    rssBytes: memory.rss,
    peakRssBytes: usage.maxRSS * 1024,
    arrayBufferBytes: memory.arrayBuffers,
    externalBytes: memory.external,
    cpuMs: (usage.userCPUTime + usage.systemCPUTime) / 1000,
  };
}
