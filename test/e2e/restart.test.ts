import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasBrowser, Person, photoFolder, samples } from './window.ts';

let person: Person | undefined;
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tessera-home-'));
});

afterEach(async () => {
  await person?.app[Symbol.asyncDispose]();
  person = undefined;
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

const photos = ['dandelions.jpg', 'brushes.jpg', 'friends.jpg', 'mountains.jpg'];

async function crash({ app }: Person): Promise<void> {
  const exited = once(app.process, 'exit');
  app.process.kill('SIGKILL');
  await exited;
  await app[Symbol.asyncDispose]();
}

/** The photos that have a result; what was half written when the app was killed is hidden, and removed an hour later. */
async function photosWritten(folder: string): Promise<string[]> {
  const results = (await readdir(join(folder, 'enhanced'))).filter((name) => !name.startsWith('.'));
  return results.map((name) => name.replace('-x4.jpg', '.jpg')).toSorted();
}

/** What the rows are called. */
async function namesOf(rows: Locator): Promise<string[]> {
  const texts = await rows.allTextContents();
  return texts.flatMap((text) => /friends-\d+\.jpg/.exec(text)?.[0] ?? []);
}

describe.skipIf(!hasBrowser)('the list', () => {
  it('comes back after a crash, with what is done as such, and is enhanced to its end', async () => {
    // Many, so that they are not all done before the crash.
    const folder = await photoFolder([]);
    const names = Array.from({ length: 7 }, (_, at) => `friends-${at + 10}.jpg`);
    for (const name of names) await cp(join(samples, 'friends.jpg'), join(folder, name));
    person = await Person.at({ home, arguments: [folder] });
    await person.sees(names.length, 'queued');
    await person.sizesKnown();
    await person.start();
    await person.sees(1, 'done');
    const done = await namesOf(person.rowsIn('done'));
    await crash(person);
    const written = await photosWritten(folder);

    person = await Person.at({ home });
    await person.page.getByText('in the list again from last time').waitFor();
    const again = await namesOf(person.rowsIn('queued'));
    // What was written and not yet noted when the app was killed may be among them.
    expect(again).toEqual(expect.arrayContaining(names.filter((name) => !written.includes(name))));
    expect(await namesOf(person.rowsIn('done'))).toEqual(expect.arrayContaining(done));
    await expect(person.page.locator('[data-job]').count()).resolves.toBe(names.length);
    await person.sizesKnown();
    await person.start();
    await person.until(
      `document.querySelectorAll('[data-state=queued], [data-state=running], [data-state=encoding]').length === 0`,
    );
    await expect(photosWritten(folder)).resolves.toEqual(names);
  });

  it('comes back after the app was quit while photos waited, and not once they were removed', async () => {
    const folder = await photoFolder(photos);
    person = await Person.at({ home, arguments: [folder] });
    await person.sees(photos.length, 'queued');
    await person.app[Symbol.asyncDispose]();

    person = await Person.at({ home });
    await person.sees(photos.length, 'queued');
    await person.page.getByRole('listbox', { name: 'Photos' }).press('Control+a');
    await person.page.getByRole('listbox', { name: 'Photos' }).press('Delete');
    await person.page.locator('[data-job]').first().waitFor({ state: 'detached' });
    await person.app[Symbol.asyncDispose]();

    person = await Person.at({ home });
    await person.page
      .getByRole('button', { name: /^(Add|Choose)/ })
      .first()
      .waitFor();
    await expect(person.page.locator('[data-job]').count()).resolves.toBe(0);
  });
});
