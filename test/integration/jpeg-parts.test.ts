import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinJpegParts, writeJpegPart } from '../../main/engine/adapters/jpeg-parts.ts';
import { decodePlane, encodeBands, probePhoto } from '../../main/engine/adapters/sharp-codec.ts';
import { writeBand } from '../../main/engine/adapters/spool-file.ts';
import { intervalOf, rowUnitFor } from '../../main/engine/jpeg-strips.ts';
import type { Result } from '../../main/engine/errors.ts';
import { bytesPerPixel, planesOf } from '../../main/engine/planes.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';

const quality = 90;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.message} (${result.error.code})`);
  return result.value;
}

/** A small photo with a profile, EXIF and XMP, and its enlargement's pixels. */
async function photoOf(name: string, channels: 1 | 3, widthPx: number, heightPx: number) {
  const path = join(folder.path, name);
  const exif = { IFD0: { Artist: 'Somebody' }, IFD2: { PixelXDimension: '7', PixelYDimension: '7' } };
  await sharp({ create: { width: 9, height: 7, channels: 3, background: '#a53' } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .withExif(exif)
    .withXmp(
      '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"/><?xpacket end="w"?>',
    )
    .withIccProfile(channels === 1 ? 'srgb' : 'p3')
    .jpeg()
    .toFile(path);
  const info = valueOf(await probePhoto(path));
  const plane = planesOf(info, 'jpeg')[0]!;
  const source = {
    path: `${path}.v`,
    format: { widthPx: info.widthPx, heightPx: info.heightPx, bytesPerPixel: bytesPerPixel([plane]) },
  };
  valueOf(await decodePlane(path, info, plane, source.path));
  const pixels = new Uint8Array(widthPx * heightPx * plane.channels);
  for (let at = 0, state = 1; at < pixels.length; at += 1) {
    // Smooth, with grain: what a photo looks like to an encoder.
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    pixels[at] = 128 + 100 * Math.sin(at / 97) + (state >>> 28);
  }
  return { path, info, plane, source, pixels, widthPx, heightPx };
}

type Photo = Awaited<ReturnType<typeof photoOf>>;

/** The result in parts of so many rows, the last part first; the result as a whole. */
async function bothWays({ path, info, plane, source, pixels, widthPx, heightPx }: Photo, stripPx: number) {
  const rowBytes = widthPx * plane.channels;
  const strips = Array.from({ length: Math.ceil(heightPx / stripPx) }, (_, index) => ({
    start: index * stripPx,
    end: Math.min(heightPx, (index + 1) * stripPx),
  }));
  const intervalPx = intervalOf(widthPx, plane.channels, strips)!;
  const result = { widthPx, heightPx, jpeg: { quality, intervalPx }, info, source, plane };
  const parts = strips.map((_, index) => `${path}-part-${index}`);
  for (const [index, rows] of [...strips.entries()].reverse()) {
    const own = pixels.subarray(rows.start * rowBytes, rows.end * rowBytes);
    valueOf(await writeJpegPart(result, rows, own, parts[index]!));
  }
  joinJpegParts(parts, `${path}-joined.jpg`);
  const band = { path: `${path}-band.v`, widthPx, heightPx, topPx: 0, channels: plane.channels, carriesMetadata: true };
  await writeBand(source, { ...band, result: { heightPx, path: band.path } }, pixels);
  const output = { path: `${path}-whole.jpg`, format: 'jpeg', quality, mayOverwrite: true, widthPx, heightPx } as const;
  valueOf(await encodeBands([band.path], { widthPx, heightPx }, plane, info, output, output.path));
  return { joined: await readFile(`${path}-joined.jpg`), whole: await readFile(output.path), intervalPx };
}

const pixelsOf = async (jpeg: Buffer): Promise<Buffer> => sharp(jpeg, { failOn: 'warning' }).raw().toBuffer();

const partsOf = async (name: string): Promise<string[]> =>
  (await readdir(folder.path)).filter((file) => file.startsWith(`${name}-part-`)).toSorted();

describe('a JPEG in parts', () => {
  it('has the pixels, and all that came with the photo, of one that is encoded as a whole', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<1 | 3>(1, 3),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 6 }),
        async (channels, widthPx, heightPx, units) => {
          const photo = await photoOf(`photo-${(run += 1)}.jpg`, channels, widthPx, heightPx);
          const { joined, whole } = await bothWays(photo, units * 16);
          expect(Buffer.compare(await pixelsOf(joined), await pixelsOf(whole))).toBe(0);
          const [one, other] = [await sharp(joined).metadata(), await sharp(whole).metadata()];
          for (const key of ['width', 'height', 'exif', 'icc', 'xmp', 'density', 'chromaSubsampling'] as const) {
            expect(one[key], key).toEqual(other[key]);
          }
          // EXIF's height is the whole's, not that of the part that carries it.
          expect(one.exif!.includes('Somebody')).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('counts its restart markers around, and loses none of more than eight', async () => {
    const photo = await photoOf('long.jpg', 3, 40, 16 * 21 + 5);
    const { joined, whole, intervalPx } = await bothWays(photo, 16);
    expect(intervalPx).toBe(16);
    expect(Buffer.compare(await pixelsOf(joined), await pixelsOf(whole))).toBe(0);
    const markers = [...joined.entries()].filter(([at, byte]) => {
      const next = joined[at + 1] ?? 0;
      return byte === 0xff && next >= 0xd0 && next <= 0xd7;
    });
    expect(markers.map(([at]) => joined[at + 1]! & 7)).toEqual(Array.from({ length: 21 }, (_, index) => index % 8));
  });

  it.each([1, 3] as const)(
    'is the same where it is too wide to be encoded from memory (%i channels)',
    async (channels) => {
      // The last strip has 27 rows: three bands, and for the others two.
      const photo = await photoOf(`wide-${channels}.jpg`, channels, channels === 1 ? 50_000 : 17_000, 32 + 27);
      const { joined, whole } = await bothWays(photo, 16);
      expect(Buffer.compare(await pixelsOf(joined), await pixelsOf(whole))).toBe(0);
      const [one, other] = [await sharp(joined).metadata(), await sharp(whole).metadata()];
      expect([one.exif, one.icc, one.xmp]).toEqual([other.exif, other.icc, other.xmp]);
      expect(await partsOf(`wide-${channels}.jpg`)).toHaveLength(4);
    },
  );

  it('leaves no file but its parts, in place of what a worker that died left there', async () => {
    const photo = await photoOf('clean.jpg', 3, 64, 64);
    for (const part of [0, 1]) await writeFile(`${photo.path}-part-${part}`, Buffer.alloc(100_000, 0xff));
    const { joined, whole } = await bothWays(photo, 32);
    expect(Buffer.compare(await pixelsOf(joined), await pixelsOf(whole))).toBe(0);
    expect(joined.length).toBeLessThan(100_000);
    expect(await partsOf('clean.jpg')).toEqual(['clean.jpg-part-0', 'clean.jpg-part-1']);
  });

  it('throws what the file system refuses, and leaves nothing', async () => {
    const photo = await photoOf('gone.jpg', 3, 64, 64);
    const { info, plane, widthPx, heightPx, pixels } = photo;
    const source = { ...photo.source, path: `${photo.path}-gone.v` };
    const result = { widthPx, heightPx, jpeg: { quality, intervalPx: 32 }, info, source, plane };
    const written = writeJpegPart(result, { start: 0, end: 64 }, pixels, `${photo.path}-part-0`);
    await expect(written).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await partsOf('gone.jpg')).toEqual([]);
  });
});

describe('intervals', () => {
  it('hold no more than a restart interval can count, and divide strips', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65_535 }),
        fc.constantFrom<1 | 3>(1, 3),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 3200 }),
        (widthPx, channels, units, count, lastPx) => {
          const stripPx = units * 16;
          const strips = Array.from({ length: count }, (_, index) => ({
            start: index * stripPx,
            end: (index + 1) * stripPx,
          }));
          const last = { start: count * stripPx, end: count * stripPx + lastPx };
          const intervalPx = intervalOf(widthPx, channels, [...strips, last])!;
          expect(stripPx % intervalPx).toBe(0);
          const side = channels === 1 ? 8 : 16;
          expect(Math.ceil(widthPx / side) * (intervalPx / side)).toBeLessThan(65_536);
          expect(intervalOf(widthPx, channels, [{ start: 0, end: lastPx }])! % 16).toBe(0);
        },
      ),
    );
  });

  it('of a strip in row units are as few as can be, however wide the picture', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 16_000 }),
        fc.constantFrom(2, 3, 4),
        fc.constantFrom<1 | 3>(1, 3),
        fc.integer({ min: 250, max: 620 }),
        (widthPx, scale, channels, windowPx) => {
          const unit = rowUnitFor(widthPx, scale, channels, windowPx);
          const stripPx = Math.floor(windowPx / unit) * unit * scale;
          const intervalPx = intervalOf(widthPx * scale, channels, [
            { start: 0, end: stripPx },
            { start: stripPx, end: stripPx + 1 },
          ])!;
          const unitsAcross = Math.ceil((widthPx * scale) / (channels === 1 ? 8 : 16));
          const mostPx = Math.floor(65_535 / unitsAcross) * (channels === 1 ? 8 : 16);
          expect(stripPx / intervalPx).toBeLessThanOrEqual(Math.ceil((windowPx * scale) / (mostPx - 15)) + 1);
        },
      ),
    );
  });

  it('are not to be had where strips are no whole blocks', () => {
    expect(
      intervalOf(100, 3, [
        { start: 0, end: 40 },
        { start: 40, end: 80 },
      ]),
    ).toBeUndefined();
    expect([1, 2, 3, 4, 8].map((scale) => rowUnitFor(600, scale, 3, 300))).toEqual([16, 8, 16, 4, 2]);
  });
});
