/** The command line's composition root: the same jobs, pool and engine as the window's, without Electron. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { devices } from './command/devices-command.ts';
import { enhance } from './command/enhance-command.ts';
import { importCommand } from './command/import-command.ts';
import { inspect } from './command/inspect-command.ts';
import { listModels } from './command/models-command.ts';
import { parseCommand } from './command/options.ts';
import { score } from './command/score-command.ts';
import type { Surroundings } from './command/surroundings.ts';
import { bench } from './command/bench-command.ts';
import { benchPaper } from './command/bench-paper-command.ts';
import { benchProfile } from './command/bench-profile-command.ts';
import { tune } from './command/tune-command.ts';
import { tellStaleTunings, tuned } from './command/tuned-settings.ts';
import { childProcessTransport } from './pool/child-process-transport.ts';

const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const surroundings: Surroundings = {
  stdout: process.stdout,
  stderr: process.stderr,
  // Node 22 reads TypeScript only when told to, and its children must be told too.
  start: childProcessTransport(fileURLToPath(new URL('./worker/index.ts', import.meta.url)), process.execArgv),
  onInterrupt: (listener) => {
    for (const signal of INTERRUPTIONS) process.on(signal, listener);
    // Once: whoever goes on writing is told again and again.
    process.stdout.once('error', listener);
    return {
      [Symbol.dispose]: () => {
        for (const signal of INTERRUPTIONS) process.off(signal, listener);
        process.stdout.off('error', listener);
      },
    };
  },
};

/**
 * Runs a command line.
 *
 * @param argv the arguments after the program's name
 * @returns the exit code: 0 all done, 1 some failed, 2 usage, 130 interrupted
 */
export async function main(argv: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', passOverClosedPipe);
  const parsed = parseCommand(argv, { version: version(), columns: process.stdout.columns });
  if (!parsed.ok) {
    process.stderr.write(`${parsed.error.message}\n`);
    return 2;
  }
  const command = parsed.value;
  switch (command.kind) {
    case 'text':
      process.stdout.write(command.text);
      return 0;
    case 'enhance':
      return enhance(await tuned(command, surroundings), surroundings);
    case 'models':
      await tellStaleTunings(surroundings);
      return listModels(command, surroundings);
    case 'import':
      return importCommand(command, surroundings);
    case 'inspect':
      return inspect(await tuned(command, surroundings), surroundings);
    case 'bench':
      return bench(await tuned(command, surroundings), surroundings);
    case 'bench-paper':
      return benchPaper(command, surroundings);
    case 'bench-profile':
      return benchProfile(await tuned(command, surroundings), surroundings);
    case 'score':
      return score(command, surroundings);
    case 'devices':
      return devices(command, surroundings);
    case 'tune':
      return tune(command, surroundings);
  }
}

/** A reader that has read enough, such as `head`, is no error, nor is a terminal that was closed (EIO). */
function passOverClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
