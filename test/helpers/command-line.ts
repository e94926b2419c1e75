/** The command line as a person starts it: a process of its own. */
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The file that starts it. */
export const launcher = fileURLToPath(new URL('../../main/tessera.js', import.meta.url));

export interface TesseraOptions {
  /** Folder for settings, imported models and temporary files; made where it is missing. */
  readonly home?: string;
  /** Sends Ctrl-C once standard output or standard error holds this text. */
  readonly interruptAt?: string;
  /** So long after that. */
  readonly interruptDelayMs?: number;
}

/** How a command line ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from Ctrl-C to the end; negative infinity where there was none. */
  readonly endedAfterMs: number;
}

export interface RunningTessera {
  readonly ended: Promise<Ended>;
  /** Sends a signal. */
  kill(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void;
}

/** What a process inherits of this one, but for the folders that are its own. */
export function environmentIn(home: string): NodeJS.ProcessEnv {
  const folders = { HOME: home, XDG_CONFIG_HOME: home, APPDATA: home, TMPDIR: home, TMP: home, TEMP: home };
  return { ...process.env, ...folders };
}

/** Starts a command line, for one test: where that gives up, the program is ended. */
export async function startTessera(args: readonly string[], options: TesseraOptions = {}): Promise<RunningTessera> {
  const { home, interruptAt, interruptDelayMs = 0 } = options;
  if (home !== undefined) await mkdir(home, { recursive: true });
  const env = home === undefined ? process.env : environmentIn(home);
  const child = spawn(process.execPath, [launcher, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const said = { stdout: '', stderr: '' };
  let interrupting: NodeJS.Timeout | undefined;
  let interruptedMs = Infinity;
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
      if (interruptAt === undefined || interrupting !== undefined || !said[stream].includes(interruptAt)) return;
      interrupting = setTimeout(() => {
        interruptedMs = performance.now();
        child.kill('SIGINT');
      }, interruptDelayMs);
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (exitCode) => {
      resolve({ exitCode, ...said, endedAfterMs: performance.now() - interruptedMs });
    });
  });
  return {
    ended,
    kill: (signal) => {
      child.kill(signal);
    },
  };
}

/** Runs a command line to its end. */
export async function tessera(args: readonly string[], options: TesseraOptions = {}): Promise<Ended> {
  const { ended } = await startTessera(args, options);
  return ended;
}

/** What `--json` wrote: an object a line. */
export function linesOf<Line>({ stdout }: Ended): Line[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}
