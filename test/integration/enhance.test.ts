import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { meanPixel, type BorderFill } from '../../main/engine/border.ts';
import { loadTileModel } from '../../main/engine/adapters/ort-model.ts';
import type { TileModel } from '../../main/engine/ports.ts';
import { loadGraph } from '../../models/load-graph.ts';
import { outcomeOf, testEnhancer } from '../helpers/enhancer.ts';
import { pictureSamples, readSamples, writePicture } from '../helpers/photos.ts';
import { untiled } from '../helpers/tile-picture.ts';

async function openModel(form: Parameters<typeof loadGraph>[1]): Promise<TileModel> {
  const model = await loadTileModel(await loadGraph({ modelId: 'quicksrnet-l-x4' }, form), {
    provider: 'cpu',
    threads: 1,
  });
  if (!model.ok) throw new Error(model.error.message);
  return model.value;
}

function largestDifference(a: Uint8Array | Uint16Array, b: Uint8Array | Uint16Array): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let at = 0; at < a.length; at += 1) largest = Math.max(largest, Math.abs(a[at]! - b[at]!));
  return largest;
}

describe('enhancing a photo', () => {
  it.each(['reflect', 'edge', 'mean'] as const)(
    'writes exactly the untiled result in int8, with the border %s',
    async (border) => {
      await using enhancer = await testEnhancer({ spec: { border, tilePx: 64 } });
      const image = { widthPx: 131, heightPx: 97 };
      const source = await writePicture(enhancer.folder, 'photo.png', image);
      const [job] = await enhancer.run([source]);
      expect(outcomeOf(job).precision).toBe('int8');
      const fill: BorderFill = border === 'mean' ? { kind: 'constant', pixel: meanPixel(3, 1) } : { kind: border };
      const model = await openModel({ precision: 'int8', padding: 'same' });
      const whole = await untiled(await readSamples(source), image, model, 13, fill);
      expect(largestDifference(await readSamples(enhancer.outputOf(source)), whole)).toBe(0);
    },
  );

  it('stays within 1/255 of the untiled result in fp32', async () => {
    await using enhancer = await testEnhancer({ spec: { precision: 'fp32', tilePx: 64 } });
    const image = { widthPx: 90, heightPx: 70 };
    const source = await writePicture(enhancer.folder, 'photo.png', image);
    const [job] = await enhancer.run([source]);
    expect(outcomeOf(job).precision).toBe('fp32');
    const model = await openModel({ precision: 'fp32', padding: 'same' });
    const whole = await untiled(await readSamples(source), image, model, 13, { kind: 'reflect' });
    expect(largestDifference(await readSamples(enhancer.outputOf(source)), whole)).toBeLessThanOrEqual(1);
  });

  it('keeps sixteen bits, alpha and all, within 2/65535 of the untiled result', async () => {
    await using enhancer = await testEnhancer({ spec: { tilePx: 64 } });
    const options = { widthPx: 70, heightPx: 61, channels: 4, depth: 16 } as const;
    const samples = pictureSamples(options);
    // Nothing fully transparent or opaque: hidden colours and such areas are changed on purpose, as other tests look at.
    for (let at = 3; at < samples.length; at += 4) samples[at] = Math.min(Math.max(samples[at]!, 9_000), 65_000);
    const source = join(enhancer.folder, 'photo.png');
    await sharp(samples, { raw: { width: 70, height: 61, channels: 4 } })
      .toColourspace('rgb16')
      .toFile(source);
    const [job] = await enhancer.run([source]);
    expect(outcomeOf(job).precision).toBe('fp32');
    const result = enhancer.outputOf(source);
    expect(await sharp(result).metadata()).toMatchObject({ width: 280, height: 244, channels: 4, depth: 'ushort' });
    const got = new Uint16Array(new Uint8Array(await readSamples(result, 16)).buffer);
    const whole = async (channels: 1 | 3, from: number): Promise<Uint16Array> => {
      const plane = Uint16Array.from(
        { length: 70 * 61 * channels },
        (_, at) => samples[Math.floor(at / channels) * 4 + from + (at % channels)]!,
      );
      const model = await openModel({ precision: 'fp32', padding: 'same', sampleBits: 16, channels });
      return new Uint16Array(
        (await untiled(new Uint8Array(plane.buffer), options, model, 13, { kind: 'reflect' })).buffer,
      );
    };
    const [colour, alpha] = [await whole(3, 0), await whole(1, 3)];
    expect(
      largestDifference(
        got.filter((_, at) => at % 4 < 3),
        colour,
      ),
    ).toBeLessThanOrEqual(2);
    expect(
      largestDifference(
        got.filter((_, at) => at % 4 === 3),
        alpha,
      ),
    ).toBeLessThanOrEqual(2);
    // Sixteen real bits: eight-bit values would all be multiples of 257.
    expect(got.some((value) => value % 257 !== 0)).toBe(true);
  });

  it('encodes a JPEG strip by strip, and it is what one encoded from the whole result is', async () => {
    const spooled = new Set<string>();
    await using enhancer = await testEnhancer({
      format: 'jpeg',
      spec: { tilePx: 64 },
      onJob: (_, { kind }) => {
        if (kind !== 'strip-done') return;
        for (const name of readdirSync(enhancer.scratchFolder, { recursive: true, encoding: 'utf8' })) {
          spooled.add(basename(name).replace(/\d+/g, 'N'));
        }
      },
    });
    await using exact = await testEnhancer({ spec: { tilePx: 64 } });
    const source = await writePicture(enhancer.folder, 'photo.png', { widthPx: 131, heightPx: 397 });
    outcomeOf((await enhancer.run([source]))[0]);
    outcomeOf((await exact.run([source]))[0]);
    const whole = await sharp(exact.outputOf(source)).jpeg({ quality: 92, optimiseCoding: false }).toBuffer();
    const result = await sharp(enhancer.outputOf(source), { failOn: 'warning' }).raw().toBuffer();
    expect(largestDifference(result, await sharp(whole).raw().toBuffer())).toBe(0);
    // Beside the parts only what the first one's encoder is working on, where another strip is done before it.
    const bands = [...spooled].filter((name) => name.includes('band'));
    expect(bands).toContain('N-band-N.jpeg-part');
    expect(bands.filter((name) => !name.startsWith('N-band-N.jpeg-part'))).toEqual([]);
  });

  it('turns a photo upright and keeps its profile, EXIF and XMP', async () => {
    await using enhancer = await testEnhancer({ format: 'jpeg' });
    const source = join(enhancer.folder, 'camera.jpg');
    await sharp(pictureSamples({ widthPx: 80, heightPx: 48 }), { raw: { width: 80, height: 48, channels: 3 } })
      .withIccProfile('p3')
      .withExif({ IFD0: { Copyright: 'A photographer', Orientation: '6' }, IFD2: { LensModel: 'A lens' } })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>')
      .withMetadata({ orientation: 6, icc: 'p3' })
      .jpeg()
      .toFile(source);
    const before = await sharp(source).metadata();
    expect(before).toMatchObject({ orientation: 6, width: 80 });
    const [job] = await enhancer.run([source]);
    outcomeOf(job);
    const after = await sharp(enhancer.outputOf(source)).metadata();
    expect(after).toMatchObject({ width: 48 * 4, height: 80 * 4, orientation: 1 });
    expect(after.icc).toEqual(before.icc);
    expect(after.xmpAsString).toBe(before.xmpAsString);
    expect(after.exif?.includes('A photographer')).toBe(true);
    expect(after.exif?.includes('A lens')).toBe(true);
    // Upright: the result, made small again, is the source as its tag says it is to be shown.
    const shown = await sharp(source, { autoOrient: true, ignoreIcc: true }).raw().toBuffer();
    const small = await sharp(enhancer.outputOf(source), { ignoreIcc: true }).resize(48, 80).raw().toBuffer();
    const mean = shown.reduce((sum, value, at) => sum + Math.abs(value - small[at]!), 0) / shown.length;
    expect(mean).toBeLessThan(6);
  });

  it.each([
    ['grey.jpg', { channels: 1 }, { channels: 1, space: 'b-w', depth: 'uchar' }],
    ['grey16.png', { channels: 1, depth: 16 }, { channels: 1, space: 'grey16', depth: 'ushort' }],
    ['cutout.png', { channels: 4 }, { channels: 4, space: 'srgb', depth: 'uchar', hasAlpha: true }],
    ['grey-cutout.png', { channels: 2 }, { channels: 2, space: 'b-w', hasAlpha: true }],
  ] as const)('gives %s the kind of pixels that it had', async (name, options, expected) => {
    await using enhancer = await testEnhancer();
    const source = await writePicture(enhancer.folder, name, { widthPx: 40, heightPx: 32, ...options });
    const [job] = await enhancer.run([source]);
    outcomeOf(job);
    expect(await sharp(enhancer.outputOf(source)).metadata()).toMatchObject({ width: 160, height: 128, ...expected });
  });

  it('draws nothing of the colours under transparency into the visible edge', async () => {
    await using enhancer = await testEnhancer();
    const write = async (name: string, hidden: number): Promise<string> => {
      const pixels = new Uint8Array(48 * 48 * 4).fill(hidden);
      for (let at = 0; at < pixels.length; at += 4) {
        const [x, y] = [(at / 4) % 48, Math.floor(at / 4 / 48)];
        if ((x - 24) ** 2 + (y - 24) ** 2 < 300) pixels.set([230, 120, 40, 255], at);
        else pixels[at + 3] = 0;
      }
      const path = join(enhancer.folder, name);
      await sharp(pixels, { raw: { width: 48, height: 48, channels: 4 } }).toFile(path);
      return path;
    };
    const [black, white] = [await write('black.png', 0), await write('white.png', 255)];
    await enhancer.run([black, white]);
    const [one, other] = [await readSamples(enhancer.outputOf(black)), await readSamples(enhancer.outputOf(white))];
    let visible = 0;
    for (let at = 0; at < one.length; at += 4) {
      if (one[at + 3]! < 8) continue;
      visible += 1;
      expect(Math.abs(one[at]! - 230) + Math.abs(one[at + 1]! - 120) + Math.abs(one[at + 2]! - 40)).toBeLessThan(30);
      expect(one.subarray(at, at + 4)).toEqual(other.subarray(at, at + 4));
    }
    expect(visible).toBeGreaterThan(10_000);
  });

  it.each([
    ['8', 255, 'srgb', 'int8'],
    ['16', 65535, 'rgb16', 'fp32'],
  ] as const)(
    'keeps what is wholly clear or wholly opaque just that, in %s bits',
    async (bits, white, space, precision) => {
      // S has no anchor: left to itself it gives a few steps of 255 where there is nothing.
      await using enhancer = await testEnhancer({ spec: { modelId: 'quicksrnet-s-x4', tilePx: 64 } });
      const [width, height] = [150, 130];
      const pixels = new (bits === '8' ? Uint8Array : Uint16Array)(width * height * 4);
      for (let at = 0; at < pixels.length; at += 1) {
        const [x, y] = [Math.floor(at / 4) % width, Math.floor(at / 4 / width)];
        const alpha = x + y < 90 ? 0 : x + y < 100 ? white / 3 : white;
        pixels[at] = at % 4 === 3 ? alpha : (x * y * 7) % white;
      }
      const source = join(enhancer.folder, 'cutout.png');
      await sharp(pixels, { raw: { width, height, channels: 4 } })
        .toColourspace(space)
        .toFile(source);
      const [job] = await enhancer.run([source]);
      expect(outcomeOf(job).precision).toBe(precision);
      const result = await readSamples(enhancer.outputOf(source), bits === '8' ? 8 : 16);
      const samples = bits === '8' ? result : new Uint16Array(new Uint8Array(result).buffer);
      const found = { clear: new Set<number>(), opaque: new Set<number>(), edge: new Set<number>() };
      for (let at = 3; at < samples.length; at += 4) {
        const pixel = Math.floor(at / 4);
        const [x, y] = [Math.floor((pixel % (width * 4)) / 4), Math.floor(pixel / (width * 16))];
        // One source pixel further than the edge itself.
        const kind = x + y < 88 ? 'clear' : x + y > 101 ? 'opaque' : 'edge';
        found[kind].add(samples[at]!);
      }
      expect([...found.clear]).toEqual([0]);
      expect([...found.opaque]).toEqual([white]);
      expect(found.edge.size).toBeGreaterThan(20);
    },
  );

  it('converts CMYK to sRGB and leaves its profile behind', async () => {
    await using enhancer = await testEnhancer();
    const source = join(enhancer.folder, 'print.jpg');
    const red = { create: { width: 40, height: 40, channels: 3, background: '#c02020' } } as const;
    await sharp(red).withIccProfile('cmyk').toColourspace('cmyk').jpeg({ quality: 100 }).toFile(source);
    expect((await sharp(source).metadata()).space).toBe('cmyk');
    const [job] = await enhancer.run([source]);
    outcomeOf(job);
    const after = await sharp(enhancer.outputOf(source)).metadata();
    expect(after).toMatchObject({ space: 'srgb', channels: 3, hasProfile: false });
    const [r = 0, g = 0, b = 0] = (await readSamples(enhancer.outputOf(source))).subarray(0, 3);
    expect(Math.abs(r - 0xc0) + Math.abs(g - 0x20) + Math.abs(b - 0x20)).toBeLessThan(60);
  });
});

