import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceRecord } from '../../main/settings/device-record.ts';
import { seriousFaults } from './axe.ts';
import { hasBrowser, Person, photoFolder } from './window.ts';

let person: Person;
afterEach(async () => {
  await person.app[Symbol.asyncDispose]();
});

async function thisComputer(home: string, photos: readonly string[] = []): Promise<void> {
  person = await Person.at({ home, arguments: photos });
  await person.page.evaluate(`tessera.invoke('settings:update', { model: 'faithful-s' })`);
  await open();
}

async function open(): Promise<void> {
  await person.page.getByRole('button', { name: 'Preferences' }).click();
  await person.page.getByRole('tab', { name: 'This computer' }).click();
}

const newHome = async (): Promise<string> => mkdtemp(join(tmpdir(), 'tessera-home-'));
const recordsOf = (home: string): string => join(home, 'config', 'tessera', 'devices.json');
const button = () => person.page.getByRole('button', { name: 'Check devices' });
const device = (name: RegExp) => person.page.getByRole('radio', { name });

describe.skipIf(!hasBrowser)('devices in the window', () => {
  it('are listed before they are tried, then with the verdict of the check, which is remembered', async () => {
    const home = await newHome();
    await thisComputer(home);
    await device(/^Automatic: Processor \(CPU\), until the devices are checked/).waitFor();
    await device(/^WebGPU: Not checked yet/).waitFor();
    await button().click();
    await person.page.getByRole('progressbar', { name: 'Checking devices' }).waitFor();
    await device(/^Processor \(CPU\): Right, \d+\.\d MP\/s/).waitFor({ timeout: 100_000 });
    await device(/^Automatic: .*: the fastest that computes right/).waitFor();

    // Whatever this machine's graphics say, the pane says the same.
    const { records } = JSON.parse(await readFile(recordsOf(home), 'utf8')) as { records: DeviceRecord[] };
    const webgpu = records[0]!.devices.find(({ provider }) => provider === 'webgpu')!;
    const words = { right: /^WebGPU: Right/, wrong: /^WebGPU: Computes wrong/, failed: /^WebGPU: Failed: .{20}/ };
    await device(words[webgpu.state]).waitFor();
    for (const theme of ['light', 'dark'] as const) {
      await person.page.evaluate(`tessera.invoke('settings:update', { theme: '${theme}' })`);
      await person.until(`document.documentElement.dataset.theme === '${theme}'`);
      // Colours change over a moment.
      await person.page.waitForTimeout(300);
      expect(await seriousFaults(person)).toEqual([]);
    }
    await person.app[Symbol.asyncDispose]();

    await thisComputer(home);
    await device(words[webgpu.state]).waitFor();
  });

  it('are cancelled at once, and nothing is remembered', async () => {
    const home = await newHome();
    await thisComputer(home);
    await button().click();
    await person.page.getByText(/ of \d$/).waitFor();
    const cancelledMs = Date.now();
    await person.page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await button().waitFor();
    // The bar is a second; that it was not the check's own end is seen by what is not remembered.
    expect(Date.now() - cancelledMs).toBeLessThan(10_000);
    await expect(readFile(recordsOf(home))).rejects.toThrow();
  });

  it('hold from the next photo on', async () => {
    await thisComputer(await newHome(), [await photoFolder(['dandelions.jpg'])]);
    await device(/^WebGPU/).click();
    await person.page.getByRole('tab', { name: 'Performance' }).click();
    // A graphics device is one worker's.
    await person.page.getByText('1 × 1').waitFor();
    await person.page.keyboard.press('Escape');
    await person.sizesKnown();
    await person.start();
    // Where there is none, the batch says so and goes on with the processor.
    await person.sees(1, 'done');
    await open();
    await device(/^Processor/).click();
    await person.until(
      `[...document.querySelectorAll('[role=radio]')].some((one) => one.ariaChecked === 'true' && /^Processor/.test(one.ariaLabel))`,
    );
  });
});
