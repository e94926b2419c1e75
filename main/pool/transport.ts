import type { FromWorker, ToWorker } from '../worker/protocol.ts';

/** Why a process is no more. */
export interface Exit {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  /** The end of what it wrote to its error stream. */
  readonly errorOutput: string;
}

/** A started child process, whatever started it. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  send(message: ToWorker): void;
  onMessage(listener: (message: FromWorker) => void): void;
  /** Called once, also when the process could not be started at all. */
  onExit(listener: (exit: Exit) => void): void;
  kill(): void;
}

/** Starts a worker process: a plain child process, or Electron's utility process. */
export type StartProcess = () => WorkerProcess;
