import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import exifReader from 'exifreader';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import * as native from '../../main/engine/adapters/codec-work.ts';
import { readPngTexts } from '../../main/engine/adapters/png-texts.ts';
import type { OutputFormat } from '../../main/engine/ports.ts';
import { passThrough, type Passed } from '../helpers/codec-pass.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';
import { pressPhoto, turnedPhoto } from '../helpers/exif-files.ts';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());

function pass(source: string, format: OutputFormat): Promise<Passed> {
  return passThrough(folder.path, native, 'native', source, format);
}

function pngChunk(type: string, data: string | Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type), Buffer.from(data as string)]);
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32BE(typed.length - 4, 0);
  numbers.writeUInt32BE(crc32(typed), 4);
  return Buffer.concat([numbers.subarray(0, 4), typed, numbers.subarray(4)]);
}

async function pngWithChunks(chunks: readonly Buffer[]): Promise<Buffer> {
  const png = await sharp({ create: { width: 60, height: 40, channels: 3, background: '#456' } })
    .png()
    .toBuffer();
  // Behind the signature and the header.
  return Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)]);
}

/** The tag XResolution of an EXIF block, which libvips writes with the lowest byte first. */
function resolutionOf(exif: Buffer): number {
  const tiff = exif.subarray(exif.indexOf('II'));
  const tag = tiff.indexOf(Buffer.from([0x1a, 0x01, 5, 0, 1, 0, 0, 0]));
  const at = tiff.readUInt32LE(tag + 8);
  return tiff.readUInt32LE(at) / tiff.readUInt32LE(at + 4);
}

describe('what came with a press photo', () => {
  it('comes through into another JPEG: caption and resolution', async () => {
    const source = join(folder.path, 'captioned.jpg');
    await writeFile(source, await pressPhoto());
    expect(await sharp(source).metadata()).toMatchObject({ density: 300 });
    const after = await sharp((await pass(source, 'jpeg')).file).metadata();
    expect(after).toMatchObject({ density: 300 });
    expect(after.iptc?.includes('A caption of the press')).toBe(true);
  });

  it.each(['png', 'tiff', 'webp'] as const)('leaves its resolution in a %s, and no broken caption', async (format) => {
    const source = join(folder.path, 'captioned.jpg');
    await writeFile(source, await pressPhoto());
    const { file } = await pass(source, format);
    const { iptc, density, exif } = await sharp(file).metadata();
    expect(iptc).toBeUndefined();
    // WebP has a place for it in EXIF alone.
    if (format === 'webp') expect(resolutionOf(exif!)).toBe(300);
    else expect(density).toBe(300);
  });

  it('comes through from one TIFF into another', async () => {
    const source = join(folder.path, 'scan.tif');
    const scan = sharp({ create: { width: 60, height: 40, channels: 3, background: '#456' } });
    await scan.tiff({ xres: 600 / 25.4, yres: 600 / 25.4 }).toFile(source);
    const { file } = await pass(source, 'tiff');
    expect(await sharp(file).metadata()).toMatchObject({ density: 600 });
  });

  it('comes through from one PNG into another: its texts, byte for byte', async () => {
    const source = join(folder.path, 'told.png');
    const texts = [
      pngChunk('iTXt', 'parameters\0\0\0\0\0a cat, <masterpiece> & "more"\r\nSteps: 20'),
      pngChunk('iTXt', 'Author\0\0\0de\0Autor\0José 日本'),
      pngChunk('tEXt', Buffer.from('Creation Time\0M\u00e4rz', 'latin1')),
      // Which libvips does not return from, or stops reading at.
      pngChunk('tEXt', 'A"b\0quoted'),
      pngChunk('tEXt', 'R&D <x>\0</meta>'),
      pngChunk('tEXt', ' \0blank'),
    ];
    await writeFile(source, await pngWithChunks(texts));
    const { file } = await pass(source, 'png');
    expect(file.subarray(33).indexOf(Buffer.concat(texts))).toBe(0);
    await sharp(file, { failOn: 'warning' }).stats();
    const jpeg = await pass(source, 'jpeg');
    expect(await sharp(jpeg.file).metadata()).toMatchObject({ format: 'jpeg', width: 60 });
  });

  it('takes of a PNG’s texts what is whole and still true, and no more than programs write', async () => {
    const path = join(folder.path, 'damaged-texts.png');
    const [title, after] = [pngChunk('tEXt', 'Title\0kept'), pngChunk('tEXt', 'Software\0kept too')];
    const huge = pngChunk('tEXt', Buffer.concat([Buffer.from('Comment\0'), Buffer.alloc(17 * 1024 ** 2, 32)]));
    const endless = pngChunk('tEXt', 'Comment\0cut');
    endless.writeUInt32BE(1_000_000, 0);
    const stale = pngChunk('tEXt', 'Raw profile type exif\0of before');
    await writeFile(path, await pngWithChunks([title, huge, stale, after, endless]));
    expect(Buffer.from(readPngTexts(path))).toEqual(Buffer.concat([title, after]));
  });

  it('is not invented', async () => {
    const source = join(folder.path, 'plain.jpg');
    await sharp({ create: { width: 60, height: 40, channels: 3, background: '#456' } }).toFile(source);
    const after = await sharp((await pass(source, 'jpeg')).file).metadata();
    expect([after.exif, after.iptc, after.icc]).toEqual([undefined, undefined, undefined]);
  });
});

describe('what came with a photo that is turned', () => {
  const told = async (file: Buffer) => {
    const { exif, Thumbnail } = exifReader.load(file, { expanded: true });
    const xmp = (await sharp(file).metadata()).xmpAsString;
    return {
      exif: [exif?.Orientation?.value, exif?.Make?.description],
      xmp: xmp?.match(/(?<=tiff:\w+=")[^"]*/g)?.join(' '),
      thumbnail: Thumbnail?.image !== undefined,
    };
  };
  const formats = ['jpeg', 'png', 'webp', 'tiff', 'avif'] as const;
  const before = { exif: [6, 'Acme'], xmp: '6 Ácme', thumbnail: true };

  it.each(formats)('says in a %s that it is upright, and has no thumbnail that is not', async (format) => {
    const source = join(folder.path, 'turned.jpg');
    await writeFile(source, await turnedPhoto(100, 50, 6));
    expect(await told(await readFile(source))).toEqual(before);
    const { file } = await pass(source, format);
    expect(await sharp(file).metadata()).toMatchObject({ width: 50, height: 100 });
    expect(await told(file)).toEqual({ exif: [1, 'Acme'], xmp: '1 Ácme', thumbnail: false });
  });

  it.each(['png', 'webp'] as const)('says so where it was a %s', async (format) => {
    const source = join(folder.path, `turned.${format}`);
    const turned = sharp(await turnedPhoto(100, 50, 6));
    await turned.keepExif().keepXmp().toFile(source);
    expect(await told(await readFile(source))).toEqual(before);
    const { file } = await pass(source, 'jpeg');
    expect(await told(file)).toEqual({ exif: [1, 'Acme'], xmp: '1 Ácme', thumbnail: false });
  });

  it('keeps its thumbnail where it was upright already', async () => {
    const source = join(folder.path, 'upright.jpg');
    await writeFile(source, await turnedPhoto(100, 50, 1));
    const { file } = await pass(source, 'jpeg');
    expect(await told(file)).toEqual({ exif: [1, 'Acme'], xmp: '1 Ácme', thumbnail: true });
  });
});
