import { availableParallelism, cpus, totalmem } from 'node:os';
import manifest from '../../package.json' with { type: 'json' };
import type { Machine } from '../pool/sizing.ts';
import type { TuningMachine } from '../settings/tuning.ts';

/** What this process may use of the machine, as far as the system tells. */
export function readMachine(): Machine {
  // In a container the limit is lower than the machine; where there is none, the number is enormous.
  const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Infinity);
  return { cores: availableParallelism(), memoryBytes };
}

/** What a tuning is remembered for. */
export function readTuningMachine(machine: Machine = readMachine()): TuningMachine {
  // Installed in exactly this version; to ask the runtime itself would load it into this process.
  const runtime = manifest.dependencies['onnxruntime-node'];
  return { processor: cpus()[0]?.model ?? process.arch, ...machine, runtime };
}
