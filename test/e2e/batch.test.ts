import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { hasBrowser, Person, photoFolder, samplePhotos, samples } from './window.ts';

let person: Person | undefined;
afterEach(async () => {
  await person?.app[Symbol.asyncDispose]();
  person = undefined;
});

const cli = resolve(import.meta.dirname, '../../main/tessera.js');
const larger = ['brushes.jpg', 'friends.jpg', 'mountains.jpg'];

describe.skipIf(!hasBrowser)('a batch', () => {
  it('of a folder, with a bad file in it, is written as the command line writes it', async () => {
    const folder = await photoFolder(samplePhotos, true);
    person = await Person.at({ arguments: [folder] });
    await person.row('broken.jpg').and(person.rowsIn('failed')).waitFor();
    await person.sizesKnown();
    await person.start();
    await person.sees(samplePhotos.length, 'done');
    const byHand = await mkdtemp(join(tmpdir(), 'tessera-cli-'));
    const sources = samplePhotos.map((photo) => join(folder, photo));
    execFileSync(process.execPath, [cli, 'enhance', ...sources, '--out', byHand], { stdio: 'pipe' });
    const names = await readdir(byHand);
    expect((await readdir(join(folder, 'enhanced'))).toSorted()).toEqual(names.toSorted());
    for (const name of names) {
      expect((await readFile(join(folder, 'enhanced', name))).equals(await readFile(join(byHand, name))), name).toBe(
        true,
      );
    }
    await expect(person.row('broken.jpg').textContent()).resolves.toContain('not a picture');
  });

  it('tells its progress at most ten times a second, never back, and to the end', async () => {
    person = await Person.at({ arguments: [await photoFolder(larger)] });
    await person.sees(larger.length, 'queued');
    await person.page.evaluate(
      `window.seen = []; window.tessera.listen('queue:changed', (delta) => seen.push([performance.now(), delta.totals.fraction, delta.run.kind]))`,
    );
    await person.sizesKnown();
    await person.start();
    await person.sees(larger.length, 'done');
    await person.until(`seen.at(-1)[2] === 'idle'`);
    const seen = await person.page.evaluate<[number, number, string][]>('seen');
    const first = seen.findIndex(([, , run]) => run === 'running');
    const fractions = seen.slice(first).map(([, fraction]) => fraction);
    expect(fractions.length).toBeGreaterThan(5);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    // Over the whole run: a page that had other things to do for a moment hears several at once.
    const seconds = (seen.at(-1)![0] - seen[0]![0]) / 1000;
    expect(seen.length).toBeLessThanOrEqual(10 * seconds + 2);
  });

  it('is paused, resumed, cancelled at once, and tried again', async () => {
    const folder = await photoFolder(larger);
    person = await Person.at({ arguments: [folder] });
    await person.sees(larger.length, 'queued');
    await person.sizesKnown();
    await person.start();
    await person.sees(1, 'running');
    await person.press('Pause');
    await person.sees(1, 'paused');
    const bar = (await person.app.evaluate(({ log }) => log, null)).findLast(({ what }) => what === 'progressBar');
    expect(bar?.value).toMatchObject({ mode: 'paused' });
    await person.press('Resume');
    await person.sees(1, 'running');
    await person.press('Cancel');
    const before = Date.now();
    await person.press('Cancel the batch');
    await person.page.getByRole('button', { name: /^Enhance/ }).waitFor();
    // The bar is a second; that nothing went on to its end is seen below.
    expect(Date.now() - before).toBeLessThan(10_000);
    await person.sees(1, 'cancelled');
    await person.page.getByRole('listbox', { name: 'Photos' }).press('Control+a');
    await person.page.getByRole('listbox', { name: 'Photos' }).press('r');
    await person.start();
    await person.sees(larger.length, 'done');
    expect((await readdir(join(folder, 'enhanced'))).length).toBe(larger.length);
  });

  it('finishes a photo whose worker was killed, loses nothing else and writes the same', async () => {
    const folder = await photoFolder(larger);
    person = await Person.at({ arguments: [folder] });
    await person.sees(larger.length, 'queued');
    await person.sizesKnown();
    await person.page.evaluate(`tessera.invoke('settings:update', { workers: 1 })`);
    await person.start();
    await person.until(
      `[...document.querySelectorAll('[data-state=running]')].some((row) => parseInt(row.querySelector('.state').textContent) > 5)`,
    );
    const pidOf = () =>
      person!.app.evaluate(({ _workers }) => _workers().find(({ name }) => name === 'Tessera worker')?.pid, null);
    const killed = await pidOf();
    expect(killed).toBeGreaterThan(0);
    process.kill(killed!, 'SIGKILL');
    await person.sees(larger.length, 'done');
    expect(await pidOf()).not.toBe(killed);
    expect(await person.rowsIn('failed').count()).toBe(0);
    const byHand = await mkdtemp(join(tmpdir(), 'tessera-cli-'));
    execFileSync(process.execPath, [cli, 'enhance', ...larger.map((photo) => join(folder, photo)), '--out', byHand], {
      stdio: 'pipe',
    });
    for (const name of await readdir(byHand)) {
      const [ours, theirs] = [await readFile(join(folder, 'enhanced', name)), await readFile(join(byHand, name))];
      expect(ours.equals(theirs), name).toBe(true);
    }
  });

  it('retries all that failed once their files are whole, and shows only those in between', async () => {
    const folder = await photoFolder(samplePhotos, true);
    await writeFile(join(folder, 'worse.png'), '');
    person = await Person.at({ arguments: [folder] });
    await person.sees(2, 'failed');
    await person.sizesKnown();
    await person.page.getByRole('radio', { name: 'Failed 2' }).click();
    await person.until(`document.querySelectorAll('[data-job]').length === 2`);
    await person.page.getByRole('radio', { name: 'Waiting' }).click();
    await person.until(`document.querySelectorAll('[data-job]').length === ${samplePhotos.length}`);
    await person.page.getByRole('radio', { name: /^All/ }).click();
    await cp(join(samples, 'dandelions.jpg'), join(folder, 'broken.jpg'));
    await cp(join(samples, 'sunset.png'), join(folder, 'worse.png'));
    await person.press('Retry 2 failed');
    await person.sees(samplePhotos.length + 2, 'queued');
    await person.page.keyboard.press('Control+Enter');
    await person.sees(samplePhotos.length + 2, 'done');
  });

  it('loses only the photos in sight when all are selected and removed', async () => {
    person = await Person.at({ arguments: [await photoFolder(samplePhotos, true)] });
    await person.sees(1, 'failed');
    await person.sizesKnown();
    const list = person.page.getByRole('listbox', { name: 'Photos' });
    await list.press('Control+a');
    await person.page.getByRole('radio', { name: 'Failed 1' }).click();
    await person.until(`document.querySelectorAll('[data-job]').length === 1`);
    await list.press('Control+a');
    await list.press('Delete');
    await person.page.getByRole('radio', { name: `All ${samplePhotos.length}` }).click();
    await person.sees(samplePhotos.length, 'queued');
  });

  it('says when it ends, keeps the machine awake meanwhile, and asks before it is quit', async () => {
    person = await Person.at({ arguments: [await photoFolder(larger)] });
    await person.sees(larger.length, 'queued');
    await person.sizesKnown();
    await person.start();
    await person.sees(1, 'running');
    await person.app.evaluate(({ app, BrowserWindow }) => {
      app.quit();
      BrowserWindow.getAllWindows()[0]?.close();
    }, null);
    await person.sees(larger.length, 'done');
    const log = await person.app.evaluate(({ log }) => log, null);
    expect(log).toContainEqual({ what: 'notification', value: { title: 'Batch finished', body: '3 enhanced.' } });
    const kinds = log.map(({ what }) => what);
    expect(kinds.filter((kind) => kind === 'dialog.showMessageBox')).toHaveLength(2);
    expect(kinds.indexOf('powerSaveBlocker.stop')).toBeGreaterThan(kinds.indexOf('powerSaveBlocker.start'));
    const bars = log.flatMap(({ what, value }) =>
      what === 'progressBar' ? (value as { fraction: number }).fraction : [],
    );
    expect(bars.at(-1)).toBe(-1);
    expect(bars.slice(0, -1)).toEqual(bars.slice(0, -1).toSorted((a, b) => a - b));
    expect(bars.length).toBeGreaterThan(3);
  });
});
