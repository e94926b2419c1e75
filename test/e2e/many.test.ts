import { link, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { hasBrowser, Person, photoFolder } from './window.ts';

let person: Person | undefined;
afterEach(async () => {
  await person?.app[Symbol.asyncDispose]();
});

const count = 10_000;

describe.skipIf(!hasBrowser)('ten thousand photos', () => {
  it('are listed, with only the rows in sight on the page', async () => {
    const source = join(await photoFolder(['sunset.png']), 'sunset.png');
    const folder = await mkdtemp(join(tmpdir(), 'tessera-many-'));
    for (let index = 0; index < count; index += 1) {
      const inner = join(folder, `folder-${Math.floor(index / 1000)}`);
      if (index % 1000 === 0) await mkdir(inner);
      await link(source, join(inner, `photo-${index}.png`));
    }
    // With one photo first, so that the workers are up: what is measured is the adding.
    person = await Person.at({ arguments: [await photoFolder(['dandelions.jpg'])] });
    await person.sizesKnown();
    await person.app.evaluate(() => {
      const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      Object.assign(globalThis, { delay });
    }, null);
    const longestDelayMs = (): Promise<number> =>
      person!.app.evaluate(() => {
        const { delay } = globalThis as unknown as { delay: { max: number; reset(): void } };
        const { max } = delay;
        delay.reset();
        return max / 1e6;
      }, null);
    // What the machine's other work alone makes the app wait.
    await person.page.waitForTimeout(1500);
    const idleMs = await longestDelayMs();
    await person.page.evaluate(
      `window.counts = []; window.tessera.listen('queue:changed', ({ totals }) => counts.push(totals.jobs))`,
    );
    const before = performance.now();
    await person.page.evaluate(`void tessera.invoke('queue:add', { paths: [${JSON.stringify(folder)}] })`);
    await person.rowsIn('queued').nth(6).waitFor();
    const usableMs = performance.now() - before;
    await person.page.getByText('All 10,001').waitFor();
    const listedMs = performance.now() - before;
    expect(await person.page.locator('[data-job]').count()).toBeLessThan(60);
    await person.page.getByRole('listbox', { name: 'Photos' }).press('End');
    await person.row('photo-9999.png').waitFor();
    const blockedMs = await longestDelayMs();
    const memory = await person.page.evaluate<number>('performance.memory.usedJSHeapSize / 2 ** 20');
    console.log({ usableMs, listedMs, blockedMs, idleMs, memory });
    expect(memory).toBeLessThan(300);
    // The bars are 2 s and 50 ms. A slow machine, or one that does other work beside, is forgiven ten times as much; to
    // list them all before the first is shown, or a freeze, is not.
    expect(usableMs).toBeLessThan(20_000);
    const counts = await person.page.evaluate<number[]>('counts');
    expect(counts.filter((jobs) => jobs > 1 && jobs <= count).length).toBeGreaterThan(0);
    expect(blockedMs).toBeLessThan(500 + 10 * idleMs);
  });
});
