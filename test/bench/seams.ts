import { fileURLToPath } from 'node:url';
import { makePlan, type Tiling } from '../../main/engine/plan.ts';
import { outcomeOf, testEnhancer } from '../helpers/enhancer.ts';
import { readSamples } from '../helpers/photos.ts';

const SCALE = 4;
const TILE_PX = 192;

/** Path of a sample photo. */
export function samplePhoto(name: string): string {
  return fileURLToPath(new URL(`../../resources/samples/${name}`, import.meta.url));
}

interface Picture {
  readonly samples: Buffer;
  readonly widthPx: number;
}

async function enhanced(source: string, tiling: Tiling, tilePx: number): Promise<Picture & { heightPx: number }> {
  await using enhancer = await testEnhancer({ workers: 1, spec: { tiling, tilePx }, maxTilePx: tilePx });
  const [job] = await enhancer.run([source]);
  const { output } = outcomeOf(job).assignment;
  return { samples: await readSamples(output.path), widthPx: output.widthPx, heightPx: output.heightPx };
}

/** Mean absolute step from column x − 1 to column x. */
function stepAt({ samples, widthPx }: Picture, x: number): number {
  let sum = 0;
  let count = 0;
  for (let at = x * 3; at < samples.length; at += widthPx * 3) {
    for (let c = 0; c < 3; c += 1) sum += Math.abs(samples[at + c]! - samples[at + c - 3]!);
    count += 3;
  }
  return sum / count;
}

/** Prints the largest step across tile borders ÷ the step at the same place of the untiled picture, a tiling a line. */
export async function reportSeams(): Promise<void> {
  const source = samplePhoto('friends.jpg');
  const whole = await enhanced(source, 'dilated', 1024);
  const image = { widthPx: whole.widthPx / SCALE, heightPx: whole.heightPx / SCALE };
  for (const tiling of ['plain', 'average', 'dilated'] as const) {
    const tiled = await enhanced(source, tiling, TILE_PX);
    const budget = { sourceBytes: 1e9, outputBytes: 1e9 };
    const plan = makePlan({ image, scale: SCALE, tiling, tilePx: TILE_PX, haloPx: 13, bytesPerPixel: 3, budget });
    if (!plan.ok) throw new Error(plan.error.message);
    const borders = plan.value.tileColumns.slice(1).map(({ keep }) => keep.start * SCALE);
    const ratio = Math.max(...borders.map((x) => stepAt(tiled, x) / stepAt(whole, x)));
    const differing = tiled.samples.reduce((sum, value, at) => sum + Number(value !== whole.samples[at]), 0);
    const share = ((100 * differing) / tiled.samples.length).toFixed(2);
    console.log(`| seams, ${tiling} | ${share} % of samples differ from untiled | ${ratio.toFixed(3)} |`);
  }
}
