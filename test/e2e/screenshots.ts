/**
 * Takes a picture of every screen, in both themes and two sizes, of the built app at work on the sample photos.
 *
 *     npm run build && npm run screenshots
 *
 * `compare-close-dark-1280.png`, as WebP, is the picture in the README.
 */
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { launchApp } from '../electron-host/launch.ts';

const root = resolve(import.meta.dirname, '../..');
const target = resolve(root, process.argv[2] ?? 'out/screenshots');
const themes = ['light', 'dark'] as const;
const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];

await mkdir(target, { recursive: true });
await shootEmpty();
await shootWork();
console.log(`The screenshots are in ${target}`);

/** One screen in all its forms. */
async function shoot(page: Page, name: string): Promise<void> {
  for (const theme of themes) {
    await page.evaluate(`tessera.invoke('settings:update', { theme: '${theme}' })`);
    for (const size of sizes) {
      await page.setViewportSize(size);
      await page.waitForTimeout(700);
      await page.screenshot({ path: join(target, `${name}-${theme}-${size.width}.png`) });
    }
  }
}

async function shootEmpty(): Promise<void> {
  await using app = await launchApp();
  await app.page.getByRole('heading', { name: 'Drop photos' }).waitFor();
  await shoot(app.page, 'empty');
  await app.page.getByRole('button', { name: 'Preferences' }).click();
  await app.page.getByRole('button', { name: 'Diagnostics…' }).click();
  await app.page.getByText('No batch has run yet').waitFor();
  // A worker is started to tell its versions.
  await app.page.getByText(/^8\.\d/).waitFor();
  await shoot(app.page, 'diagnostics-empty');
}

async function shootWork(): Promise<void> {
  const folder = join(await mkdtemp(join(tmpdir(), 'tessera-')), 'Pictures');
  await cp(join(root, 'resources/samples'), folder, { recursive: true });
  await writeFile(join(folder, 'scan-of-a-letter.jpg'), 'This is no picture.');
  await using app = await launchApp({ arguments: [folder] });
  const { page } = app;
  const row = (name: string) => page.locator('[data-job]', { hasText: name });
  await row('sunset').getByText('×').first().waitFor();
  await row('scan-of').and(page.locator('[data-state=failed]')).waitFor();

  await row('mountains').click();
  await page.getByText('Click a spot').waitFor();
  await shoot(page, 'photo');
  await page.getByRole('application').click({ position: { x: 330, y: 300 } });
  await page.getByText(/Enhanced in/).waitFor();
  await shoot(page, 'spot');
  await row('scan-of').click();
  await shoot(page, 'failed');
  await row('friends').click();
  await page.getByRole('tab', { name: 'Selected 1' }).click();
  await shoot(page, 'selected');

  await page.getByRole('button', { name: /^Enhance \d/ }).click();
  await page.locator('[data-state=running]').first().waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await shoot(page, 'paused');
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.locator('[data-state=done]').nth(5).waitFor({ timeout: 120_000 });
  await row('friends').click();
  await page.getByRole('slider', { name: /Split/ }).waitFor();
  await shoot(page, 'compare-split');
  await page.getByRole('application').press('1');
  // Beside the split's handle, which would move instead of the photo.
  await page.getByRole('application').hover({ position: { x: 500, y: 500 } });
  await page.mouse.down();
  await page.mouse.move(855, 200, { steps: 8 });
  await page.mouse.up();
  await shoot(page, 'compare-close');
  await page.getByRole('radio', { name: 'Side by side' }).click();
  await shoot(page, 'compare-side');
  await page.getByRole('button', { name: 'Photo beside the list' }).click();
  await shoot(page, 'list');
  await page.getByRole('combobox', { name: /^Format/ }).click();
  await shoot(page, 'menu');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Diagnostics/ }).click();
  await page.getByText('Last batch').waitFor();
  await page.waitForTimeout(1500);
  await shoot(page, 'diagnostics');
  await page.keyboard.press('Escape');
  for (const tab of ['General', 'Files', 'Performance']) {
    await page.getByRole('button', { name: 'Preferences' }).click();
    await page.getByRole('tab', { name: tab }).click();
    await shoot(page, `preferences-${tab.toLowerCase()}`);
    await page.keyboard.press('Escape');
  }
}
