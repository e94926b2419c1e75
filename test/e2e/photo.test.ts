import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { hasBrowser, Person, photoFolder, samples } from './window.ts';

let person: Person | undefined;
afterEach(async () => {
  await person?.app[Symbol.asyncDispose]();
  person = undefined;
});

/** Mean of the absolute differences of neighbouring pixels in the middle of the first canvas: more where it is sharp. */
const sharpness = `(() => {
  const canvas = document.querySelector('[role=application] canvas');
  const size = 160;
  const left = Math.floor(canvas.width / 2 - size / 2), top = Math.floor(canvas.height / 2 - size / 2);
  const { data } = canvas.getContext('2d').getImageData(left, top, size, size);
  let sum = 0;
  for (let i = 0; i < data.length - 4; i += 4) sum += Math.abs(data[i + 1] - data[i + 5]);
  return sum / (size * size);
})()`;

describe.skipIf(!hasBrowser)('a photo', () => {
  it('shows a spot enhanced before anything runs, sharper than it was', async () => {
    person = await Person.at({ arguments: [await photoFolder(['dandelions.jpg'])] });
    const { page } = person;
    await person.sizesKnown();
    const stage = page.getByRole('application');
    await page.getByText('Click a spot').waitFor();
    await stage.focus();
    await page.keyboard.press('1');
    const photoZoom = page.getByRole('button', { name: /^Zoom: Photo 100 %/ });
    await photoZoom.waitFor();
    await page.keyboard.press('Enter');
    const said = await page.getByText(/Enhanced in/).textContent();
    // The bar is half a second, measured by test/bench/window.ts; here the machine may have other things to do.
    expect(Number(/in ([\d.]+) s/.exec(said ?? '')?.[1])).toBeLessThan(5);
    // The photo's own figure is what it was; the result's stands beside it.
    await expect(photoZoom.textContent()).resolves.toMatch(/Photo\s+100 %\s+Result\s+25 %/);
    const steady = async (): Promise<number> => {
      await page.waitForTimeout(400);
      return page.evaluate<number>(sharpness);
    };
    // The zoom that shows single pixels of the result is known only now.
    await page.keyboard.press('1');
    const enhanced = await steady();
    await page.keyboard.down('b');
    const before = await steady();
    await page.keyboard.up('b');
    expect(before).toBeGreaterThan(0);
    expect(enhanced).toBeGreaterThan(before * 1.05);
    // Another model on the same spot gives another picture of it.
    await page.getByRole('combobox', { name: /^Model for this spot/ }).click();
    await page.getByRole('option', { name: /^Photo L/ }).click();
    await page.getByText(/Enhanced in/).waitFor();
    expect(await steady()).not.toBe(enhanced);
  });

  it('that is changed after it was added is looked at anew', async () => {
    const folder = await photoFolder(['dandelions.jpg']);
    person = await Person.at({ arguments: [folder] });
    const { page } = person;
    await person.sizesKnown();
    await sharp(join(samples, 'sunset.png')).resize(300, 200).jpeg().toFile(join(folder, 'dandelions.jpg'));
    const region = JSON.stringify({ leftPx: 0, topPx: 0, widthPx: 64, heightPx: 64 });
    const spot = `tessera.invoke('preview:region', { job: 1, region: ${region}, model: null })`;
    expect(await page.evaluate(spot)).toMatchObject({ value: { ok: true, value: { after: { widthPx: 256 } } } });
    await person.row('dandelions.jpg').getByText('1200 × 800').waitFor();
  });

  it('is compared before and after in three ways, with zoom and split by keyboard', async () => {
    person = await Person.at({ arguments: [await photoFolder(['sunset.png'])] });
    const { page } = person;
    await person.sizesKnown();
    await person.start();
    await person.sees(1, 'done');
    const split = page.getByRole('slider', { name: /Split/ });
    await split.waitFor();
    await split.press('End');
    expect(await split.getAttribute('aria-valuenow')).toBe('100');
    await page.getByRole('radio', { name: 'Side by side' }).click();
    expect(await page.locator('[role=application] canvas').count()).toBe(2);
    await page.getByRole('radio', { name: 'Press to peek' }).click();
    await page.getByText('After', { exact: true }).waitFor();
    await page.getByRole('application').press('1');
    await page.getByRole('button', { name: /^Zoom: Photo 400 % Result 100 %/ }).waitFor();
    await page.getByRole('application').press('2');
    await page.getByRole('button', { name: /^Zoom: Photo 100 % Result 25 %/ }).waitFor();
  });

  it('takes settings of its own, and the path that it will get follows them', async () => {
    const folder = await photoFolder(['sunset.png', 'dandelions.jpg']);
    person = await Person.at({ arguments: [folder] });
    const { page } = person;
    await person.sizesKnown();
    await person.row('sunset.png').click();
    await page.getByRole('tab', { name: 'Selected 1' }).click();
    await page.getByRole('radio', { name: '×2' }).click();
    await person.row('sunset.png').getByText('768 × 512').waitFor();
    await page.getByText('sunset-x2.png').waitFor();
    await person.row('sunset.png').getByText('own', { exact: true }).waitFor();
    await person.row('dandelions.jpg').getByText('2560 × 1440').waitFor();
    const name = page.getByRole('textbox', { name: 'Name of the results' });
    // The path follows every letter; nothing is kept before it is confirmed.
    await name.fill('{name} at {width}.{ext}');
    await page.getByText('sunset at 768.png').waitFor();
    await name.fill('{nonsense}');
    await name.press('Enter');
    await page
      .getByText(/not known/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Same as all photos' }).click();
    await person.start();
    await person.sees(2, 'done');
    expect((await readdir(join(folder, 'enhanced'))).toSorted()).toEqual(['dandelions-x4.jpg', 'sunset-x4.png']);
  });

  it('keeps what else differs for it when one setting is changed for several', async () => {
    person = await Person.at({ arguments: [await photoFolder(['sunset.png', 'dandelions.jpg'])] });
    const { page } = person;
    await person.sizesKnown();
    const list = page.getByRole('listbox', { name: 'Photos' });
    const size = page.getByRole('group', { name: 'Times larger' });
    await person.row('sunset.png').click();
    await page.getByRole('tab', { name: 'Selected 1' }).click();
    await size.getByText('×2').click();
    await person.row('sunset.png').getByText('768 × 512').waitFor();
    await list.press('Control+a');
    await page.getByRole('tab', { name: 'Selected 2' }).click();
    await page.getByRole('combobox', { name: /^Format/ }).click();
    await page.getByRole('option', { name: 'WebP' }).click();
    await person.until(`document.querySelectorAll('[data-job] .own').length === 2`);
    await page.getByText('.webp').first().waitFor();
    expect(await person.row('sunset.png').textContent()).toContain('768 × 512');
    // What only some of them have can be taken back from all.
    await page.getByRole('button', { name: 'Same as all photos' }).click();
    await person.row('sunset.png').getByText('1536 × 1024').waitFor();
  });

  it('of several selected ones is made as asked, and the others as all', async () => {
    const folder = await photoFolder(['sunset.png', 'dandelions.jpg', 'fig-bowl.png']);
    person = await Person.at({ arguments: [folder] });
    const { page } = person;
    await person.sizesKnown();
    const list = page.getByRole('listbox', { name: 'Photos' });
    // dandelions, fig-bowl, sunset: the first and the last, by keyboard alone.
    await list.press('Home');
    await list.press('Control+ArrowDown');
    await list.press('Control+ArrowDown');
    await list.press('Control+Space');
    await page.getByRole('tab', { name: 'Selected 2' }).click();
    await page.getByRole('combobox', { name: /^Format/ }).click();
    await page.getByRole('option', { name: 'WebP' }).click();
    await person.until(`document.querySelectorAll('[data-job] .own').length === 2`);
    await person.start();
    await person.sees(3, 'done');
    const made = await readdir(join(folder, 'enhanced'));
    expect(made.toSorted()).toEqual(['dandelions-x4.webp', 'fig-bowl-x4.png', 'sunset-x4.webp']);
    for (const name of made) {
      const { format } = await sharp(join(folder, 'enhanced', name)).metadata();
      expect(format).toBe(name.split('.').at(-1));
    }
  });
});
