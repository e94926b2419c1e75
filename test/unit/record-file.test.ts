import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRecordFile, type RecordFile } from '../../main/settings/record-file.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';

function fileAt(path: string): RecordFile<number> {
  return createRecordFile<number>({
    path,
    parse: (value) => (Array.isArray(value) ? (value as number[]) : undefined),
    pack: (records) => records,
    what: 'The test',
  });
}

it('loses none of the changes that are made at once', async () => {
  await using folder = await temporaryFolder();
  const file = fileAt(join(folder.path, 'records.json'));
  const results = await Promise.all([1, 2, 3].map((one) => file.change((all) => [...all, one])));
  expect(results.every(({ ok }) => ok)).toBe(true);
  expect(await file.load()).toEqual([1, 2, 3]);
});

it('keeps a file that it cannot understand under another name before it writes', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'records.json');
  await writeFile(path, '{"version": 9}');
  const file = fileAt(path);
  expect(await file.load()).toEqual([]);
  expect(await readdir(folder.path)).toEqual(['records.json']);
  await file.change(() => [7]);
  expect(await file.load()).toEqual([7]);
  const [kept] = (await readdir(folder.path)).filter((name) => name !== 'records.json');
  expect(await readFile(join(folder.path, kept!), 'utf8')).toBe('{"version": 9}');
});

it('leaves alone what it cannot read, and says what to check', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'records.json');
  // A folder in the file's place reads for nobody, root included.
  await mkdir(path);
  await chmod(path, 0o500);
  const changed = await fileAt(path).change(() => [1]);
  expect(changed).toMatchObject({ ok: false, error: { code: 'settings-unwritable' } });
  expect(await readdir(folder.path)).toEqual(['records.json']);
});
