/** Where things are in a package of each system. */
import type { Binary } from './binaries.ts';

export interface PackageLayout {
  readonly name: string;
  /** electron-builder's option. */
  readonly option: '--linux' | '--win' | '--mac';
  /** What its programs and libraries must be for. */
  readonly binary: Binary;
  /** The app's folder, in electron-builder's output. */
  readonly unpacked: string;
  /** Below the app's folder, as all that follows. */
  readonly resources: string;
  /** The file that holds Electron's fuses. */
  readonly program: string;
  /** Files among the resources that came with Electron. */
  readonly electronsResources?: RegExp;
}

export const linux: PackageLayout = {
  name: 'Linux',
  option: '--linux',
  binary: { system: 'linux', processor: 'x64' },
  unpacked: 'linux-unpacked',
  resources: 'resources',
  program: 'tessera',
};

export const windows: PackageLayout = {
  name: 'Windows',
  option: '--win',
  binary: { system: 'win32', processor: 'x64' },
  unpacked: 'win-unpacked',
  resources: 'resources',
  program: 'Tessera.exe',
};

export const mac: PackageLayout = {
  name: 'macOS',
  option: '--mac',
  binary: { system: 'darwin', processor: 'arm64' },
  unpacked: 'mac-arm64/Tessera.app',
  resources: 'Contents/Resources',
  program: 'Contents/Frameworks/Electron Framework.framework/Electron Framework',
  electronsResources: /\.lproj\//,
};

/** Whether a file came with Electron, and not with us. What starts with `/` lies outside the app's folder. */
export function isElectronsOwn(path: string, { resources, electronsResources }: PackageLayout): boolean {
  if (path.startsWith('/')) return false;
  return !path.startsWith(`${resources}/`) || electronsResources?.test(path) === true;
}
