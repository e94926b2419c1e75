/** `npm run dev`: electron-vite with hot reload, over the real Electron where it can be had, else over the stand-in. */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { findElectron, hostEnvironment } from './electron-binary.ts';

const root = resolve(import.meta.dirname, '../..');
const env =
  findElectron() === undefined
    ? { ...hostEnvironment(), ELECTRON_EXEC_PATH: join(import.meta.dirname, 'electron') }
    : process.env;
const tool = join(root, 'node_modules/electron-vite/bin/electron-vite.js');
spawn(process.execPath, [tool, 'dev', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit', env }).on(
  'exit',
  (code) => process.exit(code ?? 1),
);
