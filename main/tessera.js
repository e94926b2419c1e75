#!/usr/bin/env node
// Starts the command line. Plain JavaScript that any Node can read, so that one that is too old can be told so.
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 13)) {
  console.error(
    `Tessera needs Node 22.13 or newer, and this is Node ${process.versions.node}: install a newer one from https://nodejs.org.`,
  );
  process.exitCode = 1;
} else if (process.features.typescript) {
  import('./cli.ts')
    .then(({ main }) => main(process.argv.slice(2)))
    .then((exitCode) => {
      process.exitCode = exitCode;
    });
} else if (process.env.TESSERA_RESTARTED === '1') {
  // Asked once and in vain: never ask again, or there is no end of it.
  console.error('Tessera could not make this Node read TypeScript: start it without flags, or install Node 24.');
  process.exitCode = 1;
} else {
  // Node 22.13 … 22.17 reads TypeScript only when asked to; a process cannot ask for itself.
  startWithTypeScript();
}

function startWithTypeScript() {
  const flags = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];
  const script = fileURLToPath(import.meta.url);
  const child = spawn(process.execPath, [...process.execArgv, ...flags, script, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: Object.assign({}, process.env, { TESSERA_RESTARTED: '1' }),
  });
  // The terminal sends an interruption to both; this one waits for the other to end in order.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT') child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`Tessera could not start Node again: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code === null ? (signal === 'SIGINT' ? 130 : 1) : code;
  });
}
