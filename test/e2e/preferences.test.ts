import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { hasBrowser, Person, photoFolder } from './window.ts';

let person: Person | undefined;
afterEach(async () => {
  await person?.app[Symbol.asyncDispose]();
  person = undefined;
});

async function preferences(tab: string): Promise<void> {
  await person?.page.getByRole('button', { name: 'Preferences' }).click();
  await person?.page.getByRole('tab', { name: tab }).click();
}

describe.skipIf(!hasBrowser)('preferences', () => {
  it('are kept from one start to the next, and reset', async () => {
    const home = await mkdtemp(join(tmpdir(), 'tessera-home-'));
    person = await Person.at({ home });
    await preferences('Performance');
    await person.page.getByRole('group', { name: 'Tile size' }).getByText('Choose').click();
    const tile = person.page.getByRole('spinbutton', { name: 'Tile size' });
    await tile.fill('160');
    await tile.press('Enter');
    await person.page.getByText('160 px').first().waitFor();
    await person.app[Symbol.asyncDispose]();

    person = await Person.at({ home });
    await preferences('Performance');
    expect(await person.page.getByRole('spinbutton', { name: 'Tile size' }).inputValue()).toBe('160');
    await person.page.getByRole('button', { name: 'Reset tile size' }).click();
    await person.page.getByRole('spinbutton', { name: 'Tile size' }).waitFor({ state: 'detached' });
  });

  it('say why a value is not taken, and keep the old one', async () => {
    person = await Person.at({});
    await preferences('Performance');
    await person.page.getByRole('group', { name: 'Tile size' }).getByText('Choose').click();
    await person.page.getByRole('group', { name: 'Halo' }).getByText('Choose').click();
    const halo = person.page.getByRole('spinbutton', { name: 'Halo' });
    await halo.fill('500');
    await halo.press('Enter');
    await person.page
      .getByRole('alert')
      .getByText(/leaves too little/)
      .waitFor();
  });

  it('let memory be chosen, be it less than the least that may be asked for that is automatic', async () => {
    person = await Person.at({});
    await preferences('Performance');
    await person.page.getByRole('group', { name: 'Memory' }).getByText('Choose').click();
    const memory = person.page.getByRole('spinbutton', { name: 'Memory' });
    expect(Number(await memory.inputValue())).toBeGreaterThanOrEqual(256);
  });

  it('for workers hold from the next photo on, in the batch that runs', async () => {
    const folder = await photoFolder(['brushes.jpg', 'friends.jpg', 'mountains.jpg']);
    // Large enough for its time left to be told.
    await sharp(join(folder, 'brushes.jpg')).resize(1800).toFile(join(folder, 'a-large-one.jpg'));
    for (const copy of [1, 2, 3]) await cp(join(folder, 'mountains.jpg'), join(folder, `z-${copy}.jpg`));
    person = await Person.at({ arguments: [folder] });
    await person.sizesKnown();
    await person.page.evaluate(`tessera.invoke('settings:update', { workers: 1 })`);
    await person.start();
    await person
      .row('a-large-one.jpg')
      .getByText(/ left$/)
      .waitFor();
    const first = await person.rowsIn('running').first().getAttribute('data-job');
    const workers = () =>
      person!.app.evaluate(({ _workers }) => _workers().filter(({ name }) => name === 'Tessera worker').length, null);
    expect(await workers()).toBe(1);
    await preferences('Performance');
    await person.page.getByRole('group', { name: 'Workers' }).getByText('Choose').click();
    const count = person.page.getByRole('spinbutton', { name: 'Workers' });
    await count.fill('2');
    await count.press('Enter');
    await person.page.keyboard.press('Escape');
    await person.until(`document.querySelector('[data-job="${first ?? ''}"]').dataset.state === 'done'`);
    await expect.poll(workers, { timeout: 20_000 }).toBe(2);
    expect(await person.page.getByRole('button', { name: 'Pause' }).count()).toBe(1);
    await person.sees(7, 'done');
    const log = await person.app.evaluate(({ log }) => log, null);
    expect(log.filter(({ what }) => what === 'notification').map(({ value }) => value)).toEqual([
      { title: 'Batch finished', body: '7 enhanced.' },
    ]);
  });

  it('change the theme at once', async () => {
    person = await Person.at({});
    await preferences('General');
    await person.page.getByRole('radio', { name: 'Dark' }).click();
    await person.until(`document.documentElement.dataset.theme === 'dark'`);
    expect(await person.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource, null)).toBe('dark');
  });
});
