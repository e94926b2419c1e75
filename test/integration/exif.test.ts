import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import exifReader from 'exifreader';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { exifOfBlock } from '../../main/engine/exif.ts';
import type { OutputFormat } from '../../main/engine/ports.ts';
import { outcomeOf, testEnhancer } from '../helpers/enhancer.ts';
import { jpegPhoto, tiffPhoto, tiffStructure, type ByteOrder, type TagValue } from '../helpers/exif-files.ts';

const entries = new Map<number, TagValue>([
  [0x010f, { text: 'Acme' }],
  [0x0110, { text: 'M' }],
  [0x011a, { rationals: [[600, 1]] }],
  [0x011b, { rationals: [[600, 1]] }],
  [0x0128, { shorts: [2] }],
  [0x013b, { text: 'José Müller' }],
  [0x8298, { text: '© 日本' }],
  [
    0x8769,
    {
      folder: new Map<number, TagValue>([
        [0x829a, { rationals: [[1, 125]] }],
        [0x8827, { shorts: [200] }],
        [0x9003, { text: '2020:01:02 03:04:05' }],
        [0xa002, { shorts: [8] }],
        [0xa003, { shorts: [6] }],
        [0xa434, { text: 'Großer Zoom 24–70' }],
      ]),
    },
  ],
  [
    0x8825,
    {
      folder: new Map<number, TagValue>([
        [1, { text: 'N' }],
        [2, { rationals: [[48, 1], [6, 1], [0, 1]] }], // prettier-ignore
        [3, { text: 'E' }],
        [4, { rationals: [[11, 1], [30, 1], [0, 1]] }], // prettier-ignore
        [5, { bytes: [0] }],
      ]),
    },
  ],
]);

/** What another program reads in a file. */
async function told(path: string): Promise<Record<string, unknown>> {
  const { exif, gps } = exifReader.load(await readFile(path), { expanded: true });
  const said = (name: string): unknown => (exif as Record<string, { description: unknown }>)[name]?.description;
  const names = [
    'Make',
    'Model',
    'Artist',
    'Copyright',
    'ExposureTime',
    'ISOSpeedRatings',
    'DateTimeOriginal',
    'LensModel',
  ];
  return {
    ...Object.fromEntries(names.map((name) => [name, said(name)])),
    perInch: exif?.XResolution?.value,
    place: [gps?.Latitude, gps?.Longitude],
  };
}

const everything = {
  Make: 'Acme',
  Model: 'M',
  Artist: 'José Müller',
  Copyright: '© 日本',
  ExposureTime: '1/125',
  ISOSpeedRatings: 200,
  DateTimeOriginal: '2020:01:02 03:04:05',
  LensModel: 'Großer Zoom 24–70',
  perInch: [600, 1],
  place: [48.1, 11.5],
};

const formats: readonly OutputFormat[] = ['jpeg', 'png', 'webp', 'tiff', 'avif'];

const orders: readonly ByteOrder[] = ['II', 'MM'];

it.each(formats)('EXIF of JPEGs and TIFFs of either byte order comes through into a %s', async (format) => {
  await using enhancer = await testEnhancer({ format });
  const write = async (name: string, bytes: Buffer | Promise<Buffer>): Promise<string> => {
    const path = join(enhancer.folder, name);
    await writeFile(path, await bytes);
    return path;
  };
  const photos = orders.flatMap((order) => [
    write(`camera-${order}.jpg`, jpegPhoto(order, 8, 6, entries)),
    write(`scan-${order}.tif`, tiffPhoto(order, 8, 6, entries)),
  ]);
  const sources = await Promise.all(photos);
  for (const source of sources) expect(await told(source)).toEqual(everything);
  for (const job of await enhancer.run(sources)) outcomeOf(job);
  for (const source of sources) {
    const result = enhancer.outputOf(source);
    expect(await told(result)).toEqual(everything);
    expect(await sharp(result).metadata()).toMatchObject({ width: 32, height: 24 });
  }
});

it('keeps a name that is not in UTF-8 byte for byte', async () => {
  await using enhancer = await testEnhancer({ format: 'jpeg' });
  const name = Buffer.from('Jos\u00e9 M\u00fcller', 'latin1');
  const source = join(enhancer.folder, 'old.jpg');
  await writeFile(source, await jpegPhoto('II', 8, 6, new Map([[0x013b, { text: name }]])));
  outcomeOf((await enhancer.run([source]))[0]);
  expect((await readFile(enhancer.outputOf(source))).includes(name)).toBe(true);
});

it('tells a TIFF’s size in its JPEG as it is now', async () => {
  await using enhancer = await testEnhancer({ format: 'jpeg' });
  const source = join(enhancer.folder, 'photo.tif');
  await writeFile(source, tiffPhoto('MM', 8, 6, entries));
  outcomeOf((await enhancer.run([source]))[0]);
  const { exif } = exifReader.load(await readFile(enhancer.outputOf(source)), { expanded: true });
  expect([exif?.PixelXDimension?.value, exif?.PixelYDimension?.value]).toEqual([32, 24]);
});

it('turns a TIFF upright, and says so', async () => {
  await using enhancer = await testEnhancer({ format: 'tiff' });
  const source = join(enhancer.folder, 'turned.tif');
  await writeFile(source, tiffPhoto('II', 8, 6, new Map([...entries, [0x0112, { shorts: [6] }]])));
  outcomeOf((await enhancer.run([source]))[0]);
  const result = enhancer.outputOf(source);
  expect(await sharp(result).metadata()).toMatchObject({ width: 24, height: 32, orientation: 1 });
  expect(await told(result)).toEqual(everything);
});

