import { link, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { linesOf, tessera, type Ended } from '../helpers/command-line.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';
import { writePicture } from '../helpers/photos.ts';

const eventsOf = (ended: Ended): { kind: string; [key: string]: unknown }[] => linesOf(ended);

describe('tessera enhance', () => {
  it('enhances a tree of folders, keeps it, and ends with 1 where a photo failed', async () => {
    await using folder = await temporaryFolder();
    const photos = join(folder.path, 'Fotos ü');
    await mkdir(join(photos, 'Sommer'), { recursive: true });
    await writePicture(photos, 'a.png', { widthPx: 30, heightPx: 20 });
    await writePicture(join(photos, 'Sommer'), 'b.jpg', { widthPx: 20, heightPx: 30 });
    await writeFile(join(photos, 'broken.jpg'), 'no picture');
    const out = join(folder.path, 'out');
    const ended = await tessera(['enhance', photos, '--recursive', '--out', out, '--json']);
    expect(ended.exitCode).toBe(1);
    expect(await sharp(join(out, 'a-x4.png')).metadata()).toMatchObject({ width: 120, height: 80 });
    expect(await sharp(join(out, 'Sommer', 'b-x4.jpg')).metadata()).toMatchObject({ width: 80, height: 120 });
    const events = eventsOf(ended);
    expect(events.at(-1)).toMatchObject({ kind: 'batch-ended', done: 2, failed: 1, interrupted: false });
    const failed = events.filter(({ kind }) => kind === 'photo-failed');
    expect(failed).toMatchObject([{ path: join(photos, 'broken.jpg'), failure: { code: 'not-an-image' } }]);
  });

  it('resizes to the size that was asked for and skips what is there', async () => {
    await using folder = await temporaryFolder();
    const photo = await writePicture(folder.path, 'photo.png', { widthPx: 40, heightPx: 30 });
    const out = join(folder.path, 'out');
    const args = [
      'enhance',
      photo,
      '--out',
      out,
      '--long-edge',
      '100',
      '--format',
      'webp',
      '--name',
      '{name}_{width}.{ext}',
    ];
    expect((await tessera(args)).exitCode).toBe(0);
    const result = join(out, 'photo_100.webp');
    expect(await sharp(result).metadata()).toMatchObject({ width: 100, height: 75, format: 'webp' });
    const again = await tessera([...args, '--skip-existing', '--json']);
    expect(again.exitCode).toBe(0);
    expect(eventsOf(again).map(({ kind }) => kind)).toContain('photo-skipped');
    const refused = await tessera(args);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('file-exists');
  });

  it('never takes the place of a photo, not even through a link to its folder', async () => {
    await using folder = await temporaryFolder();
    const photos = join(folder.path, 'photos');
    await mkdir(photos);
    const photo = await writePicture(photos, 'photo.png', { widthPx: 20, heightPx: 20 });
    const before = await readFile(photo);
    await symlink(photos, join(folder.path, 'link'));
    const args = ['enhance', photo, '--out', join(folder.path, 'link'), '--name', '{name}.{ext}', '--overwrite'];
    const ended = await tessera(args);
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain('output-is-source');
    // A second name for the same file: only the file itself can tell.
    const hard = join(folder.path, 'hard');
    await mkdir(hard);
    await link(photo, join(hard, 'photo.png'));
    const other = await tessera(['enhance', photo, '--out', hard, '--name', '{name}.{ext}', '--overwrite']);
    expect(other.stderr).toContain('output-is-source');
    expect(await readFile(photo)).toEqual(before);
    expect(await readdir(photos)).toEqual(['photo.png']);
  });

  it('writes nothing in a dry run, and says what it would write', async () => {
    await using folder = await temporaryFolder();
    const photo = await writePicture(folder.path, 'photo.png', { widthPx: 40, heightPx: 30 });
    const out = join(folder.path, 'out');
    const ended = await tessera(['enhance', photo, '--out', out, '--dry-run']);
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain(join(out, 'photo-x4.png'));
    expect(ended.stdout).toContain('160×120');
    expect(await readdir(folder.path)).toEqual(['photo.png']);
  });

  it('ends with 130 when it is interrupted, and leaves nothing half done', async () => {
    await using folder = await temporaryFolder();
    const photo = await writePicture(folder.path, 'large.png', { widthPx: 1500, heightPx: 1500 });
    const out = join(folder.path, 'out');
    const ended = await tessera(['enhance', photo, '--out', out, '--json'], { interruptAt: 'photo-progress' });
    expect(ended.exitCode).toBe(130);
    expect(eventsOf(ended).at(-1)).toMatchObject({ kind: 'batch-ended', done: 0, interrupted: true });
    expect(await readdir(folder.path)).toEqual(['large.png']);
  });

  it.each([
    [['enhance'], /photo|file/i],
    [['enhance', 'x.jpg', '--tile', '7'], /tile/i],
    [['enhance', 'x.jpg', '--model', 'no-such-model'], /no-such-model/],
    [['nonsense'], /nonsense/],
  ])('ends with 2 for %j', async (args, message) => {
    const ended = await tessera(args);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toMatch(message);
  });
});

describe('tessera inspect', () => {
  it('says size, strips, tiles, halo, memory and disk beforehand', async () => {
    await using folder = await temporaryFolder();
    const photo = await writePicture(folder.path, 'photo.png', { widthPx: 300, heightPx: 200 });
    const ended = await tessera(['inspect', photo, '--tile', '126', '--json']);
    expect(ended.exitCode).toBe(0);
    expect(eventsOf(ended)).toMatchObject([
      {
        result: { widthPx: 1200, heightPx: 800, format: 'png' },
        modelId: 'quicksrnet-l-x4',
        strips: 2,
        tiles: 6,
        tilePx: { widthPx: 126, heightPx: 126 },
        haloPx: 13,
        spoolBytes: 300 * 200 * 3 * 17,
      },
    ]);
    expect(await readdir(folder.path)).toEqual(['photo.png']);
    // The strips of a JPEG are compressed as they come, the first rows by way of a file; not where the result is made smaller afterwards.
    const asJpeg = await tessera(['inspect', photo, '--format', 'jpeg', '--json']);
    expect(eventsOf(asJpeg)).toMatchObject([{ spoolBytes: 300 * 200 * (3 + 16 * (1.25 + 3)) }]);
    const smaller = await tessera(['inspect', photo, '--format', 'jpeg', '--scale', '3.5', '--json']);
    expect(eventsOf(smaller)).toMatchObject([{ spoolBytes: 300 * 200 * 3 * 17 }]);
  });
});

describe('tessera inspect of a photo that will lose something', () => {
  it('says what', async () => {
    await using folder = await temporaryFolder();
    const cmyk = join(folder.path, 'cmyk.tif');
    const pixels = { width: 60, height: 40, channels: 3, background: '#a63' } as const;
    await sharp({ create: pixels }).toColourspace('cmyk').tiff().toFile(cmyk);
    const ended = await tessera(['inspect', cmyk, '--model', 'quicksrnet-s-x4']);
    expect(ended.stdout).toMatch(/^loses {3}its colour space: the result is sRGB$/m);
    const deep = join(folder.path, 'deep.png');
    await sharp({ create: { ...pixels, channels: 4 } })
      .toColourspace('rgb16')
      .png()
      .toFile(deep);
    const asJpeg = await tessera(['inspect', deep, '--model', 'quicksrnet-s-x4', '--format', 'jpeg']);
    expect(asJpeg.stdout.match(/^loses.*$/gm)).toHaveLength(2);
    expect((await tessera(['inspect', deep, '--model', 'quicksrnet-s-x4'])).stdout).not.toContain('loses');
  });
});

describe('a file that a command is to write at its end', () => {
  it.each([
    ['enhance --trace', (photo: string) => ['enhance', photo, '--trace', join(photo, 'trace.json')]],
    ['enhance --trace FOLDER', (photo: string) => ['enhance', photo, '--trace', dirname(photo)]],
    ['bench --trace', (photo: string) => ['bench', '--trace', join(photo, 'trace.json')]],
    ['bench --paper --write', (photo: string) => ['bench', '--paper', '--write', photo]],
  ])('and cannot be written is told of before any work begins: %s', async (_, argsOf) => {
    await using home = await temporaryFolder();
    const photo = await writePicture(home.path, 'photo.png', { widthPx: 30, heightPx: 20 });
    const ended = await tessera([...argsOf(photo), '--model', 'quicksrnet-s-x4'], { home: home.path });
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^.* cannot be written \(.*\)\. Name another place\. \(file-unwritable\)\n$/);
    expect(await readdir(home.path)).toEqual(['photo.png']);
  });
});
