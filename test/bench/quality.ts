/**
 * PSNR on Y through the whole pipeline, int8 and fp32, over folders of `*_HR.png` and `*_LR.png`:
 *
 *     node test/bench/quality.ts DIR [--model quicksrnet-l-x4] [--sets Set5,Set14]
 *
 * DIR holds a folder a set, with a folder a scale in it (`Set5/x4`). Y is BT.601, 16…235; `scale` pixels are cut off
 * each side, as is usual in the field.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { findModel } from '../../models/catalog.ts';
import { outcomeOf, testEnhancer } from '../helpers/enhancer.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: { type: 'string', default: 'quicksrnet-l-x4' }, sets: { type: 'string', default: 'Set5,Set14' } },
});
const [root] = positionals;
const model = findModel(values.model);
if (root === undefined || model === undefined) throw new Error('Usage: quality.ts DIR [--model ID] [--sets A,B]');
const { scale } = model;

/** Luma in 16…235 of an 8-bit picture, not rounded. */
async function lumaOf(path: string): Promise<{ width: number; height: number; luma: Float64Array }> {
  const { data, info } = await sharp(path)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const luma = Float64Array.from({ length: info.width * info.height }, (_, at) => {
    const [r, g, b] = [data[at * 3]!, data[at * 3 + 1]!, data[at * 3 + 2]!];
    return 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255;
  });
  return { width: info.width, height: info.height, luma };
}

async function psnr(result: string, truth: string): Promise<number> {
  const [one, other] = [await lumaOf(result), await lumaOf(truth)];
  let squares = 0;
  let count = 0;
  for (let y = scale; y < other.height - scale; y += 1) {
    for (let x = scale; x < other.width - scale; x += 1) {
      squares += (one.luma[y * one.width + x]! - other.luma[y * other.width + x]!) ** 2;
      count += 1;
    }
  }
  return 10 * Math.log10((255 ** 2 * count) / squares);
}

for (const set of values.sets.split(',')) {
  const folder = join(root, set, `x${scale}`);
  if (!existsSync(folder)) throw new Error(`There is no ${folder}.`);
  const sources = (await readdir(folder)).filter((name) => name.endsWith('_LR.png')).map((name) => join(folder, name));
  for (const precision of ['fp32', 'int8'] as const) {
    await using enhancer = await testEnhancer({ spec: { modelId: model.id, precision, tilePx: 192 } });
    const jobs = await enhancer.run(sources);
    let sum = 0;
    for (const job of jobs) {
      const truth = job.source.replace('_LR.png', '_HR.png');
      sum += await psnr(outcomeOf(job).assignment.output.path, truth);
    }
    console.log(`${set} ×${scale} ${precision}: ${(sum / jobs.length).toFixed(3)} dB over ${jobs.length} photos`);
  }
}
