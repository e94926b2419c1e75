import { lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkResultFile } from '../../main/command/result-file.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';

it('leaves no file behind that was not there, and what was there as it was', async () => {
  await using folder = await temporaryFolder();
  const old = join(folder.path, 'old.json');
  writeFileSync(old, 'old');
  expect(await checkResultFile(join(folder.path, 'new.json'))).toMatchObject({ ok: true });
  expect(await checkResultFile(old)).toMatchObject({ ok: true });
  expect(readdirSync(folder.path)).toEqual(['old.json']);
  expect(readFileSync(old, 'utf8')).toBe('old');
});

it('leaves a link to a file that is still to come', async () => {
  await using folder = await temporaryFolder();
  const link = join(folder.path, 'trace.json');
  symlinkSync('later.json', link);
  expect(await checkResultFile(link)).toMatchObject({ ok: true });
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
});
