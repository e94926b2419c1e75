import { availableParallelism, totalmem } from 'node:os';
import type { Machine } from '../pool/sizing.ts';

/** What this process may use of the machine, as far as the system tells. */
export function readMachine(): Machine {
  // In a container the limit is lower than the machine; where there is none, the number is enormous.
  const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Infinity);
  return { cores: availableParallelism(), memoryBytes };
}
