/** Runs a whole picture through the engine's plan, strips and tiles, in memory. */
import { fillStrip, paddedStripBytes, type BorderFill, type PaddedStrip } from '../../main/engine/border.ts';
import { spanLength, type Size } from '../../main/engine/geometry.ts';
import { inferStrip } from '../../main/engine/pipeline.ts';
import { makePlan, type Plan, type PlanRequest, type Strip } from '../../main/engine/plan.ts';
import type { TileModel } from '../../main/engine/ports.ts';
import { averageOverlaps, keepInterior, outputStripBytes } from '../../main/engine/tiles.ts';

export type TilePictureOptions = Omit<PlanRequest, 'image' | 'scale' | 'bytesPerPixel'> & { readonly fill: BorderFill };

/** Cuts, infers and joins a picture; throws what a plan or model fails with. */
export async function tilePicture(
  pixels: Uint8Array,
  image: Size,
  model: TileModel,
  options: TilePictureOptions,
): Promise<{ plan: Plan; result: Uint8Array }> {
  const bytesPerPixel = model.channels * model.bytesPerSample;
  const planned = makePlan({ ...options, image, scale: model.scale, bytesPerPixel });
  if (!planned.ok) throw new Error(planned.error.code);
  const plan = planned.value;
  const result = new Uint8Array(image.widthPx * image.heightPx * model.scale ** 2 * bytesPerPixel);
  const rowBytes = image.widthPx * bytesPerPixel;
  let at = 0;
  for (const strip of plan.strips) {
    const source = readStrip(plan, strip, bytesPerPixel);
    if (source.bytes.length > options.budget.sourceBytes) throw new Error('The source strip exceeds its budget.');
    fillStrip(source, image, options.fill, (rows, into) => {
      into.set(pixels.subarray(rows.start * rowBytes, rows.end * rowBytes));
    });
    const output = {
      bytes: new Uint8Array(outputStripBytes(plan, strip, bytesPerPixel)),
      bytesPerPixel,
      pixelStrideBytes: bytesPerPixel,
      offsetBytes: 0,
      rows: strip.rows,
    };
    if (output.bytes.length > options.budget.outputBytes) throw new Error('The output strip exceeds its budget.');
    const tileInput = new Uint8Array(plan.tile.widthPx * plan.tile.heightPx * bytesPerPixel);
    const grown = (px: number): number => (px - 2 * model.marginPx) * model.scale;
    const tileOutput = new Uint8Array(grown(plan.tile.widthPx) * grown(plan.tile.heightPx) * bytesPerPixel);
    const sink =
      plan.tiling === 'average'
        ? averageOverlaps(plan, output, model.bytesPerSample)
        : keepInterior(plan, model.marginPx, output);
    const bound = model.bind(plan.tile, tileInput, tileOutput);
    const work = { plan, strip, source, model: bound, tileInput, tileOutput, sink, now: () => 0 };
    const ran = await inferStrip(work, new AbortController().signal, () => undefined);
    if (!ran.ok) throw new Error(ran.error.message);
    result.set(output.bytes, at);
    at += output.bytes.length;
  }
  if (at !== result.length) throw new Error('The strips do not make up the picture.');
  return { plan, result };
}

function readStrip(plan: Plan, strip: Strip, bytesPerPixel: number): PaddedStrip {
  return {
    bytes: new Uint8Array(paddedStripBytes(strip.sourceRows, plan.sourceColumns, bytesPerPixel)),
    strideBytes: spanLength(plan.sourceColumns) * bytesPerPixel,
    bytesPerPixel,
    rows: strip.sourceRows,
    columns: plan.sourceColumns,
  };
}

/**
 * The definition of *untiled*: the whole picture padded by the halo, pixel by pixel, run once, cropped.
 * Shares no padding or copying code with the engine.
 */
export async function untiled(
  pixels: Uint8Array,
  image: Size,
  model: TileModel,
  haloPx: number,
  fill: BorderFill,
): Promise<Uint8Array> {
  const bpp = model.channels * model.bytesPerSample;
  const wide = image.widthPx + 2 * haloPx;
  const high = image.heightPx + 2 * haloPx;
  const padded = new Uint8Array(wide * high * bpp);
  for (let y = 0; y < high; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      const sx = bordered(x - haloPx, image.widthPx, fill);
      const sy = bordered(y - haloPx, image.heightPx, fill);
      for (let b = 0; b < bpp; b += 1) {
        const outside = sx === undefined || sy === undefined;
        padded[(y * wide + x) * bpp + b] =
          outside && fill.kind === 'constant' ? fill.pixel[b]! : pixels[(sy! * image.widthPx + sx!) * bpp + b]!;
      }
    }
  }
  const shown = { widthPx: wide - 2 * model.marginPx, heightPx: high - 2 * model.marginPx };
  const output = new Uint8Array(shown.widthPx * shown.heightPx * model.scale ** 2 * bpp);
  const ran = await model.bind({ widthPx: wide, heightPx: high }, padded, output).run();
  if (!ran.ok) throw new Error(ran.error.message);
  return crop(output, shown.widthPx * model.scale, (haloPx - model.marginPx) * model.scale, image, model.scale, bpp);
}

/** The image index that stands at `index`, walking mirrored steps one by one; undefined where a constant stands. */
function bordered(index: number, length: number, fill: BorderFill): number | undefined {
  if (index >= 0 && index < length) return index;
  if (fill.kind === 'constant') return undefined;
  if (fill.kind === 'edge') return index < 0 ? 0 : length - 1;
  let at = index;
  while (at < 0 || at >= length) at = length === 1 ? 0 : at < 0 ? -at : 2 * (length - 1) - at;
  return at;
}

function crop(from: Uint8Array, fromWidth: number, edge: number, image: Size, scale: number, bpp: number): Uint8Array {
  const width = image.widthPx * scale;
  const result = new Uint8Array(width * image.heightPx * scale * bpp);
  for (let y = 0; y < image.heightPx * scale; y += 1) {
    const start = ((y + edge) * fromWidth + edge) * bpp;
    result.set(from.subarray(start, start + width * bpp), y * width * bpp);
  }
  return result;
}
