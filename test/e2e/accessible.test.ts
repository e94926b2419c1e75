import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousFaults } from './axe.ts';
import { hasBrowser, Person, photoFolder } from './window.ts';

describe.skipIf(!hasBrowser).each(['light', 'dark'] as const)('in the %s theme axe finds nothing serious', (theme) => {
  let empty: Person;
  let full: Person;
  beforeAll(async () => {
    empty = await Person.at({});
    full = await Person.at({ arguments: [await photoFolder(['sunset.png'], true)] });
    for (const person of [empty, full]) {
      await person.page.evaluate(`tessera.invoke('settings:update', { theme: '${theme}' })`);
      await person.until(`document.documentElement.dataset.theme === '${theme}'`);
    }
    await full.sizesKnown();
  });
  afterAll(async () => {
    await empty.app[Symbol.asyncDispose]();
    await full.app[Symbol.asyncDispose]();
  });

  it('on the empty window', async () => {
    expect(await seriousFaults(empty)).toEqual([]);
  });

  it('in the queue, with a photo selected and one failed', async () => {
    await full.row('sunset.png').click();
    expect(await seriousFaults(full)).toEqual([]);
    await full.row('broken.jpg').click();
    expect(await seriousFaults(full)).toEqual([]);
  });

  it('while photos are compared', async () => {
    await full.row('sunset.png').click();
    await full.start();
    await full.sees(1, 'done');
    await full.page.getByRole('slider', { name: /Split/ }).waitFor();
    expect(await seriousFaults(full)).toEqual([]);
  });

  it('in the diagnostics, before a batch and after one', async () => {
    for (const [person, words] of [
      [empty, 'No batch has run yet'],
      [full, 'Last batch'],
    ] as const) {
      await person.page.getByRole('button', { name: 'Preferences' }).click();
      await person.page.getByRole('button', { name: 'Diagnostics…' }).click();
      await person.page.getByText(words).waitFor();
      await person.page.waitForTimeout(300);
      const faults = await seriousFaults(person);
      await person.page.keyboard.press('Escape');
      await person.page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(faults).toEqual([]);
    }
  });

  it.each(['General', 'Files', 'Performance'])('in the preferences, %s', async (tab) => {
    await full.page.getByRole('button', { name: 'Preferences' }).click();
    await full.page.getByRole('tab', { name: tab }).click();
    await full.page.waitForTimeout(300);
    const faults = await seriousFaults(full);
    await full.page.keyboard.press('Escape');
    await full.page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
  });
});
