/** The same batch in the window (the stand-in for Electron beside the system's GLib) and on the command line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BatchEvent } from '../../main/command/events.ts';
import { launchApp } from '../electron-host/launch.ts';

const launcher = fileURLToPath(new URL('../../main/tessera.js', import.meta.url));
const POLL_MS = 25;

/** Milliseconds from the click on Enhance to the last stored photo. The window is the one that `npm run build` made. */
export async function windowMs(photos: readonly string[], folder: string): Promise<number> {
  const own = await mkdtemp(join(folder, 'window-'));
  for (const photo of photos) await copyFile(photo, join(own, basename(photo)));
  await using app = await launchApp({ arguments: [own], environment: { HOST_GLIB: '1' } });
  const { page } = app;
  const rows = `[...document.querySelectorAll('[data-job]')]`;
  const until = async (condition: string): Promise<void> => {
    while (
      !(await page.evaluate<boolean>(`${rows}.length === ${photos.length} && ${rows}.every((row) => ${condition})`))
    )
      await page.waitForTimeout(POLL_MS);
  };
  await until(`row.textContent.includes('×')`);
  const began = performance.now();
  await page
    .getByRole('button', { name: /^Enhance \d/ })
    .last()
    .click();
  await until(`row.dataset.state === 'done'`);
  const elapsed = performance.now() - began;
  await rm(own, { recursive: true, force: true });
  return elapsed;
}

/** Milliseconds from the first photo's start to the batch's end. */
export async function commandMs(photos: readonly string[], folder: string): Promise<number> {
  const out = await mkdtemp(join(folder, 'command-'));
  const child = spawn(process.execPath, [launcher, 'enhance', ...photos, '--out', out, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let [began, ended] = [0, 0];
  createInterface(child.stdout).on('line', (line) => {
    const event = JSON.parse(line) as BatchEvent;
    if (event.kind === 'photo-started' && began === 0) began = performance.now();
    if (event.kind === 'photo-done') ended = performance.now();
  });
  await once(child, 'close');
  await rm(out, { recursive: true, force: true });
  return ended - began;
}
