import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { catalog } from '../../models/catalog.ts';
import { readTuningMachine } from '../../main/jobs/machine.ts';
import type { Tuning } from '../../main/settings/tuning.ts';
import { seriousFaults } from './axe.ts';
import { hasBrowser, Person, photoFolder } from './window.ts';

let person: Person;
afterEach(async () => {
  await person.app[Symbol.asyncDispose]();
});

/** Opens the pane, with a model whose tiles take little time. */
async function thisComputer(home: string, photos: readonly string[] = []): Promise<void> {
  person = await Person.at({ home, arguments: photos });
  await person.page.evaluate(`tessera.invoke('settings:update', { model: 'faithful-s' })`);
  await open('This computer');
}

async function open(tab: string): Promise<void> {
  await person.page.getByRole('button', { name: 'Preferences' }).click();
  await person.page.getByRole('tab', { name: tab }).click();
}

async function tune(budgetMs: number): Promise<unknown> {
  return person.page.evaluate(`tessera.invoke('machine:tune', { budgetMs: ${budgetMs} })`);
}

const newHome = async (): Promise<string> => mkdtemp(join(tmpdir(), 'tessera-home-'));
const tuningsOf = (home: string): string => join(home, 'config', 'tessera', 'tunings.json');
const button = () => person.page.getByRole('button', { name: 'Tune for this machine' });

describe.skipIf(!hasBrowser)('tuning in the window', () => {
  it('shows what it measures, uses and remembers the best, and forgets it', async () => {
    const home = await newHome();
    await thisComputer(home);
    await button().waitFor();
    await tune(6000);
    await person.page.getByRole('progressbar', { name: 'Tuning' }).waitFor();
    await person.page
      .getByText(/ left$/)
      .first()
      .waitFor();
    await person.page
      .getByText(/settings were measured in/)
      .or(person.page.getByRole('alert'))
      .waitFor();
    expect(await person.page.getByRole('alert').allTextContents()).toEqual([]);

    const cells = person.page.getByRole('cell');
    expect(await cells.count()).toBeGreaterThan(3);
    expect(await person.page.getByRole('cell', { name: /best/ }).count()).toBe(1);
    expect(await person.page.getByRole('cell', { name: /default/ }).count()).toBe(1);
    const { tunings } = JSON.parse(await readFile(tuningsOf(home), 'utf8')) as { tunings: Tuning[] };
    const [kept] = tunings;
    expect(kept).toMatchObject({ modelId: 'quicksrnet-s-x4', precision: 'int8', provider: 'cpu' });
    for (const theme of ['light', 'dark'] as const) {
      await person.page.evaluate(`tessera.invoke('settings:update', { theme: '${theme}' })`);
      await person.until(`document.documentElement.dataset.theme === '${theme}'`);
      // Colours change over a moment.
      await person.page.waitForTimeout(300);
      expect(await seriousFaults(person)).toEqual([]);
    }

    await person.page.getByRole('tab', { name: 'Performance' }).click();
    await person.page.getByText(`Default: ${kept!.tilePx} px, tuned on this machine`).waitFor();
    await person.page.getByText(`tiles of ${kept!.tilePx} px`).first().waitFor();
    await person.app[Symbol.asyncDispose]();

    await thisComputer(home);
    await person.page.getByText(/^In use for/).waitFor();
    await person.page.getByRole('button', { name: 'Forget' }).click();
    await person.page.getByText(/has not been tuned/).waitFor();
    expect(JSON.parse(await readFile(tuningsOf(home), 'utf8'))).toMatchObject({ tunings: [] });
  });

  it('is cancelled within a second, and changes nothing', async () => {
    const home = await newHome();
    await thisComputer(home);
    await button().click();
    await person.page.getByRole('cell').nth(2).waitFor();
    const cancelledMs = Date.now();
    await person.page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await button().waitFor();
    expect(Date.now() - cancelledMs).toBeLessThan(1000);
    await person.page.getByText(/has not been tuned/).waitFor();
    await expect(readFile(tuningsOf(home))).rejects.toThrow();
  });

  it('and a batch keep out of each other’s way', async () => {
    await thisComputer(await newHome(), [await photoFolder()]);
    await button().click();
    await person.page.getByRole('progressbar', { name: 'Tuning' }).waitFor();
    const start = `tessera.invoke('queue:start')`;
    expect(await person.page.evaluate(start)).toMatchObject({ value: { ok: false, error: { code: 'machine-busy' } } });
    await person.page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await button().waitFor();
    expect(await person.page.evaluate(start)).toMatchObject({ value: { ok: true } });
    await person.page.evaluate(`tessera.invoke('queue:pause')`);
    await person.page.getByText(/possible again once the batch is through/).waitFor();
    expect(await button().isDisabled()).toBe(true);
    expect(await tune(6000)).toMatchObject({ value: { ok: false, error: { code: 'batch-runs' } } });
  });

  it('that was done with another runtime is said to count no more', async () => {
    const home = await newHome();
    const model = catalog.find(({ id }) => id === 'quicksrnet-s-x4')!;
    const old: Tuning = {
      ...readTuningMachine(),
      runtime: '1.0.0',
      modelId: model.id,
      weightsSha256: model.sha256,
      precision: 'int8',
      provider: 'cpu',
      tilePx: 128,
      workers: 1,
      threads: 1,
      pixelsPerSecond: 1,
      gain: 1,
      tunedAt: '2026-05-03T12:00:00.000Z',
    };
    await mkdir(dirname(tuningsOf(home)), { recursive: true });
    await writeFile(tuningsOf(home), JSON.stringify({ version: 1, tunings: [old] }));
    await thisComputer(home);
    await person.page.getByText(/tuned on May 3, 2026, but the runtime’s version changed since/).waitFor();
    await person.page.getByRole('tab', { name: 'Performance' }).click();
    await person.page.getByText(/the runtime’s version changed: the defaults are used until you tune again/).waitFor();
  });
});
