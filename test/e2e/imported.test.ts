import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { importModel } from '../../models/import/imported-models.ts';
import { compactBin, compactParam, randomCompact } from '../helpers/reference-ncnn.ts';
import { hasBrowser, Person, photoFolder, samples } from './window.ts';

let person: Person;
afterEach(async () => {
  await person.app[Symbol.asyncDispose]();
});

/** A home in which a person imported a small model. */
async function homeWithModel(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'tessera-home-'));
  const compact = randomCompact({ scale: 2, channels: 6, seed: 5, half: true, residual: true, enlarged: true });
  const path = join(home, 'Small Model.param');
  await writeFile(path, compactParam(compact));
  await writeFile(path.replace('.param', '.bin'), compactBin(compact));
  const folder = join(home, 'config', 'tessera', 'models');
  await mkdir(folder, { recursive: true });
  const imported = await importModel({ path, folder });
  expect(imported).toMatchObject({ ok: true, value: { id: 'small-model' } });
  return home;
}

describe.skipIf(!hasBrowser)('an imported model', () => {
  it('can be chosen in the window, and enhances spots and photos', async () => {
    const folder = await photoFolder(['dandelions.jpg']);
    person = await Person.at({ home: await homeWithModel(), arguments: [folder] });
    await person.sizesKnown();
    await person.page.evaluate(`tessera.invoke('settings:update', { target: { kind: 'scale', factor: 2 } })`);
    await person.page.getByRole('combobox', { name: /^Model/ }).click();
    await person.page.getByRole('option', { name: /^Small Model/ }).click();
    await person.row('dandelions.jpg').getByText('small-model ×2').filter({ visible: true }).waitFor();

    const region = { leftPx: 0, topPx: 0, widthPx: 64, heightPx: 64 };
    const spot = `tessera.invoke('preview:region', { job: 1, region: ${JSON.stringify(region)}, model: null })`;
    const after = { widthPx: 128, heightPx: 128 };
    expect(await person.page.evaluate(spot)).toMatchObject({ value: { ok: true, value: { after } } });

    await person.start();
    await person.sees(1, 'done');
    const { width, height } = await sharp(join(samples, 'dandelions.jpg')).metadata();
    const result = await sharp(join(folder, 'enhanced', 'dandelions-x2.jpg')).metadata();
    expect([result.width, result.height]).toEqual([width * 2, height * 2]);
  });
});
