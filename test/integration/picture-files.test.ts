import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { failure, success, type Result } from '../../main/engine/errors.ts';
import type { PreviewRequest } from '../../main/previews/messages.ts';
import { PictureShelf } from '../../main/previews/picture-files.ts';
import { makePicture } from '../../main/previews/worker/pictures.ts';
import { writePyramid } from '../../main/previews/worker/pyramid.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';
import { picture } from '../helpers/photos.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let files: string;
let asked: PreviewRequest['kind'][];
beforeEach(async () => {
  folder = await temporaryFolder();
  files = join(folder.path, 'files');
  await mkdir(files);
  asked = [];
});
afterEach(() => folder[Symbol.asyncDispose]());

async function make(request: PreviewRequest): Promise<Result<void>> {
  asked.push(request.kind);
  return makePicture(request).then(
    () => success(undefined),
    (error: unknown) => failure('preview-failed', String(error)),
  );
}

async function photo(name: string): Promise<string> {
  const path = join(folder.path, name);
  await picture({ widthPx: 600, heightPx: 300 }).toFile(path);
  return path;
}

it('makes a picture’s files once for all who show it, and keeps them for who comes back', async () => {
  const shelf = new PictureShelf(files, make, 256);
  const source = await photo('a.png');
  const [one, other] = [await shelf.open(source), await shelf.open(source)];
  const tile = await one.tile('2/0_0.jpeg');
  expect(await other.tile('2/0_0.jpeg')).toBe(tile);
  expect(await sharp(tile).metadata()).toMatchObject({ width: 256, height: 256 });
  expect(await sharp(await other.overview()).metadata()).toMatchObject({ width: 256, height: 128 });
  one.release();
  other.release();
  expect(await (await shelf.open(source)).tile('2/2_1.jpeg')).toContain('2_1.jpeg');
  expect(asked).toEqual(['pyramid', 'thumbnail']);
});

it('makes them anew when the file has changed, and after they could not be made', async () => {
  const shelf = new PictureShelf(files, make, 256);
  const source = await photo('a.png');
  (await shelf.open(source)).release();
  await (await shelf.open(source)).overview();
  await utimes(source, 1, 1);
  await (await shelf.open(source)).overview();
  expect(asked).toHaveLength(2);
  const damaged = join(folder.path, 'damaged.png');
  await writeFile(damaged, 'no picture');
  await utimes(damaged, 1, 1);
  const failed = await shelf.open(damaged);
  expect(await failed.overview()).toBeUndefined();
  expect(await failed.tile('0/0_0.jpeg')).toBeUndefined();
  failed.release();
  await picture({ widthPx: 50, heightPx: 50 }).toFile(damaged);
  await utimes(damaged, 1, 1);
  expect(await (await shelf.open(damaged)).overview()).toBeDefined();
});

it('removes the pictures that nobody has shown for longest, and none that is on show', async () => {
  const shelf = new PictureShelf(files, make, 256);
  const shown = await shelf.open(await photo('shown.png'));
  const kept = await shown.overview();
  for (let index = 0; index < 10; index += 1) {
    const one = await shelf.open(await photo(`${index}.png`));
    await one.overview();
    one.release();
  }
  await expect.poll(async () => (await readdir(files)).length).toBe(7);
  expect(await readdir(files)).toContain(kept!.slice(files.length + 1));
});

it('gives a tile as soon as it is there, while others are still made', async () => {
  let finish = (): void => undefined;
  const slowly = async (request: PreviewRequest): Promise<Result<void>> => {
    if (request.kind !== 'pyramid') return make(request);
    const path = join(`${request.target}_files`, '3/0_0.jpeg');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'the first tile');
    await new Promise<void>((done) => (finish = done));
    return success(undefined);
  };
  const one = await new PictureShelf(files, slowly, 256).open(await photo('a.png'));
  expect(await one.tile('3/0_0.jpeg')).toContain('0_0.jpeg');
  const late = one.tile('3/9_9.jpeg');
  expect(await Promise.race([late, new Promise((done) => setTimeout(done, 300, 'waits'))])).toBe('waits');
  finish();
  expect(await late).toBeUndefined();
});

it('leaves nothing of tiles that could not be finished, whoever stopped', async () => {
  // As a process does that ends in the middle, in either build of sharp.
  const halfway = async (request: PreviewRequest): Promise<Result<void>> => {
    if (request.kind !== 'pyramid') return make(request);
    const path = join(`${request.target}-making_files`, '3/0_0.jpeg');
    await mkdir(dirname(path), { recursive: true });
    for (const file of [path, `${request.target}-making.dzi`, `${request.target}-pixels.v`]) await writeFile(file, '');
    return failure('preview-failed', 'The process ended.');
  };
  const shelf = new PictureShelf(files, halfway, 256);
  const other = join(files, 'another-picture.jpg');
  await writeFile(other, '');
  const one = await shelf.open(await photo('a.png'));
  expect(await one.tile('3/0_0.jpeg')).toBeUndefined();
  expect(await readdir(files)).toHaveLength(4);
  one.release();
  await expect.poll(() => readdir(files)).toEqual(['another-picture.jpg']);
});

it('leaves nothing of tiles that got no place', async () => {
  const target = join(files, 'picture');
  await mkdir(join(`${target}_files`, 'in the way'), { recursive: true });
  await expect(makePicture({ kind: 'pyramid', source: await photo('a.png'), target, tilePx: 256 })).rejects.toThrow();
  expect(await readdir(files)).toEqual(['picture_files']);
});

it('leaves no decoded pixels where its tiles cannot be made', async () => {
  const pixels = join(files, 'picture.v');
  await picture({ widthPx: 300, heightPx: 200 }).toFile(pixels);
  await writeFile(join(files, 'levels'), 'a file where the folder should be');
  const size = { widthPx: 300, heightPx: 200 };
  await expect(writePyramid(size, pixels, join(files, 'levels'), 64, () => Promise.resolve())).rejects.toThrow();
  expect(await readdir(files)).toEqual(['levels']);
});
