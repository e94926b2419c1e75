/** The photo that all are measured on, and how near a result comes to its original. */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { samplePhoto } from '../seams.ts';

/** How many times all of them enlarge. */
export const SCALE = 4;

/** A photo with a known original. */
export interface TestPhoto {
  readonly description: string;
  /** The truth, `SCALE` times as large as the photo; PNG. */
  readonly original: string;
  /** What is enlarged; PNG. */
  readonly path: string;
  /** Of the enlarged photo. */
  readonly megapixels: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Width and height of what is enlarged. */
export interface PhotoSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A size such as 640x480. */
export function parseSize(text: string): PhotoSize {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (width === undefined || height === undefined) throw new Error(`Expected a size such as 640x480, not ${text}`);
  return { widthPx: Number(width), heightPx: Number(height) };
}

/**
 * Reduces an original with bicubic interpolation.
 *
 * @param source a photo, taken whole; or the size of what is enlarged, for which two of the sample photos side by side
 *   are repeated as mirror images until they are large enough
 */
export async function makePhoto(folder: string, source: string | PhotoSize): Promise<TestPhoto> {
  const whole = typeof source === 'string' ? sharp(source).autoOrient() : await sheet(source);
  const flat = await whole.toColourspace('srgb').removeAlpha().png().toBuffer({ resolveWithObject: true });
  const [widthPx, heightPx] = [flat.info.width, flat.info.height].map((px) => Math.floor(px / SCALE)) as [
    number,
    number,
  ];
  const large = { left: 0, top: 0, width: widthPx * SCALE, height: heightPx * SCALE };
  const [original, path] = [join(folder, 'original.png'), join(folder, 'photo.png')];
  await sharp(flat.data).extract(large).toFile(original);
  await sharp(original).resize(widthPx, heightPx, { fit: 'fill', kernel: 'cubic' }).toFile(path);
  const what = typeof source === 'string' ? 'a photo' : `the sample photos ${SAMPLES.join(' and ')} side by side`;
  const sizes = `${large.width} × ${large.height}, reduced by ${SCALE} to ${widthPx} × ${heightPx}`;
  return {
    description: `${what}, ${sizes} with bicubic interpolation`,
    original,
    path,
    megapixels: (large.width * large.height) / 1e6,
    widthPx,
    heightPx,
  };
}

const SAMPLES = ['friends.jpg', 'brushes.jpg'];

/** The samples side by side, repeated as mirror images. */
async function sheet({ widthPx, heightPx }: PhotoSize): Promise<ReturnType<typeof sharp>> {
  const upright = await Promise.all(
    SAMPLES.map((name) => sharp(samplePhoto(name)).autoOrient().toColourspace('srgb').toBuffer()),
  );
  const joined = await sharp(upright, { join: { across: SAMPLES.length } })
    .png()
    .toBuffer({ resolveWithObject: true });
  const [right, bottom] = [widthPx * SCALE - joined.info.width, heightPx * SCALE - joined.info.height];
  const repeats = { right: Math.max(0, right), bottom: Math.max(0, bottom), extendWith: 'mirror' } as const;
  const extended = await sharp(joined.data).extend(repeats).png().toBuffer();
  return sharp(extended).extract({ left: 0, top: 0, width: widthPx * SCALE, height: heightPx * SCALE });
}

/** Copies of the photo in a folder of their own. */
export async function copies(photo: TestPhoto, folder: string, count: number): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const paths = Array.from({ length: count }, (_, index) => join(folder, `photo-${index}.png`));
  for (const path of paths) await copyFile(photo.path, path);
  return paths;
}

async function rgbOf(path: string): Promise<{ data: Buffer; width: number; height: number }> {
  const image = sharp(path).toColourspace('srgb').removeAlpha();
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** PSNR in dB on the luma of BT.601 (16…235), `SCALE` pixels cut off each side. */
export async function psnrDb(result: string, original: string): Promise<number> {
  const [one, other] = [await rgbOf(result), await rgbOf(original)];
  if (one.width !== other.width || one.height !== other.height) {
    throw new Error(`Expected ${other.width} × ${other.height} but received ${one.width} × ${one.height}`);
  }
  let squares = 0;
  let count = 0;
  for (let y = SCALE; y < one.height - SCALE; y += 1) {
    for (let x = SCALE; x < one.width - SCALE; x += 1) {
      const at = (y * one.width + x) * 3;
      const step = (channel: number): number => one.data[at + channel]! - other.data[at + channel]!;
      squares += ((65.481 * step(0) + 128.553 * step(1) + 24.966 * step(2)) / 255) ** 2;
      count += 1;
    }
  }
  return 10 * Math.log10((255 ** 2 * count) / squares);
}

/** How far another program's result is from ours, in 255ths. */
export interface Difference {
  /** Mean absolute difference of all samples. */
  readonly all: number;
  /** Of those that ours has neither at 0 nor at 255, where nothing is clipped. */
  readonly unclipped: number;
  /** Share of samples that are more than half the range apart: values beyond it that came back at its other end. */
  readonly wrapped: number;
}

/** Compares two results of one network. */
export async function differenceOf(own: string, theirs: string): Promise<Difference> {
  const [one, other] = [await rgbOf(own), await rgbOf(theirs)];
  if (one.width !== other.width || one.data.length !== other.data.length) throw new Error('Expected one size');
  let [all, unclipped, inside, wrapped] = [0, 0, 0, 0];
  for (const [at, value] of one.data.entries()) {
    const difference = Math.abs(value - other.data[at]!);
    all += difference;
    if (difference > 127) wrapped += 1;
    if (value === 0 || value === 255) continue;
    unclipped += difference;
    inside += 1;
  }
  return { all: all / one.data.length, unclipped: unclipped / inside, wrapped: wrapped / one.data.length };
}
