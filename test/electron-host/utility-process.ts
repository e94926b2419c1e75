import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';

interface ForkOptions {
  readonly serviceName?: string;
  readonly stdio?: 'ignore' | readonly string[];
}

export const children = new Set<ChildProcess>();

const living = new Set<UtilityProcess>();

/** For tests: the utility processes that live. */
export function livingProcesses(): { readonly name: string; readonly pid: number | undefined }[] {
  return [...living].map(({ name, pid }) => ({ name, pid }));
}

/** What Electron's Linux binary links, and a child of it therefore has. */
const systemGlib = ['gobject', 'glib', 'gio'].map((name) => `/usr/lib/x86_64-linux-gnu/lib${name}-2.0.so.0`).join(':');

class UtilityProcess extends EventEmitter {
  readonly name: string;
  readonly #child: ChildProcess;

  constructor(entry: string, values: readonly string[], options: ForkOptions) {
    super();
    this.name = options.serviceName ?? '';
    living.add(this);
    const env = process.env['HOST_GLIB'] === undefined ? process.env : { ...process.env, LD_PRELOAD: systemGlib };
    // With the system's GLib its complaints are what is looked for.
    const errors =
      process.env['HOST_GLIB'] !== undefined && options.stdio === 'ignore'
        ? 'inherit'
        : options.stdio === 'ignore'
          ? 'ignore'
          : 'pipe';
    this.#child = fork(join(import.meta.dirname, 'utility-entry.ts'), [entry, ...values], {
      env,
      stdio: ['ignore', 'ignore', errors, 'ipc'],
    });
    children.add(this.#child);
    if (process.env['HOST_GLIB'] !== undefined) this.#child.stderr?.pipe(process.stderr);
    this.#child.on('spawn', () => this.emit('spawn'));
    this.#child.on('message', (message) => this.emit('message', message));
    // `close` rather than `exit`: by then the error stream has been read.
    this.#child.on('close', (code, signal) => {
      children.delete(this.#child);
      living.delete(this);
      this.emit('exit', code ?? (signal === null ? 1 : 137));
    });
  }

  get pid(): number | undefined {
    return this.#child.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined;
  }

  get stderr(): NodeJS.ReadableStream | null {
    return this.#child.stderr;
  }

  postMessage(message: unknown): void {
    // A child that just died takes no more messages.
    if (this.#child.connected) this.#child.send(message as object, () => undefined);
  }

  kill(): boolean {
    return this.#child.kill();
  }
}

/** Electron's utilityProcess over plain child processes. */
export const utilityProcess = {
  fork: (entry: string, values: readonly string[] = [], options: ForkOptions = {}) =>
    new UtilityProcess(entry, values, options),
};
