import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { hasBrowser, Person, photoFolder, samplePhotos } from './window.ts';

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
    for (const [at] of seen)
      expect(seen.filter(([time]) => time >= at && time < at + 1000).length).toBeLessThanOrEqual(11);
  });

  it('is paused, resumed, cancelled within a second, and tried again', async () => {
    const folder = await photoFolder(larger);
    person = await Person.at({ arguments: [folder] });
    await person.sees(larger.length, 'queued');
    await person.sizesKnown();
    await person.start();
    await person.sees(1, 'running');
    await person.press('Pause');
    await person.sees(1, 'paused', 5_000);
    await person.press('Resume');
    await person.sees(1, 'running', 10_000);
    await person.press('Cancel');
    const before = Date.now();
    await person.press('Cancel the batch');
    await person.page.getByRole('button', { name: /^Enhance/ }).waitFor();
    expect(Date.now() - before).toBeLessThan(1000);
    await person.sees(1, 'cancelled');
    await person.page.getByRole('listbox', { name: 'Photos' }).press('Control+a');
    await person.page.getByRole('listbox', { name: 'Photos' }).press('r');
    await person.start();
    await person.sees(larger.length, 'done');
    expect((await readdir(join(folder, 'enhanced'))).length).toBe(larger.length);
  });

  it('finishes a photo whose worker was killed', async () => {
    const folder = await photoFolder(larger);
    person = await Person.at({ arguments: [folder] });
    await person.sees(larger.length, 'queued');
    await person.sizesKnown();
    await person.start();
    await person.sees(1, 'running');
    const killed = await person.app.evaluate(({ _workers }) => {
      const pid = _workers().find((worker) => worker.name === 'Tessera worker')?.pid;
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      return pid;
    }, null);
    expect(killed).toBeGreaterThan(0);
    await person.sees(larger.length, 'done');
    for (const name of await readdir(join(folder, 'enhanced'))) {
      expect((await stat(join(folder, 'enhanced', name))).size).toBeGreaterThan(10_000);
    }
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
  });
});
