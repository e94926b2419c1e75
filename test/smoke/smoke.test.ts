/** The built app in the real Electron: `npm run build && npm run smoke`. */
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findElectron } from '../electron-host/electron-binary.ts';

const root = resolve(import.meta.dirname, '../..');
const executablePath = findElectron();
const hasScreen =
  process.platform !== 'linux' || process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined;
const obstacle =
  executablePath === undefined
    ? 'Electron’s program is not here and cannot be fetched'
    : hasScreen
      ? undefined
      : 'there is no screen (try xvfb-run npm run smoke)';
if (obstacle !== undefined) console.warn(`The smoke test is skipped: ${obstacle}.`);

describe.skipIf(obstacle !== undefined)('the app in the real Electron', () => {
  let folder: string;
  let app: ElectronApplication;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-smoke-'));
    await cp(join(root, 'resources/samples/sunset.png'), join(folder, 'sunset.png'));
    app = await _electron.launch({
      executablePath: executablePath ?? '',
      // Chromium refuses its own sandbox to root.
      args: [root, folder, `--user-data-dir=${join(folder, 'user-data')}`, ...(isRoot() ? ['--no-sandbox'] : [])],
      env: { ...process.env, XDG_CONFIG_HOME: join(folder, 'config') },
    });
  });
  afterAll(async () => {
    await app.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('enhances a photo that it was opened with', async () => {
    const page = await app.firstWindow();
    await page.locator('[data-job][data-state="queued"]', { hasText: '×' }).waitFor();
    await page
      .getByRole('button', { name: /^Enhance \d/ })
      .last()
      .click();
    await page.locator('[data-job][data-state="done"]').waitFor({ timeout: 90_000 });
    expect(await readdir(join(folder, 'enhanced'))).toEqual(['sunset-x4.png']);
  });

  it('gives its page nothing of Node, and one frozen way out', async () => {
    const page = await app.firstWindow();
    const found = await page.evaluate(`({ node: typeof require + typeof process, frozen: Object.isFrozen(tessera) })`);
    expect(found).toEqual({ node: 'undefinedundefined', frozen: true });
  });
});

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
