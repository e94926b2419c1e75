import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { hasBrowser, Person, photoFolder, samplePhotos } from './window.ts';

let person: Person | undefined;
afterEach(async () => {
  await person?.app[Symbol.asyncDispose]();
  person = undefined;
});

const names = (at: Person) =>
  at.page
    .locator('[data-job] .name')
    .allTextContents()
    .then((texts) => texts.map((text) => text.trim()));

describe.skipIf(!hasBrowser)('photos', () => {
  it('are added by dropping files on the window', async () => {
    const folder = await photoFolder();
    person = await Person.at({});
    await person.page.getByRole('heading', { name: 'Drop photos' }).waitFor();
    await person.app.evaluate(
      async ({ BrowserWindow }, files) => {
        await BrowserWindow.getAllWindows()[0]?.webContents._drop(400, 300, files);
      },
      samplePhotos.map((photo) => join(folder, photo)),
    );
    await person.sees(samplePhotos.length, 'queued');
    await person.page.getByText(`Added ${samplePhotos.length} photos.`).waitFor();
  });

  it('that will lose something say so before they are enhanced', async () => {
    const folder = await photoFolder([]);
    const pixels = { width: 60, height: 40, channels: 3, background: '#a63' } as const;
    await sharp({ create: pixels }).toColourspace('cmyk').tiff().toFile(join(folder, 'cmyk.tif'));
    person = await Person.at({ arguments: [folder] });
    await person.row('cmyk.tif').click();
    await person.page.getByText('Its colours, CMYK or Lab, become sRGB.').waitFor();
  });

  it('are added when the system opens them, or a folder of them, with the app', async () => {
    const folder = await photoFolder();
    person = await Person.at({});
    for (const path of [join(folder, 'sunset.png'), folder]) {
      await person.app.evaluate(({ app }, opened) => {
        app.emit('open-file', { preventDefault: () => undefined }, opened);
      }, path);
    }
    await person.sees(samplePhotos.length, 'queued');
    expect((await names(person)).toSorted()).toEqual(samplePhotos.toSorted());
  });

  it('are added by a second start, which brings the window that is there to the front', async () => {
    const folder = await photoFolder();
    person = await Person.at({});
    await person.app.evaluate(({ app, BrowserWindow }, cwd) => {
      const window = BrowserWindow.getAllWindows()[0]!;
      window.minimize();
      const argv = app.isPackaged ? ['tessera', 'sunset.png'] : ['electron', '.', 'sunset.png'];
      app.emit('second-instance', {}, argv, cwd);
    }, folder);
    await person.sees(1, 'queued');
    const { log, minimized } = await person.app.evaluate(
      ({ log, BrowserWindow }) => ({ log, minimized: BrowserWindow.getAllWindows()[0]!.isMinimized() }),
      null,
    );
    expect(minimized).toBe(false);
    expect(log.map(({ what }) => what)).toContain('window.focus');
  });

  it('are added by the system’s picker, once', async () => {
    const folder = await photoFolder();
    person = await Person.at({});
    for (let time = 0; time < 2; time += 1) {
      await person.app.evaluate(({ dialog }, path) => dialog._answer({ canceled: false, filePaths: [path] }), folder);
      await person.page.getByRole('button', { name: 'Add folder', exact: true }).click();
      await person.sees(samplePhotos.length, 'queued');
    }
    await person.page.getByText('3 photos already there').waitFor();
    expect(await names(person)).toHaveLength(samplePhotos.length);
  });

  it('are moved and removed by keyboard; files stay', async () => {
    const folder = await photoFolder();
    person = await Person.at({ arguments: [folder] });
    await person.sees(samplePhotos.length, 'queued');
    const [first, second, third] = await names(person);
    const list = person.page.getByRole('listbox', { name: 'Photos' });
    await list.press('Home');
    await list.press('Alt+ArrowDown');
    await person.until(`document.querySelector('[data-job] .name').textContent.trim() === '${second ?? ''}'`);
    expect(await names(person)).toEqual([second, first, third]);
    await list.press('Delete');
    await person.until(`document.querySelectorAll('[data-job]').length === 2`);
    expect(await names(person)).toEqual([second, third]);
    expect((await readdir(folder)).toSorted()).toEqual(samplePhotos.toSorted());
    await person.start();
    await person.sees(2, 'done');
    expect(await readdir(join(folder, 'enhanced'))).toHaveLength(2);
  });
});
