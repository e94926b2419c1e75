/**
 * PSNR, SSIM and NIQE through the whole pipeline, int8 and fp32, over folders of `*_HR.png` and `*_LR.png`:
 *
 *     node test/bench/quality.ts DIR [--model quicksrnet-l-x4] [--sets Set5,Set14] [--tiling dilated] [--tile 192] [--grey]
 *
 * DIR holds a folder a set, with a folder a scale in it (`Set5/x4`). Y is BT.601, 16…235; for PSNR and SSIM `scale`
 * pixels are cut off each side, as is usual in the field. `--grey` makes the sources grey first. NIQE is of the whole
 * result, by our own pristine model.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import type { Tiling } from '../../main/engine/plan.ts';
import { LikenessMeter, type Likeness } from '../../main/engine/quality/likeness.ts';
import { readLuma } from '../../main/engine/quality/luma.ts';
import { checkNiqeSize } from '../../main/engine/quality/niqe.ts';
import { findModel } from '../../models/catalog.ts';
import { outcomeOf, temporaryFolder, testEnhancer } from '../helpers/enhancer.ts';
import { lumaOf, niqeOf } from '../helpers/niqe.ts';

const TILINGS: readonly Tiling[] = ['dilated', 'plain', 'average'];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'quicksrnet-l-x4' },
    sets: { type: 'string', default: 'Set5,Set14' },
    tiling: { type: 'string', default: 'dilated' },
    tile: { type: 'string', default: '192' },
    grey: { type: 'boolean', default: false },
  },
});
const [root] = positionals;
const model = findModel(values.model);
const tiling = TILINGS.find((name) => name === values.tiling);
const tilePx = Number(values.tile);
if (root === undefined || model === undefined || tiling === undefined || !Number.isInteger(tilePx) || tilePx < 1) {
  throw new Error(`Usage: quality.ts DIR [--model ID] [--sets A,B] [--tiling ${TILINGS.join('|')}] [--tile PX]`);
}
const { scale } = model;

/** Luma of a picture in 8 bits, not rounded, without `scale` pixels of each side; row by row. */
async function croppedRows(path: string): Promise<Float64Array[]> {
  const { data, info } = await sharp(path)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Array.from({ length: info.height - 2 * scale }, (_, y) => {
    const row = new Float64Array(info.width - 2 * scale);
    const start = ((y + scale) * info.width + scale) * 3;
    readLuma(data.subarray(start, start + row.length * 3), 3, row);
    return row;
  });
}

async function compare(result: string, truth: string): Promise<Likeness> {
  const [one, other] = [await croppedRows(result), await croppedRows(truth)];
  const meter = new LikenessMeter({ widthPx: one[0]!.length, heightPx: one.length });
  for (const [y, row] of one.entries()) meter.add(row, other[y]!);
  return meter.likeness();
}

/** Undefined for a picture that is too small. */
async function judge(path: string): Promise<number | undefined> {
  const picture = await lumaOf(sharp(path));
  return checkNiqeSize(picture).ok ? niqeOf(picture).niqe : undefined;
}

/** The mean of those that there are, and of how many. */
function mean(numbers: readonly (number | undefined)[], digits: number): string {
  const known = numbers.filter((number) => number !== undefined);
  const text = known.length === 0 ? 'none' : (known.reduce((sum, x) => sum + x, 0) / known.length).toFixed(digits);
  return known.length === numbers.length ? text : `${text} (of ${known.length})`;
}

/** Copies a set's pictures, without their colours. */
async function copyGrey(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    if (name.endsWith('.png')) await sharp(join(from, name)).toColourspace('b-w').toFile(join(to, name));
  }
}

for (const set of values.sets.split(',')) {
  const original = join(root, set, `x${scale}`);
  if (!existsSync(original)) throw new Error(`There is no ${original}.`);
  await using copies = await temporaryFolder();
  if (values.grey) await copyGrey(original, copies.path);
  const folder = values.grey ? copies.path : original;
  const sources = (await readdir(folder)).filter((name) => name.endsWith('_LR.png')).map((name) => join(folder, name));
  const truths = sources.map((source) => source.replace('_LR.png', '_HR.png'));
  const natural = mean(await Promise.all(truths.map(judge)), 2);
  for (const precision of ['fp32', 'int8'] as const) {
    await using enhancer = await testEnhancer({
      spec: { modelId: model.id, precision, tiling, tilePx },
      maxTilePx: tilePx,
    });
    const jobs = await enhancer.run(sources);
    const results = jobs.map((job) => outcomeOf(job).assignment.output.path);
    const likeness = await Promise.all(
      results.map((result, at) => compare(result, jobs[at]!.source.replace('_LR.png', '_HR.png'))),
    );
    const psnr = likeness.map(({ psnrDb }) => psnrDb);
    const ssim = likeness.map((one) => one.ssim);
    const niqe = await Promise.all(results.map(judge));
    console.log(
      `${set} ×${scale} ${precision}, ${tiling} ${tilePx} px: ${mean(psnr, 3)} dB, SSIM ${mean(ssim, 4)}, NIQE ${mean(niqe, 2)} ` +
        `(originals ${natural}) over ${jobs.length} photos`,
    );
  }
}