it('enhances a TIFF whose EXIF is damaged, and keeps what can be read', async () => {
  await using enhancer = await testEnhancer({ format: 'tiff' });
  const whole = tiffPhoto('II', 8, 6, entries);
  const source = join(enhancer.folder, 'damaged.tif');
  // The directory of the place now lies beyond the end of the file.
  const pointer = whole.indexOf(Buffer.of(0x25, 0x88, 4, 0, 1, 0, 0, 0));
  whole.writeUInt32LE(0x7fff_fff0, pointer + 8);
  await writeFile(source, whole);
  outcomeOf((await enhancer.run([source]))[0]);
  expect(await told(enhancer.outputOf(source))).toEqual({ ...everything, place: [undefined, undefined] });
});

it('leaves a TIFF without EXIF without', async () => {
  await using enhancer = await testEnhancer({ format: 'tiff' });
  const source = join(enhancer.folder, 'plain.tif');
  await writeFile(source, tiffPhoto('II', 8, 6, new Map()));
  outcomeOf((await enhancer.run([source]))[0]);
  const { exif } = exifReader.load(await readFile(enhancer.outputOf(source)), { expanded: true });
  expect(Object.keys(exif ?? {})).not.toContain('Exif IFD Pointer');
});

describe('a TIFF that tells more than a JPEG holds', () => {
  const rest = Array.from({ length: 70_000 }, (_, n) => n % 251);
  const large = new Map<number, TagValue>([
    [0x010e, { text: 'd'.repeat(66_000) }],
    [0x013b, { text: 'Somebody' }],
    [0x4746, { shorts: [4] }],
    [
      0x8769,
      {
        folder: new Map<number, TagValue>([
          [0x9003, { text: '2020:01:02 03:04:05' }],
          [0x927c, { bytes: rest }],
        ]),
      },
    ],
  ]);
  const written = async (format: OutputFormat): Promise<Buffer> => {
    await using enhancer = await testEnhancer({ format });
    const source = join(enhancer.folder, 'photo.tif');
    await writeFile(source, tiffPhoto('II', 8, 6, large));
    outcomeOf((await enhancer.run([source]))[0]);
    return await readFile(enhancer.outputOf(source));
  };

  it('keeps all of it in another TIFF', async () => {
    const file = await written('tiff');
    const { exif } = exifReader.load(file, { expanded: true });
    expect(exif?.ImageDescription?.description).toHaveLength(66_000);
    expect(exif?.DateTimeOriginal?.description).toBe('2020:01:02 03:04:05');
    expect((exif as Record<string, { value: unknown }>)['Rating']?.value).toBe(4);
    expect(file.includes(Buffer.from(rest))).toBe(true);
  });

  it.each(['jpeg', 'png', 'webp', 'avif'] as const)('keeps what fits in a %s', async (format) => {
    const { exif } = exifReader.load(await written(format), { expanded: true });
    expect(exif?.Artist?.description).toBe('Somebody');
    expect(exif?.DateTimeOriginal?.description).toBe('2020:01:02 03:04:05');
  });
});

it('follows pointers of either type, and takes what stands in the first directory', async () => {
  await using enhancer = await testEnhancer({ format: 'tiff' });
  const photo = tiffPhoto(
    'II',
    8,
    6,
    new Map([...entries, [0x9c9b, { bytes: [65, 0, 0, 0] }], [0x8822, { shorts: [3] }]]),
  );
  const pointer = photo.indexOf(Buffer.of(0x69, 0x87, 4, 0, 1, 0, 0, 0));
  photo.writeUInt16LE(13, pointer + 2);
  const source = join(enhancer.folder, 'typed.tif');
  await writeFile(source, photo);
  outcomeOf((await enhancer.run([source]))[0]);
  const result = enhancer.outputOf(source);
  expect(await told(result)).toEqual(everything);
  const { exif } = exifReader.load(await readFile(result), { expanded: true });
  expect(exif?.ExposureProgram?.value).toBe(3);
});

it('keeps line ends', async () => {
  await using enhancer = await testEnhancer({ format: 'jpeg' });
  const source = join(enhancer.folder, 'lines.jpg');
  await writeFile(source, await jpegPhoto('II', 8, 6, new Map([[0x010e, { text: 'one\r\ntwo' }]])));
  outcomeOf((await enhancer.run([source]))[0]);
  expect((await readFile(enhancer.outputOf(source))).includes('one\r\ntwo')).toBe(true);
});

it('does not take gigabytes for entries that all name the same megabytes', () => {
  const value = Buffer.alloc(4 * 1024 ** 2);
  const head = Buffer.from('II*\0\x08\0\0\0\xe8\x03', 'latin1');
  const row = Buffer.from('\x0e\x01\x07\0\0\0\x40\0\xea\x2e\0\0', 'latin1');
  const rows = Buffer.concat(Array<Buffer>(1000).fill(row));
  const block = Buffer.concat([head, rows, value]);
  const read = exifOfBlock(block);
  expect(read?.main.length).toBe(4);
});

describe('a structure that is not well formed', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['another kind', Buffer.from('GIF89a, and more')],
    ['a directory beyond the end', Buffer.from('II*\0\xff\xff\xff\x7f', 'latin1')],
    ['a directory of itself', tiffStructure('II', new Map([[0x8769, { shorts: [8, 0] }]]))],
  ])('%s is no EXIF', (_, bytes) => {
    expect(exifOfBlock(bytes)).toBeUndefined();
  });
});
