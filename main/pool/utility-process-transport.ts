import { utilityProcess } from 'electron';
import type { FromWorker } from '../worker/protocol.ts';
import type { Exit, StartProcess } from './transport.ts';

/** Characters. */
const MAX_ERROR_OUTPUT = 4_000;

/**
 * Starts workers as Electron's utility processes.
 *
 * @param entry the worker's bundled file
 */
export function utilityProcessTransport(entry: string): StartProcess {
  return () => {
    const child = utilityProcess.fork(entry, [], {
      serviceName: 'Tessera worker',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errorOutput = '';
    child.stderr?.on('data', (text: Buffer) => {
      errorOutput = (errorOutput + text.toString('utf8')).slice(-MAX_ERROR_OUTPUT);
    });
    return {
      // Known once it runs; the host asks later than that.
      get pid() {
        return child.pid;
      },
      send: (message) => {
        child.postMessage(message);
      },
      onMessage: (listener) => {
        child.on('message', (message: FromWorker) => {
          listener(message);
        });
      },
      onExit: (listener) => {
        child.once('exit', (code) => {
          const exit: Exit = { code, signal: undefined, errorOutput: errorOutput.trim() };
          listener(exit);
        });
      },
      kill: () => {
        // Before it runs there is no process to end yet.
        if (child.pid === undefined)
          child.once('spawn', () => {
            endProcess(child.pid);
          });
        else endProcess(child.pid);
      },
    };
  };
}

/** Electron's own kill is a request that a worker inside the model cannot hear. */
function endProcess(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile, and its exit is on its way.
  }
}
