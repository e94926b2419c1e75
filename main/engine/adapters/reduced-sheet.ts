/** A picture whose original is known: samples side by side, reduced. */
import type { Sharp } from 'sharp';
import { failure, success, type Result } from '../errors.ts';
import type { Size } from '../geometry.ts';
import type { SheetRequest } from '../ports.ts';
import { loadSharp } from './sharp-build.ts';

/**
 * Lays out the samples, writes the sheet, and reduces it with bicubic interpolation.
 *
 * @returns the reduced picture's size, or `sheet-failed` where a sample is missing or the disk is full
 */
export async function makeReducedSheet(request: SheetRequest): Promise<Result<Size>> {
  const { factor, originalPath, reducedPath } = request;
  const sharp = await loadSharp();
  try {
    const { width, height } = await (await layOut(request)).png().toFile(originalPath);
    const reduced = { widthPx: Math.round(width / factor), heightPx: Math.round(height / factor) };
    await sharp(originalPath)
      .resize(reduced.widthPx, reduced.heightPx, { fit: 'fill', kernel: 'cubic' })
      .png()
      .toFile(reducedPath);
    return success(reduced);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failure('sheet-failed', `The sample photos cannot be made into a test picture: ${reason}`);
  }
}

/** The samples' middles side by side, and all of that beside itself. */
async function layOut({ samples, cell, columns, repeats }: SheetRequest): Promise<Sharp> {
  const sharp = await loadSharp();
  // One picture alone is nothing to join.
  const joined = (pictures: Buffer[], across: number): Sharp =>
    pictures.length === 1 ? sharp(pictures[0]) : sharp(pictures, { join: { across } });
  const middleOf = async (path: string): Promise<Buffer> => {
    const upright = sharp(path).autoOrient().toColourspace('srgb').removeAlpha().png();
    const { data, info } = await upright.toBuffer({ resolveWithObject: true });
    const left = Math.floor((info.width - cell.widthPx) / 2);
    const top = Math.floor((info.height - cell.heightPx) / 2);
    return sharp(data).extract({ left, top, width: cell.widthPx, height: cell.heightPx }).png().toBuffer();
  };
  const sheet = await joined(await Promise.all(samples.map(middleOf)), columns)
    .png()
    .toBuffer();
  const copies = Array.from({ length: repeats.across * repeats.down }, (_, index) => {
    const [x, y] = [index % repeats.across, Math.floor(index / repeats.across)];
    return sharp(sheet)
      .flop(x % 2 === 1)
      .flip(y % 2 === 1)
      .png()
      .toBuffer();
  });
  return joined(await Promise.all(copies), repeats.across);
}
