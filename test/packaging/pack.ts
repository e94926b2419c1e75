/** Runs electron-builder, with a stub in Electron's place where Electron cannot be had. */
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { writeStubElectron } from './stub-electron.ts';
import type { PackageLayout } from './systems.ts';
import { needProgram } from './tools.ts';

export const root = resolve(import.meta.dirname, '../..');

/** Builds the app and draws its icons into `out`. */
export function buildApp(): void {
  run(join(root, 'node_modules/electron-vite/bin/electron-vite.js'), ['build']);
  run(join(import.meta.dirname, 'icons.ts'), []);
}

/** Whether Electron's own program for this system is here or can be downloaded. */
export function electronCanBeHad(): boolean {
  try {
    execFileSync(process.execPath, ['-e', 'require("electron")'], { cwd: root, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Packs for a system.
 *
 * @param targets electron-builder's: `dir`, `deb`, `tar.gz`
 * @param output the folder for what comes of it; emptied before
 * @param withElectron false to put a stub in Electron's place and download nothing
 */
export async function pack(
  layout: PackageLayout,
  targets: readonly string[],
  output: string,
  withElectron: boolean,
): Promise<void> {
  await rm(output, { recursive: true, force: true });
  const options = ['--publish', 'never', `--${layout.binary.processor}`, `-c.directories.output=${output}`];
  const env = { ...process.env };
  if (!withElectron) {
    const stub = join(output, 'stub-electron');
    const { version } = createRequire(import.meta.url)('electron/package.json') as { readonly version: string };
    await writeStubElectron(stub, layout, version);
    options.push(`-c.electronDist=${stub}`, ...withoutSigning);
    if (targets.includes('deb')) env['CUSTOM_FPM_PATH'] = join(import.meta.dirname, 'fpm');
    if (targets.includes('tar.gz')) env['ELECTRON_BUILDER_7ZIP_PATH'] = needProgram('7z', 'p7zip-full');
  }
  run(join(root, 'node_modules/electron-builder/cli.js'), [layout.option, ...targets, ...options], env);
}

/** A stub is no program that could be signed or given an icon and the archive's checksum. */
const withoutSigning = [
  '-c.electronFuses.resetAdHocDarwinSignature=false',
  '-c.mac.identity=null',
  '-c.win.signAndEditExecutable=false',
  '-c.disableAsarIntegrity=true',
];

/** Runs a script, and shows what it said where it fails. */
function run(script: string, words: readonly string[], env = process.env): void {
  try {
    execFileSync(process.execPath, [script, ...words], { cwd: root, env, stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${script} failed.\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}
