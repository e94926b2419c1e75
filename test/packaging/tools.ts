/** The system's programs that packing needs where electron-builder cannot download its own. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a program is, or undefined. */
function findProgram(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/**
 * Where a program is, installed from Debian's packages where there is none and that is possible.
 *
 * @throws Error that says what to install
 */
export function needProgram(name: string, debianPackage: string): string {
  const found = findProgram(name);
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && findProgram('apt-get') !== undefined) {
    execFileSync('apt-get', ['update'], { stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', debianPackage], { stdio: 'ignore' });
  }
  const installed = findProgram(name);
  if (installed === undefined) throw new Error(`${name} is not there. Install it: apt-get install ${debianPackage}`);
  return installed;
}
