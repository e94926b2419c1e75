import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { hasBrowser, Person } from './window.ts';

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

  it('change the theme at once', async () => {
    person = await Person.at({});
    await preferences('General');
    await person.page.getByRole('radio', { name: 'Dark' }).click();
    await person.until(`document.documentElement.dataset.theme === 'dark'`);
    expect(await person.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource, null)).toBe('dark');
  });
});
