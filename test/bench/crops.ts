/**
 * Draws the comparison crops of `models/README.md`: parts of the sample photos, enlarged ×4 by each model through the
 * whole pipeline, beside Lanczos.
 *
 *     node test/bench/crops.ts [FOLDER]
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { catalog } from '../../models/catalog.ts';
import { outcomeOf, temporaryFolder, testEnhancer } from '../helpers/enhancer.ts';

const SCALE = 4;
const CROP_PX = { width: 64, height: 56 };
const LABEL_PX = 22;
const GAP_PX = 6;

/** A part of a sample, and what is done to it before it is enlarged. */
interface Subject {
  readonly name: string;
  readonly sample: string;
  readonly left: number;
  readonly top: number;
  /** Saved at this JPEG quality first, as what comes out of a messenger. */
  readonly jpegQuality?: number;
}

const subjects: readonly Subject[] = [
  { name: 'brushes', sample: 'brushes.jpg', left: 200, top: 250 },
  { name: 'friends', sample: 'friends.jpg', left: 236, top: 372 },
  { name: 'friends-jpeg', sample: 'friends.jpg', left: 236, top: 372, jpegQuality: 30 },
  { name: 'mountains-jpeg', sample: 'mountains.jpg', left: 300, top: 200, jpegQuality: 30 },
];

const folder = process.argv[2] ?? fileURLToPath(new URL('../../models/crops', import.meta.url));
const samples = fileURLToPath(new URL('../../resources/samples', import.meta.url));
const models = catalog.filter(({ scale }) => scale === SCALE).sort((one, other) => rank(one) - rank(other));

/** Small before large, Faithful before Photo. */
function rank({ parameters, training }: (typeof catalog)[number]): number {
  return parameters + (training === 'photo' ? 1e9 : 0);
}

async function cut(subject: Subject, scratch: string): Promise<string> {
  const path = join(scratch, `${subject.name}.png`);
  const { left, top, jpegQuality } = subject;
  const upright = sharp(join(samples, subject.sample)).rotate();
  // The crop has the surroundings that a whole photo would give it, so the JPEG's blocks lie as they would.
  const whole = await (jpegQuality === undefined ? upright.png() : upright.jpeg({ quality: jpegQuality })).toBuffer();
  await sharp(whole)
    .extract({ left, top, ...CROP_PX })
    .toColourspace('srgb')
    .png()
    .toFile(path);
  return path;
}

async function label(text: string, width: number): Promise<Buffer> {
  const style = 'font-family="Inter, Helvetica, Arial, sans-serif" font-size="13" fill="#555"';
  return sharp(Buffer.from(`<svg width="${width}" height="${LABEL_PX}"><text y="15" ${style}>${text}</text></svg>`))
    .png()
    .toBuffer();
}

async function draw(subject: Subject, pictures: readonly { readonly text: string; readonly picture: Buffer }[]) {
  const size = { width: CROP_PX.width * SCALE, height: CROP_PX.height * SCALE };
  const step = size.width + GAP_PX;
  const layers = await Promise.all(
    pictures.map(async ({ text, picture }, index) => [
      { input: await label(text, size.width), left: index * step, top: 0 },
      { input: picture, left: index * step, top: LABEL_PX },
    ]),
  );
  await sharp({
    create: {
      width: step * pictures.length - GAP_PX,
      height: size.height + LABEL_PX,
      channels: 3,
      background: '#fff',
    },
  })
    .composite(layers.flat())
    .webp({ quality: 92 })
    .toFile(join(folder, `${subject.name}.webp`));
}

await mkdir(folder, { recursive: true });
await using scratch = await temporaryFolder();
const sources = await Promise.all(subjects.map((subject) => cut(subject, scratch.path)));
const sheets = await Promise.all(
  sources.map(async (source) => {
    const enlarged = sharp(source).resize(CROP_PX.width * SCALE, CROP_PX.height * SCALE, { kernel: 'lanczos3' });
    return [{ text: 'Lanczos', picture: await enlarged.png().toBuffer() }];
  }),
);
for (const model of models) {
  await using enhancer = await testEnhancer({ spec: { modelId: model.id } });
  const jobs = await enhancer.run(sources);
  for (const [index, job] of jobs.entries()) {
    const picture = await sharp(outcomeOf(job).assignment.output.path).toColourspace('srgb').png().toBuffer();
    sheets[index]!.push({ text: `${model.size} ${model.training}`, picture });
  }
}
for (const [index, subject] of subjects.entries()) {
  await draw(subject, sheets[index]!);
  console.log(join(folder, `${subject.name}.webp`));
}
