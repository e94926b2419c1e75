/** What specs do in the window, in a person's words. */
import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inject } from 'vitest';
import { launchApp, type LaunchedApp, type LaunchOptions } from '../electron-host/launch.ts';

export const hasBrowser = inject('hasBrowser');
export const samples = resolve(import.meta.dirname, '../../resources/samples');
/** Small ones, so that a spec takes seconds. */
export const samplePhotos = ['sunset.png', 'dandelions.jpg', 'fig-bowl.png'];

/** A folder with copies of samples, and a broken file where asked for. */
export async function photoFolder(photos: readonly string[] = samplePhotos, broken = false): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-photos-'));
  for (const photo of photos) await cp(join(samples, photo), join(folder, photo));
  if (broken) await writeFile(join(folder, 'broken.jpg'), 'This is no picture.');
  return folder;
}

/** A person at the window. */
export class Person {
  readonly app: LaunchedApp;

  constructor(app: LaunchedApp) {
    this.app = app;
  }

  static async at(options: LaunchOptions): Promise<Person> {
    return new Person(await launchApp(options));
  }

  get page() {
    return this.app.page;
  }

  row(name: string) {
    return this.page.locator('[data-job]', { hasText: name });
  }

  rowsIn(state: string) {
    return this.page.locator(`[data-job][data-state="${state}"]`);
  }

  async sees(count: number, state: string, timeout = 60_000): Promise<void> {
    await this.rowsIn(state)
      .nth(count - 1)
      .waitFor({ timeout });
  }

  async press(name: RegExp | string): Promise<void> {
    await this.page.getByRole('button', { name }).last().click();
  }

  async start(): Promise<void> {
    await this.press(/^Enhance \d/);
  }

  /** Waits until an expression holds on the page; asked from outside, since the page itself may evaluate no text. */
  async until(expression: string, timeoutMs = 60_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!(await this.page.evaluate<boolean>(`Boolean(${expression})`))) {
      if (Date.now() > end) throw new Error(`It never came to be that ${expression}`);
      await this.page.waitForTimeout(50);
    }
  }

  /** Waits until the sizes of all photos are known. */
  async sizesKnown(): Promise<void> {
    const rows = `[...document.querySelectorAll('[data-state=queued]')]`;
    await this.until(`${rows}.length > 0 && ${rows}.every((row) => row.textContent.includes('×'))`);
  }
}
