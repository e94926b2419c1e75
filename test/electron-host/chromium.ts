import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** A Chromium of this machine, or undefined. */
export function findChromium(): string | undefined {
  return [process.env['TESSERA_CHROMIUM'], ...places].find((path) => path !== undefined && existsSync(path));
}

/** A Chromium, installed from Debian's packages where there is none and that is possible. */
export function ensureChromium(): string | undefined {
  const found = findChromium();
  if (found !== undefined || process.platform !== 'linux' || process.getuid?.() !== 0) return found;
  try {
    execFileSync('apt-get', ['update'], { stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return findChromium();
}
