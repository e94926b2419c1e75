/** What the window's diagnostics show, and what is taken out of them. */
import { writeFile } from 'node:fs/promises';
import { arch, cpus, release, type } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { BatchTimes, Diagnostics, SystemFacts, TraceReport } from '../../preload/contract/diagnostics.ts';
import { failure, success, type Result } from '../engine/errors.ts';
import type { Machine } from '../pool/sizing.ts';
import { traceOf, type TracedPhoto } from '../tune/trace.ts';
import type { TaskValues } from '../worker/protocol.ts';
import { diagnosticsText } from './diagnostics-text.ts';

const codecWaitMs = 1000;

export interface DiagnosticsParts {
  readonly version: string;
  /** Of ONNX Runtime. */
  readonly runtime: string;
  readonly machine: Machine;
  readonly times: () => Promise<BatchTimes | null>;
  readonly tracedCount: () => number;
  readonly traced: () => TracedPhoto[];
  /** Asks a worker what it reads and writes photos with. */
  readonly codecVersions: () => Promise<Result<TaskValues['versions']>>;
}

/** Answers the diagnostics from what runs have left; it keeps nothing but versions. */
export class DiagnosticsDesk {
  readonly #parts: DiagnosticsParts;
  #codec: SystemFacts['codec'] = null;
  #asking: Promise<void> | undefined;

  constructor(parts: DiagnosticsParts) {
    this.#parts = parts;
  }

  async read(): Promise<Diagnostics> {
    // Workers that are only starting, or busy, take longer to answer: the next reading has it.
    await Promise.race([this.#askCodec(), setTimeout(codecWaitMs, undefined, { ref: false })]);
    const batch = await this.#parts.times();
    return { batch, facts: this.#facts() };
  }

  /** A report for a fault's description. */
  async text(): Promise<string> {
    return diagnosticsText(await this.read());
  }

  /** Whether there is anything to write a trace of. */
  get isTraceable(): boolean {
    return this.#parts.tracedCount() > 0;
  }

  /**
   * Writes the last run as a trace for Chrome's viewer. It names photos, without their folders.
   *
   * @returns what it tells of, or `trace-unwritable` with the system's reason
   */
  async writeTrace(path: string): Promise<Result<TraceReport>> {
    const photos = this.#parts.traced();
    const batch = await this.#parts.times();
    try {
      await writeFile(path, JSON.stringify(traceOf(photos)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = 'The trace could not be written there. Choose another folder, or free some disk space.';
      return failure('trace-unwritable', message, { path, reason });
    }
    return success({ photos: photos.length, leftOut: Math.max(0, (batch?.photos ?? 0) - photos.length) });
  }

  #askCodec(): Promise<void> {
    const ask = async (): Promise<void> => {
      const told = await this.#parts.codecVersions().catch(() => undefined);
      if (told?.ok === true) this.#codec = told.value;
      else this.#asking = undefined;
    };
    return (this.#asking ??= ask());
  }

  #facts(): SystemFacts {
    const { version, runtime, machine } = this.#parts;
    // The stand-in for Electron has no version.
    const electron = process.versions.electron as string | undefined;
    return {
      tessera: version,
      onnxRuntime: runtime,
      codec: this.#codec,
      electron: electron !== undefined && /^\d/.test(electron) ? electron : null,
      node: process.versions.node,
      system: `${type()} ${release()} ${arch()}`,
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: machine.cores,
      memoryBytes: machine.memoryBytes,
    };
  }
}
