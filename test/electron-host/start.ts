/** `npm start`: the real Electron where its binary can be had, else the same app in this machine's Chromium. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { findChromium } from './chromium.ts';

const root = resolve(import.meta.dirname, '../..');
if (!existsSync(join(root, 'out/main/index.js'))) {
  console.error('There is nothing to start yet. Build it first: npm run build');
  process.exit(1);
}
const executable = process.env['TESSERA_HOST'] === '1' ? undefined : findElectron();
const child =
  executable === undefined ? startHost() : spawn(executable, [root, ...process.argv.slice(2)], { stdio: 'inherit' });
child.on('exit', (code) => process.exit(code ?? 1));

function findElectron(): string | undefined {
  try {
    return createRequire(import.meta.url)('electron') as string;
  } catch {
    return undefined;
  }
}

function startHost(): ChildProcess {
  console.error(
    'Electron’s own program cannot be had here, so Tessera opens in this machine’s Chromium instead.\n' +
      'There it has no file picker: name photos and folders on the command line, as in  npm start -- FOLDER',
  );
  if (findChromium() === undefined) {
    console.error('There is no Chromium either. Install one, such as  apt-get install chromium');
    process.exit(1);
  }
  const hasDisplay = process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined;
  const env = { ...process.env, ...(hasDisplay || process.platform !== 'linux' ? { HOST_HEADED: '1' } : {}) };
  return spawn(process.execPath, [join(import.meta.dirname, 'host.ts'), root, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env,
  });
}
