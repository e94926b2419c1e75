/** A picture whose original is known: samples side by side, reduced. */
import { failure, success, type Result } from '../errors.ts';
import type { Size } from '../geometry.ts';
import type { SheetRequest } from '../ports.ts';
import { loadSharp } from './sharp-build.ts';

/**
 * Lays out the samples, writes the sheet, and reduces it with bicubic interpolation.
 *
 * @returns the reduced picture's size, or `sample-missing`
 */
export async function makeReducedSheet(request: SheetRequest): Promise<Result<Size>> {
  const { samples, cell, columns, repeats, factor, originalPath, reducedPath } = request;
  const sharp = await loadSharp();
  try {
    const cells = await Promise.all(
      samples.map(async (path) => {
        const { data, info } = await sharp(path).autoOrient().toColourspace('srgb').removeAlpha().png().toBuffer({
          resolveWithObject: true,
        });
        const [left, top] = [info.width - cell.widthPx, info.height - cell.heightPx].map((px) => Math.floor(px / 2));
        const place = { left: left!, top: top!, width: cell.widthPx, height: cell.heightPx };
        return sharp(data).extract(place).png().toBuffer();
      }),
    );
    const sheet = await sharp(cells, { join: { across: columns } })
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
    const { width, height } = await sharp(await Promise.all(copies), { join: { across: repeats.across } })
      .png()
      .toFile(originalPath);
    const reduced = { widthPx: Math.round(width / factor), heightPx: Math.round(height / factor) };
    await sharp(originalPath)
      .resize(reduced.widthPx, reduced.heightPx, { fit: 'fill', kernel: 'cubic' })
      .png()
      .toFile(reducedPath);
    return success(reduced);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failure('sample-missing', 'The sample photos cannot be read. Install again.', { reason });
  }
}
