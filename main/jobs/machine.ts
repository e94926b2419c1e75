import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import manifest from '../../package.json' with { type: 'json' };
import { sharpBuild } from '../engine/adapters/sharp-build.ts';
import type { Machine } from '../pool/sizing.ts';
import type { TuningMachine } from '../settings/tuning.ts';

/** What this process may use of the machine, as far as the system tells. */
export function readMachine(): Machine {
  // In a container the limit is lower than the machine; where there is none, the number is enormous.
  const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Infinity);
  return { cores: availableParallelism(), memoryBytes, codec: sharpBuild };
}

/** What a tuning is remembered for. */
export function readTuningMachine({ cores, memoryBytes }: Machine = readMachine()): TuningMachine {
  // Installed in exactly this version; to ask the runtime itself would load it into this process.
  const runtime = manifest.dependencies['onnxruntime-node'];
  return { processor: cpus()[0]?.model ?? process.arch, cores, memoryBytes, runtime };
}

/** The machine and the versions that figures belong to, for the reader of a report. */
export function describeMachine(): Readonly<Record<string, string | number>> {
  const versions = manifest.dependencies;
  return {
    processor: cpus()[0]?.model ?? process.arch,
    cores: readMachine().cores,
    memoryGigabytes: Math.round(totalmem() / 1e9),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    onnxruntime: versions['onnxruntime-node'],
    sharp: versions.sharp,
    loadAtStart: Math.round(loadavg()[0]! * 10) / 10,
    date: new Date().toISOString().slice(0, 10),
  };
}
