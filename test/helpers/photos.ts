/** Small pictures with everything that a photo may carry, made on the spot. */
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';

export interface PictureOptions {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly channels?: 1 | 2 | 3 | 4;
  readonly depth?: 8 | 16;
  readonly seed?: number;
}

/** Samples of a picture with smooth ramps, hard edges and noise; native byte order. */
export function pictureSamples(options: PictureOptions): Uint8Array | Uint16Array {
  const { widthPx, heightPx, channels = 3, depth = 8, seed = 1 } = options;
  const white = depth === 8 ? 255 : 65_535;
  const samples =
    depth === 8 ? new Uint8Array(widthPx * heightPx * channels) : new Uint16Array(widthPx * heightPx * channels);
  let state = Math.imul(seed, 2_654_435_761) | 1;
  for (let at = 0; at < samples.length; at += 1) {
    const c = at % channels;
    const x = Math.floor(at / channels) % widthPx;
    const y = Math.floor(at / channels / widthPx);
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    const ramp = (x + (c + 1) * y) / (widthPx + (c + 1) * heightPx);
    const checks = (Math.floor(x / 7) + Math.floor(y / 5)) % 2 === 0 ? 0.25 : -0.2;
    const noise = ((state >>> 16) / 65_536 - 0.5) * 0.1;
    samples[at] = Math.round(white * Math.min(1, Math.max(0, ramp + checks + noise)));
  }
  return samples;
}

/** The picture as a sharp instance that keeps 16 bits where there are 16. */
export function picture(options: PictureOptions): Sharp {
  const { widthPx, heightPx, channels = 3, depth = 8 } = options;
  const image = sharp(pictureSamples(options), { raw: { width: widthPx, height: heightPx, channels } });
  const grey = channels < 3;
  return image.toColourspace(depth === 8 ? (grey ? 'b-w' : 'srgb') : grey ? 'grey16' : 'rgb16');
}

/** Writes the picture into a folder, by its name's ending, and returns the path. */
export async function writePicture(folder: string, name: string, options: PictureOptions): Promise<string> {
  const path = join(folder, name);
  await picture(options).toFile(path);
  return path;
}

/** A file's samples as they stand, no profile applied, not turned upright. */
export async function readSamples(path: string, depth: 8 | 16 = 8): Promise<Buffer> {
  const image = sharp(path, { ignoreIcc: true });
  const { space } = await image.metadata();
  return image
    .toColourspace(space)
    .raw({ depth: depth === 8 ? 'uchar' : 'ushort' })
    .toBuffer();
}
