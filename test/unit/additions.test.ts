import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { findPhotos } from '../../main/desktop/additions.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';

async function files(folder: string, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), '');
  }
}

/** A list of photos, as the window's batch keeps it. */
function list() {
  const paths: string[] = [];
  const add = (from: readonly string[], out?: string): ReturnType<typeof findPhotos> =>
    findPhotos(
      from,
      out ?? null,
      (path) => paths.includes(path),
      (found) => {
        paths.push(...found.map(({ path }) => path));
      },
    );
  return { paths, add };
}

it('adds a photo once that one drop names twice', async () => {
  await using folder = await temporaryFolder();
  await files(folder.path, 'a.jpg', 'b.jpg');
  const { paths, add } = list();
  expect(await add([folder.path, join(folder.path, 'a.jpg')])).toMatchObject({ added: 2, alreadyThere: 1 });
  expect(paths).toEqual(['a.jpg', 'b.jpg'].map((name) => join(folder.path, name)));
});

it('adds a photo once that two searches at a time find', async () => {
  await using folder = await temporaryFolder();
  await files(folder.path, 'a.jpg', 'b.jpg');
  const { paths, add } = list();
  const reports = await Promise.all([add([folder.path]), add([folder.path])]);
  expect(paths).toHaveLength(2);
  expect(reports.map(({ added, alreadyThere }) => added + alreadyThere)).toEqual([2, 2]);
  expect(reports[0].added + reports[1].added).toBe(2);
});

it('passes over folders of earlier results, wherever results go now, and takes one that is asked for', async () => {
  await using folder = await temporaryFolder();
  await files(folder.path, 'a.jpg', 'sub/b.jpg', 'sub/enhanced/b-x4.jpg');
  for (const out of [undefined, join(folder.path, 'elsewhere')]) {
    const { paths, add } = list();
    expect(await add([folder.path], out)).toMatchObject({ added: 2, resultFolders: 1, notPhotos: 0 });
    expect(paths).toEqual(['a.jpg', 'sub/b.jpg'].map((name) => join(folder.path, name)));
    await add([join(folder.path, 'sub/enhanced')], out);
    expect(paths).toHaveLength(3);
  }
});

it('tells photos that cannot be read from files that are none', async () => {
  await using folder = await temporaryFolder();
  await files(folder.path, 'a.jpg', 'b.heic', 'sub/c.HEIC', 'd.cr2', 'notes.txt', '.hidden.jpg');
  const report = await list().add([folder.path]);
  expect(report).toMatchObject({ added: 1, notPhotos: 2, unreadable: { photos: 3, formats: ['CR2', 'HEIC'] } });
});

it('counts no file in an empty folder', async () => {
  await using folder = await temporaryFolder();
  expect(await list().add([folder.path])).toMatchObject({ added: 0, notPhotos: 0 });
});

it('counts once what lies in a folder and in one inside it', async () => {
  await using folder = await temporaryFolder();
  await files(folder.path, 'sub/a.jpg', 'sub/b.heic', 'sub/enhanced/a-x4.jpg', 'sub/notes.txt');
  const report = await list().add([folder.path, join(folder.path, 'sub')]);
  expect(report).toMatchObject({
    added: 1,
    alreadyThere: 1,
    notPhotos: 1,
    resultFolders: 1,
    unreadable: { photos: 1 },
  });
});
