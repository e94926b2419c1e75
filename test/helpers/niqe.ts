/** Pictures' luma, and NIQE of it, as the worker computes them. */
import sharp, { type Sharp } from 'sharp';
import type { Size } from '../../main/engine/geometry.ts';
import { readLuma } from '../../main/engine/quality/luma.ts';
import { NiqeMeter, type NiqeScore, type PristineModel } from '../../main/engine/quality/niqe.ts';
import { pristineModel } from '../../main/engine/quality/pristine.ts';

export interface LumaPicture extends Size {
  readonly luma: Uint8Array;
}

/** Rounded luma of a picture, transparency left aside. */
export async function lumaOf(image: Sharp): Promise<LumaPicture> {
  const { data, info } = await image.toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const luma = new Uint8Array(info.width * info.height);
  readLuma(data, 3, luma);
  return { widthPx: info.width, heightPx: info.height, luma };
}

/** A meter that has seen the picture, in rows of blocks. */
export function measured({ luma, ...size }: LumaPicture): NiqeMeter {
  const meter = new NiqeMeter(size);
  for (let blockRow = 0; blockRow < meter.blockRows; blockRow += 1) {
    const { start, end } = meter.rowsOf(blockRow);
    meter.add(blockRow, luma.slice(start * size.widthPx, end * size.widthPx));
  }
  return meter;
}

export function niqeOf(picture: LumaPicture, model: PristineModel = pristineModel): NiqeScore {
  const score = measured(picture).score(model);
  if (!score.ok) throw new Error(score.error.message);
  return score.value;
}

/** The picture with Gaussian noise of this deviation, the same each time. */
export function withNoise(picture: LumaPicture, deviation: number): LumaPicture {
  let state = 1;
  const uniform = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  const luma = picture.luma.map((value) => {
    const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    return Math.min(235, Math.max(16, Math.round(value + deviation * normal)));
  });
  return { ...picture, luma };
}

/** The picture, saved as JPEG and opened again. */
export async function throughJpeg(path: string, quality: number): Promise<LumaPicture> {
  return lumaOf(sharp(await sharp(path).jpeg({ quality }).toBuffer()));
}
