/** A spot of a photo as a photo of its own: cut from the whole one's planes, with its real neighbours around it. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PixelSize, Region } from '../../preload/contract/dto.ts';
import { cutPhoto } from '../engine/cut.ts';
import { success, type Result } from '../engine/errors.ts';
import { bytesPerPixel } from '../engine/planes.ts';
import type { PhotoPlan } from '../jobs/resolve.ts';
import type { PreviewRequest, Rectangle } from '../previews/messages.ts';
import type { OpenPhoto } from '../worker/protocol.ts';
import type { Runner } from './runner.ts';

/** The spot with its neighbours as far as the model sees, so that its edge is what it will be in the whole photo. */
export function withMargin(region: Region, marginPx: number, whole: PixelSize): Rectangle {
  const left = Math.max(0, region.leftPx - marginPx);
  const top = Math.max(0, region.topPx - marginPx);
  const right = Math.min(whole.widthPx, region.leftPx + region.widthPx + marginPx);
  const bottom = Math.min(whole.heightPx, region.topPx + region.heightPx + marginPx);
  return { left, top, width: right - left, height: bottom - top };
}

/** Where the spot lies in the enlarged part. */
export function scaledWithin(part: Rectangle, region: Region, scale: number): Rectangle {
  return {
    left: (region.leftPx - part.left) * scale,
    top: (region.topPx - part.top) * scale,
    width: region.widthPx * scale,
    height: region.heightPx * scale,
  };
}

/** The part as a photo whose planes are still to be cut; see `cutsOf`. */
export function partOf(
  whole: OpenPhoto,
  part: Rectangle,
  { spec, target }: PhotoPlan,
  haloPx: number,
  { size, scratchFolder }: Runner,
): Result<OpenPhoto> {
  const stem = join(scratchFolder, `spot-${randomUUID()}`);
  const image: PixelSize = { widthPx: part.width, heightPx: part.height };
  const planes = whole.planes.map((plane, index) => ({ ...plane, sourcePath: `${stem}-${index}.v` }));
  const { scale } = target.model;
  const { budget } = size;
  const cut = cutPhoto({ image, scale, spec, haloPx, budget, planes }, (strip) => `${stem}-band-${strip}.v`);
  return cut.ok ? success({ ...whole, info: { ...whole.info, ...image }, ...cut.value }) : cut;
}

/** What is to be copied of each plane of the whole photo. */
export function cutsOf(whole: OpenPhoto, photo: OpenPhoto): Extract<PreviewRequest, { kind: 'cut' }>['cuts'] {
  return photo.planes.map(({ sourcePath }, index) => {
    const from = whole.planes[index]!;
    return {
      from: { path: from.sourcePath, ...whole.image, bytesPerPixel: bytesPerPixel([from]) },
      target: sourcePath,
    };
  });
}

/** Removes a photo's files. */
export async function discard({ planes, bandPaths }: OpenPhoto): Promise<void> {
  const paths = [...planes.map(({ sourcePath }) => sourcePath), ...bandPaths];
  await Promise.allSettled(paths.map((path) => rm(path, { force: true })));
}
