/** `npm start`: the real Electron where its binary can be had, else the same app in this machine's Chromium. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findChromium } from './chromium.ts';
import { findElectron, hostEnvironment } from './electron-binary.ts';

const root = resolve(import.meta.dirname, '../..');
if (!existsSync(join(root, 'out/main/index.js'))) {
  console.error('There is nothing to start yet. Build it first: npm run build');
  process.exit(1);
}
const words = process.argv.slice(2);
const executable = findElectron();
const child = executable === undefined ? startHost() : spawn(executable, [root, ...words], { stdio: 'inherit' });
child.on('exit', (code) => process.exit(code ?? 1));

function startHost(): ChildProcess {
  console.error(
    'Electron’s own program cannot be had here, so Tessera opens in this machine’s Chromium instead.\n' +
      'There it has no file picker: name photos and folders on the command line, as in  npm start -- FOLDER',
  );
  if (findChromium() === undefined) {
    console.error('There is no Chromium either. Install one, such as  apt-get install chromium');
    process.exit(1);
  }
  const env = hostEnvironment();
  if (env['HOST_HEADED'] === undefined) console.error('There is no screen: the window is open, and cannot be seen.');
  const host = join(import.meta.dirname, 'host.ts');
  return spawn(process.execPath, [host, root, ...words], { stdio: 'inherit', env });
}
