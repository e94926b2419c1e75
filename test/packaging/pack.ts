/** Runs electron-builder, with a stub in Electron's place where Electron cannot be had. */
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { writeStubElectron } from './stub-electron.ts';
import { needProgram } from './tools.ts';

export const root = resolve(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);

/** Builds the app and draws its icons into `out`. */
export function buildApp(): void {
  run(join(root, 'node_modules/electron-vite/bin/electron-vite.js'), ['build']);
  run(join(import.meta.dirname, 'icons.ts'), []);
}

/** Whether Electron's own program is here or can be downloaded. */
export function electronCanBeHad(): boolean {
  try {
    execFileSync(process.execPath, ['-e', 'require("electron")'], { cwd: root, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Packs for Linux.
 *
 * @param targets electron-builder's: `dir`, `deb`, `tar.gz`
 * @param output the folder for what comes of it
 * @returns whether the real Electron is inside
 */
export async function packForLinux(targets: readonly string[], output: string): Promise<boolean> {
  await rm(output, { recursive: true, force: true });
  const isReal = electronCanBeHad();
  const options = [`-c.directories.output=${output}`];
  const env = { ...process.env };
  if (!isReal) {
    const stub = join(output, 'stub-electron');
    const { version } = require('electron/package.json') as { readonly version: string };
    await writeStubElectron(stub, version);
    options.push(`-c.electronDist=${stub}`);
    env['CUSTOM_FPM_PATH'] = join(import.meta.dirname, 'fpm');
    if (targets.includes('tar.gz')) env['ELECTRON_BUILDER_7ZIP_PATH'] = needProgram('7z', 'p7zip-full');
  }
  run(
    join(root, 'node_modules/electron-builder/cli.js'),
    ['--linux', ...targets, '--publish', 'never', ...options],
    env,
  );
  return isReal;
}

/** Runs a script, and shows what it said where it fails. */
function run(script: string, words: readonly string[], env = process.env): void {
  try {
    execFileSync(process.execPath, [script, ...words], { cwd: root, env, stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${script} failed.\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}
