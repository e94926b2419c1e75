import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Trace } from '../../main/tune/trace.ts';
import { seriousFaults } from './axe.ts';
import { hasBrowser, Person, photoFolder, samplePhotos } from './window.ts';

let person: Person;
afterEach(async () => {
  await person.app[Symbol.asyncDispose]();
});

const dialog = () => person.page.getByRole('dialog', { name: 'Diagnostics' });
const open = async (): Promise<void> => person.page.getByRole('button', { name: /^Diagnostics/ }).click();
const table = (section: string) => dialog().getByRole('region', { name: section }).getByRole('row');

async function enhanceAll(folder: string): Promise<void> {
  person = await Person.at({ arguments: [folder] });
  await person.sizesKnown();
  await person.page.evaluate(`tessera.invoke('settings:update', { model: 'faithful-s' })`);
  await person.start();
  await person.sees(samplePhotos.length, 'done');
  await person.page.getByText(`${samplePhotos.length} photos enhanced`).first().waitFor();
}

/** Chooses where the next save dialog goes. */
async function willSaveTo(path: string): Promise<void> {
  await person.app.evaluate(({ dialog: native }, filePath) => {
    native._answer({ canceled: false, filePath });
  }, path);
}

describe.skipIf(!hasBrowser)('the diagnostics', () => {
  it('show where the time of a batch went, on what and with what, in both themes without a serious fault', async () => {
    const folder = await photoFolder();
    await enhanceAll(folder);
    await open();
    await dialog().getByRole('heading', { name: 'Last batch' }).waitFor();
    await dialog()
      .getByText(new RegExp(`^${samplePhotos.length} photos in `))
      .waitFor();
    await dialog().getByText('Processor (CPU), int8').first().waitFor();

    const photos = await table('Where the time went').allInnerTexts();
    // Its head and the sum of all, then the slowest first.
    expect(photos).toHaveLength(2 + samplePhotos.length);
    for (const name of samplePhotos) expect(photos.slice(2).join('\n')).toContain(name);
    const wholes = photos.slice(2).map((text) => Number(/\n?\t(\d+\.\d+)\t/.exec(text)?.[1]));
    expect(wholes).toEqual(wholes.toSorted((one, other) => other - one));
    expect(wholes.at(-1)).toBeGreaterThan(0);

    const workers = await table('Workers').allInnerTexts();
    expect(workers.length).toBeGreaterThan(1);
    for (const text of workers.slice(1)) expect(text).toMatch(/process \d+.*\d+ %.*MB.*MB/s);
    const facts = await dialog().getByRole('region', { name: 'Versions and computer' }).innerText();
    expect(facts).toMatch(/ONNX Runtime\s+1\.\d+\.\d+/);
    expect(facts).toMatch(/libvips\s+8\.\d+\.\d+/);

    for (const theme of ['light', 'dark'] as const) {
      await person.page.evaluate(`tessera.invoke('settings:update', { theme: '${theme}' })`);
      await person.until(`document.documentElement.dataset.theme === '${theme}'`);
      // Colours change over a moment.
      await person.page.waitForTimeout(300);
      expect(await seriousFaults(person)).toEqual([]);
    }
  });

  it('export a trace that names photos and no folder, and copy a text that names neither', async () => {
    const folder = await photoFolder();
    await enhanceAll(folder);
    await open();
    const path = join(await mkdtemp(join(tmpdir(), 'tessera-trace-')), 'batch.json');
    await willSaveTo(path);
    await person.press('Export trace…');
    await dialog().getByText(`The trace tells of ${samplePhotos.length} photos.`).waitFor();
    const file = await readFile(path, 'utf8');
    const { traceEvents } = JSON.parse(file) as Trace;
    const stages = traceEvents.filter((event) => event.ph === 'X');
    expect(new Set(stages.map(({ args }) => args.photo))).toEqual(new Set(samplePhotos));
    expect(new Set(stages.map(({ name }) => name))).toEqual(
      new Set(['decode', 'wait', 'infer', 'write', 'encode', 'store']),
    );
    expect(file).not.toContain(dirname(folder));

    await willSaveTo(join(folder, 'no-such-folder', 'batch.json'));
    await person.press('Export trace…');
    await dialog().getByRole('alert').getByText('could not be written').waitFor();

    await person.press('Copy as text');
    await dialog().getByText('Copied.').waitFor();
    const log = await person.app.evaluate((parts) => parts.log, null);
    const text = String(log.findLast(({ what }) => what === 'clipboard.writeText')?.value);
    expect(text).toContain(`${samplePhotos.length} done, 0 failed`);
    expect(text).toMatch(/sharp \d+\.\d+\.\d+ \((native|wasm)\), libvips 8/);
    for (const name of samplePhotos) expect(text).not.toContain(name.slice(0, name.indexOf('.')));
    expect(text).not.toContain('/');
  });

  it('say what to do while there is nothing to show, and follow the batch that is begun there', async () => {
    person = await Person.at({});
    await person.page.getByRole('button', { name: 'Preferences' }).click();
    await person.page.getByRole('button', { name: 'Diagnostics…' }).click();
    await dialog().getByText('No batch has run yet').waitFor();
    expect(await dialog().getByRole('button', { name: 'Export trace…' }).isDisabled()).toBe(true);
    await dialog()
      .getByText(/^8\.\d+\.\d+$/)
      .waitFor();
    expect(await seriousFaults(person)).toEqual([]);
    expect(await person.page.evaluate(`tessera.invoke('diagnostics:exportTrace')`)).toMatchObject({
      value: { ok: false, error: { code: 'nothing-to-trace' } },
    });

    const folder = await photoFolder();
    await person.page.evaluate(`void tessera.invoke('queue:add', { paths: [${JSON.stringify(folder)}] })`);
    await person.page.evaluate(`tessera.invoke('settings:update', { model: 'faithful-s' })`);
    await dialog()
      .getByRole('button', { name: `Enhance ${samplePhotos.length} photos` })
      .click();
    await dialog().getByRole('heading', { name: 'Last batch' }).waitFor();
    await dialog()
      .getByText(new RegExp(`^${samplePhotos.length} photos in `))
      .waitFor();
    expect(await dialog().getByRole('button', { name: 'Export trace…' }).isEnabled()).toBe(true);
  });
});
