/**
 * How quickly the window answers: a clicked spot until it is seen enhanced, and a large result until it is seen.
 *
 *     npm run bench:window -- [megapixels of the source, 12.5] [clicks, 15]
 *
 * Runs the built app as the end-to-end specs do, in a real Chromium. The source is a sample photo, enlarged; its ×4 result
 * is made by the app itself.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { launchApp, type LaunchedApp } from '../electron-host/launch.ts';

const megapixels = Number(process.argv[2] ?? 12.5);
const clicks = Number(process.argv[3] ?? 15);
const samples = resolve(import.meta.dirname, '../../resources/samples');

async function makePhoto(): Promise<string> {
  const source = sharp(join(samples, 'mountains.jpg'));
  const { width, height } = await source.metadata();
  const factor = Math.sqrt((megapixels * 1e6) / (width * height));
  const path = join(folder, 'photo.jpg');
  await source
    .resize(Math.round(width * factor), Math.round(height * factor))
    .jpeg({ quality: 92 })
    .toFile(path);
  return path;
}

/** Clicks spots all over the photo; from the click to the first frame that shows the spot's picture. */
async function measureSpots({ page }: LaunchedApp): Promise<void> {
  const stage = page.getByRole('application');
  const box = (await stage.boundingBox())!;
  const tookMs: number[] = [];
  for (let click = 0; click < clicks; click += 1) {
    const x = box.width * (0.3 + 0.4 * ((click * 0.618) % 1));
    const y = box.height * (0.35 + 0.3 * ((click * 0.414) % 1));
    await page.evaluate(watchForSpot);
    await stage.click({ position: { x, y } });
    await until(page, 'window.spotMs !== undefined');
    tookMs.push(await page.evaluate<number>('window.spotMs'));
    await page.waitForTimeout(150);
  }
  const [first, ...rest] = tookMs;
  console.log(
    `Click to enhanced spot, ${megapixels} MP source, 256 px, the default model: ` +
      `first ${round(first!)} ms, then median ${round(median(rest))} ms, slowest ${round(Math.max(...rest))} ms ` +
      `(${rest.length} clicks)`,
  );
}

/** In the page: remembers when the pointer went up, and when the spot's picture was drawn. */
const watchForSpot = `(() => {
  window.spotMs = undefined;
  let start;
  addEventListener('pointerup', (event) => (start = event.timeStamp), { once: true, capture: true });
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  const seen = window.seenSpots ??= new Set();
  CanvasRenderingContext2D.prototype.drawImage = function (image, ...place) {
    draw.call(this, image, ...place);
    if (start === undefined || image.naturalWidth !== 1024 || image.naturalHeight !== 1024 || seen.has(image.src)) return;
    seen.add(image.src);
    CanvasRenderingContext2D.prototype.drawImage = draw;
    requestAnimationFrame(() => (window.spotMs = performance.now() - start));
  };
})()`;

/** Enhances the photo while another is on show, opens its comparison, and comes back to it once more. */
async function measureCompare(app: LaunchedApp): Promise<void> {
  const { page } = app;
  const row = (name: string) => page.locator('[data-job]', { hasText: name });
  await row('sunset').click();
  await page.getByRole('button', { name: /^Enhance \d/ }).click();
  await page.locator('[data-state=done]').nth(1).waitFor({ timeout: 600_000 });
  await page.waitForTimeout(2000);
  const first = await openResult(page, row('photo.jpg'));
  const opened = await memoryOf(app);
  await page.getByRole('application').press('1');
  const before = Date.now();
  await until(page, 'window.fineTiles() > 0');
  const fineMs = Date.now() - before;
  await page.waitForTimeout(1000);
  const zoomed = await memoryOf(app);
  await row('sunset').click();
  await page.waitForTimeout(1000);
  const again = await openResult(page, row('photo.jpg'));
  console.log(
    `Compare on its ×4 result (${round(megapixels * 16)} MP): first paint ${round(first.paintMs)} ms, ` +
      `the result itself ${round(first.resultMs)} ms, single pixels after ${round(fineMs)} ms more; ` +
      `opened once more, the result ${round(again.resultMs)} ms; ` +
      `renderer ${round(opened)} MB, at single pixels ${round(zoomed)} MB`,
  );
}

async function openResult(page: Page, row: Locator): Promise<{ readonly paintMs: number; readonly resultMs: number }> {
  await page.evaluate(watchForPicture);
  await row.click();
  await until(page, 'window.resultMs !== undefined');
  return page.evaluate('({ paintMs, resultMs })');
}

/** In the page: remembers when a row was clicked, when its picture was first drawn, and when its result was. */
const watchForPicture = `(() => {
  window.paintMs = undefined;
  window.resultMs = undefined;
  let start;
  addEventListener('click', (event) => (start = event.timeStamp), { once: true, capture: true });
  const fine = new Set();
  window.fineTiles = () => fine.size;
  const draw = (window.plainDraw ??= CanvasRenderingContext2D.prototype.drawImage);
  CanvasRenderingContext2D.prototype.drawImage = function (image, ...place) {
    draw.call(this, image, ...place);
    if (start === undefined) return;
    const now = () => performance.now() - start;
    const level = Number(/preview\\/[^/]+\\/(\\d+)\\//.exec(image.src)?.[1]);
    // Pictures of the photo that was on show before are no answer.
    if (!document.querySelector('[role=slider]')) return;
    if (window.paintMs === undefined) requestAnimationFrame(() => (window.paintMs ??= now()));
    // The result is four times as large as the source: it has two levels more.
    if (level >= 5 && window.resultMs === undefined) requestAnimationFrame(() => (window.resultMs ??= now()));
    if (level === 0) fine.add(image.src);
  };
})()`;

/** Megabytes that the page's process holds. */
async function memoryOf({ page }: LaunchedApp): Promise<number> {
  const session = await page.context().browser()!.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => residentBytes(id));
  return Math.max(...sizes) / 2 ** 20;
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

/** Waits from outside, since the page itself may evaluate no text. */
async function until(page: Page, expression: string): Promise<void> {
  while (!(await page.evaluate<boolean>(`Boolean(${expression})`))) await page.waitForTimeout(20);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function round(value: number): number {
  return Math.round(value);
}

const folder = await mkdtemp(join(process.env['TMPDIR'] ?? tmpdir(), 'tessera-bench-'));
try {
  const photo = await makePhoto();
  const other = join(folder, 'sunset.png');
  await cp(join(samples, 'sunset.png'), other);
  await using app = await launchApp({ arguments: [photo, other] });
  await app.page.locator('[data-job]', { hasText: 'photo.jpg' }).click();
  await app.page.getByText('Click a spot').waitFor();
  await measureSpots(app);
  await measureCompare(app);
} finally {
  await rm(folder, { recursive: true, force: true });
}
