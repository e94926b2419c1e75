import { fork } from 'node:child_process';
import type { FromWorker } from '../worker/protocol.ts';
import type { Exit, StartProcess } from './transport.ts';

/** Variables that a worker needs of its parent's environment; the rest stays outside. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'TMP', 'TEMP', 'LANG', 'LC_ALL', 'SystemRoot', 'LD_LIBRARY_PATH'];

/**
 * What the C library of Linux (glibc) is told; other systems' do not read it.
 *
 * It gives each thread a heap of its own, where what libvips has freed stays: 60 MB a worker. Two heaps were as fast, and
 * kept 20.
 *
 * A photo goes through some hundred megabytes that were just obtained, and each page of 4 KiB of them costs a fault when it
 * is first touched. `hugetlb=1` asks the kernel for pages of 2 MiB where it gives them on request alone (glibc 2.35 and
 * later): a batch through L ×4 took 2 to 6 % less time, through S ×4 5 %, for 2 % more memory.
 */
const HEAPS = { MALLOC_ARENA_MAX: '2', GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };

/** Characters. */
const MAX_ERROR_OUTPUT = 4_000;

/**
 * Starts workers as child processes of Node.
 *
 * @param entry the worker's file
 * @param nodeArguments flags for Node itself
 * @param launcher a command that starts Node, such as one that pins it to a core
 */
export function childProcessTransport(
  entry: string,
  nodeArguments: readonly string[] = [],
  launcher: readonly string[] = [],
): StartProcess {
  const [execPath, ...execArgv] = [...launcher, process.execPath, ...nodeArguments] as [string, ...string[]];
  return () => {
    const child = fork(entry, [], {
      env: {
        ...HEAPS,
        ...Object.fromEntries(INHERITED.flatMap((name) => (name in process.env ? [[name, process.env[name]]] : []))),
      },
      execPath,
      execArgv,
      serialization: 'json',
      // A worker has nothing to say to the terminal; what it writes while it dies is kept for the report.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let errorOutput = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errorOutput = (errorOutput + text).slice(-MAX_ERROR_OUTPUT);
    });
    return {
      pid: child.pid,
      send: (message) => {
        // A child that just died takes no more messages; its exit tells the host all it needs.
        if (child.connected) child.send(message, () => undefined);
      },
      onMessage: (listener) => {
        child.on('message', (message) => {
          listener(message as FromWorker);
        });
      },
      onExit: (listener) => {
        let told = false;
        const tell = (exit: Omit<Exit, 'errorOutput'>): void => {
          if (told) return;
          told = true;
          listener({ ...exit, errorOutput: errorOutput.trim() });
        };
        // `close` comes after `exit`, when the error stream has been read to its end.
        child.once('close', (code, signal) => {
          tell({ code: code ?? undefined, signal: signal ?? undefined });
        });
        child.once('error', () => {
          if (child.pid === undefined) tell({ code: undefined, signal: undefined });
        });
      },
      kill: () => child.kill('SIGKILL'),
    };
  };
}
