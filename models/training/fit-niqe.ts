/**
 * Fits NIQE's pristine model, `main/engine/quality/pristine.json`, by the very code that scores:
 *
 *     node models/training/fit-niqe.ts /usr/share [--photos niqe-photos.txt] [--out FILE]
 *
 * The folder holds the photos that `niqe-photos.txt` names. Each is reduced by 2, by 3 and by 4, so that the camera's
 * noise, its lens and JPEG vanish. As in the paper, only blocks count that are nearly as sharp as the sharpest of their
 * photo. Beyond that they must be sharp in themselves: many photos are soft everywhere, and with their blocks a picture
 * that was blurred scored no worse than before.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { FEATURE_COUNT } from '../../main/engine/quality/block.ts';
import { readLuma } from '../../main/engine/quality/luma.ts';
import { Moments, squaredDistance } from '../../main/engine/quality/moments.ts';
import { NiqeMeter } from '../../main/engine/quality/niqe.ts';

/** Of the sharpest block's sharpness; the paper finds no difference between 0.6 and 0.9, and this gives most blocks. */
const RELATIVE_SHARPNESS = 0.6;
/** Local deviation, of values in 16…235. */
const LEAST_SHARPNESS = 10;
const REDUCTIONS = [2, 3, 4];
/** A smaller picture shows too little to call a block of it sharp. */
const MINIMUM_SIDE_PX = 300;
const DIGITS = 7;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    photos: { type: 'string', default: here('niqe-photos.txt') },
    out: { type: 'string', default: here('../../main/engine/quality/pristine.json') },
  },
});
const [root] = positionals;
if (root === undefined) throw new Error('Usage: fit-niqe.ts FOLDER [--photos LIST] [--out FILE]');

interface Picked {
  readonly features: Float64Array;
  readonly sharpness: number;
}

/** The sharp blocks of a reduced photo. */
async function sharpBlocksOf(path: string, reduction: number): Promise<readonly Picked[]> {
  const { width, height } = await sharp(path).metadata();
  if (Math.min(width, height) / reduction < MINIMUM_SIDE_PX) return [];
  const { data, info } = await sharp(path)
    .resize(Math.round(width / reduction), Math.round(height / reduction), { kernel: 'cubic', fit: 'fill' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const meter = new NiqeMeter({ widthPx: info.width, heightPx: info.height });
  const blocks: Picked[] = [];
  for (let blockRow = 0; blockRow < meter.blockRows; blockRow += 1) {
    const { start, end } = meter.rowsOf(blockRow);
    const luma = new Uint8Array((end - start) * info.width);
    readLuma(data.subarray(start * info.width * 3, end * info.width * 3), 3, luma);
    meter.add(blockRow, luma, ({ features, sharpness }) => blocks.push({ features: features.slice(), sharpness }));
  }
  const least = blocks.reduce((most, { sharpness }) => Math.max(most, RELATIVE_SHARPNESS * sharpness), LEAST_SHARPNESS);
  return blocks.filter(({ sharpness }) => sharpness > least);
}

const lines = (await readFile(options.photos, 'utf8')).split('\n').map((line) => line.trim());
const names = lines.filter((line) => line !== '' && !line.startsWith('#'));
const moments = new Moments(FEATURE_COUNT);
for (const name of names) {
  const before = moments.count;
  for (const reduction of REDUCTIONS) {
    for (const { features } of await sharpBlocksOf(join(root, name), reduction)) moments.add(features);
  }
  console.log(`${String(moments.count - before).padStart(4)} blocks of ${name}`);
}

const covariance = moments.covariance();
// Throws where the photos were too few for a covariance that can be inverted.
squaredDistance(covariance, moments.mean);
const rounded = (value: number): number => Number(value.toPrecision(DIGITS));
const model = {
  comment: `Fitted by models/training/fit-niqe.ts on ${moments.count} blocks of ${names.length} photos.`,
  mean: Array.from(moments.mean, rounded),
  // Symmetric: its lower triangle, row by row.
  covariance: Array.from({ length: FEATURE_COUNT }, (_, row) =>
    Array.from(covariance.subarray(row * FEATURE_COUNT, row * FEATURE_COUNT + row + 1), rounded),
  ).flat(),
};
await writeFile(options.out, `${JSON.stringify(model)}\n`);
console.log(`${basename(options.out)}: ${moments.count} blocks of ${names.length} photos`);