describe('a batch with bad files in it', () => {
  it('names each with a code, finishes the rest, leaves sources alone and nothing lying around', async () => {
    await using enhancer = await testEnhancer({ format: 'jpeg' });
    const { folder } = enhancer;
    const good = await writePicture(folder, 'good.jpg', { widthPx: 50, heightPx: 40 });
    const bytes = await readFile(good);
    const write = async (name: string, content: Uint8Array | string): Promise<string> => {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    };
    const bomb = Buffer.from(
      await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    );
    bomb.writeUInt32BE(100_000, 16);
    bomb.writeUInt32BE(100_000, 20);
    await mkdir(join(folder, 'folder.jpg'));
    const animation = join(folder, 'moving.gif');
    await sharp([good, await sharp(good).negate().png().toBuffer()], { join: { animated: true } }).toFile(animation);
    const sources = [
      [await write('truncated.jpg', bytes.subarray(0, bytes.length / 2)), 'damaged-image'],
      [await write('text.jpg', 'This is no picture.'), 'not-an-image'],
      [await write('empty.png', ''), 'file-empty'],
      [await write('bomb.png', bomb), 'too-many-pixels'],
      [join(folder, 'folder.jpg'), 'not-a-file'],
      [join(folder, 'gone.jpg'), 'file-missing'],
      [animation, 'animated'],
    ] as const;
    const hash = async (): Promise<string> =>
      createHash('sha256')
        .update(await readFile(good))
        .digest('hex');
    const before = await hash();
    const jobs = await enhancer.run([...sources.map(([path]) => path), good]);
    const codes = jobs.map(({ state }) => (state.kind === 'failed' ? state.failure.code : state.kind));
    expect(codes).toEqual([...sources.map(([, code]) => code), 'done']);
    for (const { state } of jobs) if (state.kind === 'failed') expect(state.failure.message).toMatch(/^[A-Z].+\.$/);
    expect(await hash()).toBe(before);
    expect(await readdir(enhancer.outFolder)).toEqual(['good-x4.jpeg']);
    expect(await readdir(enhancer.scratchFolder)).toEqual([]);
  });

  it('never replaces a file that is in the way, unless told to', async () => {
    await using careful = await testEnhancer();
    const source = await writePicture(careful.folder, 'photo.png', { widthPx: 20, heightPx: 20 });
    await mkdir(careful.outFolder);
    await writeFile(careful.outputOf(source), 'precious');
    const [job] = await careful.run([source]);
    expect(job?.state).toMatchObject({ kind: 'failed', failure: { code: 'file-exists' } });
    expect(await readFile(careful.outputOf(source), 'utf8')).toBe('precious');
    expect(await readdir(careful.outFolder)).toEqual(['photo-x4.png']);

    await using bold = await testEnhancer({ mayOverwrite: true });
    await mkdir(bold.outFolder);
    await writeFile(bold.outputOf(source), 'expendable');
    outcomeOf((await bold.run([source]))[0]);
    expect((await sharp(bold.outputOf(source)).metadata()).width).toBe(80);
  });

  it('says so when the output folder cannot be made', async () => {
    await using enhancer = await testEnhancer();
    const source = await writePicture(enhancer.folder, 'photo.png', { widthPx: 20, heightPx: 20 });
    await writeFile(enhancer.outFolder, 'a file where the folder should be');
    const [job] = await enhancer.run([source]);
    expect(job?.state).toMatchObject({ kind: 'failed', failure: { code: 'not-writable' } });
  });
});
