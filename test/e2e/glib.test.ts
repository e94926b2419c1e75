/**
 * Electron's binary for Linux is linked with the system's GLib. Under `HOST_GLIB` the stand-in gives its child processes
 * that library, as Electron would, and whatever GLib complains of reaches the app's error stream.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { hasBrowser, Person, photoFolder } from './window.ts';

let person: Person | undefined;
afterEach(async () => {
  await person?.app[Symbol.asyncDispose]();
  person = undefined;
});

const cli = resolve(import.meta.dirname, '../../main/tessera.js');
const systemGlib = '/usr/lib/x86_64-linux-gnu/libgobject-2.0.so.0';
const photos = ['sunset.png', 'dandelions.jpg', 'fig-bowl.png', 'brushes.jpg'];

/** Libraries that a process has loaded. */
function librariesOf(pid: number): string[] {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  return [...new Set(maps.split('\n').flatMap((line) => /\/\S+\.(?:so|node)\S*$/.exec(line)?.[0] ?? []))];
}

/** Everything in a picture: the file itself, or a JPEG's pixels and what came with them. */
async function contentsOf(path: string): Promise<object> {
  if (!path.endsWith('.jpg')) return { file: hashOf(await readFile(path)) };
  const { info, data } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  const { exif, icc, xmp, iptc, density, chromaSubsampling } = await sharp(path).metadata();
  return { info, pixels: hashOf(data), exif, icc, xmp, iptc, density, chromaSubsampling };
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe.skipIf(!hasBrowser || !existsSync(systemGlib))('beside the system’s GLib', () => {
  it('photos are listed, previewed, enhanced and compared without one complaint of GLib', async () => {
    const folder = await photoFolder(photos);
    person = await Person.at({ arguments: [folder], environment: { HOST_GLIB: '1' } });
    const { page } = person;
    const fineTiles: number[] = [];
    page.on('response', (response) => {
      if (/\/preview\/[\w-]+\/0\/\d+\/\d+$/.test(response.url())) fineTiles.push(response.status());
    });
    await person.sizesKnown();
    await person.until(`document.querySelectorAll('[data-job] img').length === ${photos.length}`);
    await person.until(`[...document.querySelectorAll('[data-job] img')].every((image) => image.naturalWidth > 0)`);
    const stage = page.getByRole('application');
    await person.row('dandelions.jpg').click();
    await stage.focus();
    await page.keyboard.press('1');
    await page.keyboard.press('Enter');
    await page.getByText(/Enhanced in/).waitFor();
    await person.start();
    await person.sees(photos.length, 'done');
    await person.row('dandelions.jpg').click();
    await page.getByRole('slider', { name: /Split/ }).waitFor();
    await stage.press('1');
    const beforeResult = fineTiles.length;
    await expect.poll(() => fineTiles.length, { timeout: 20_000 }).toBeGreaterThan(beforeResult);
    expect(new Set(fineTiles)).toEqual(new Set([200]));

    const complaints = person.app
      .errorOutput()
      .split('\n')
      .filter((line) => /GLib|GObject|-CRITICAL/.test(line));
    expect(complaints.slice(0, 3), `${complaints.length} complaints`).toEqual([]);

    const workers = await person.app.evaluate(({ _workers }) => _workers(), null);
    expect(workers.map(({ name }) => name)).toEqual(expect.arrayContaining(['Tessera worker', 'Tessera previews']));
    for (const { name, pid } of workers) {
      const libraries = librariesOf(pid!);
      expect(
        libraries.some((library) => library.includes('/libgobject-2.0.so')),
        `${name} has the system’s GLib`,
      ).toBe(true);
      expect(
        libraries.filter((library) => /libvips|sharp-linux/.test(library)),
        name,
      ).toEqual([]);
    }

    const byHand = await mkdtemp(join(tmpdir(), 'tessera-cli-'));
    execFileSync(process.execPath, [cli, 'enhance', ...photos.map((photo) => join(folder, photo)), '--out', byHand], {
      stdio: 'pipe',
    });
    for (const name of await readdir(byHand)) {
      // A JPEG of the command line is joined of strips, and has restart markers that this one has not.
      expect(await contentsOf(join(folder, 'enhanced', name)), name).toEqual(await contentsOf(join(byHand, name)));
    }
  });
});
