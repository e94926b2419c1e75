/**
 * One build's rates, in this process; run by `codec.ts`:
 *
 *     node test/bench/codec-stages.ts PHOTO FOLDER
 */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { decodePlane, encodeBands, probePhoto } from '../../main/engine/adapters/sharp-codec.ts';
import { SpoolReader, writeBand } from '../../main/engine/adapters/spool-file.ts';
import type { Result } from '../../main/engine/errors.ts';
import { planesOf } from '../../main/engine/planes.ts';
import type { OutputFormat } from '../../main/engine/ports.ts';
import { makePicture } from '../../main/previews/worker/pictures.ts';

/** Megapixels a second, of the source in reading and of the result in writing, by the stage's name. */
export type StageRates = Readonly<Record<string, number>>;

const SCALE = 4;
const formats: readonly OutputFormat[] = ['jpeg', 'png', 'webp', 'tiff'];
const AVIF_PIXELS = 2e6;

const [source = '', into = ''] = process.argv.slice(2);
const folder = await mkdtemp(join(into, 'stages-'));

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.message} (${result.error.code})`);
  return result.value;
}

async function rateOf(pixels: number, work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return pixels / (performance.now() - began) / 1000;
}

const info = valueOf(await probePhoto(source));
const { widthPx, heightPx } = info;
const [plane] = planesOf(info, 'jpeg');
const spool = join(folder, 'source.v');
const large = { widthPx: widthPx * SCALE, heightPx: heightPx * SCALE };
const rates: Record<string, number> = {};

// The first calls load the library.
valueOf(await decodePlane(source, info, plane!, spool));
await makePicture({ kind: 'thumbnail', source, target: join(folder, 'first.jpg'), sidePx: 132 });

rates['decode'] = await rateOf(widthPx * heightPx, async () => {
  valueOf(await decodePlane(source, info, plane!, spool));
});
rates['thumbnail'] = await rateOf(widthPx * heightPx, () =>
  makePicture({ kind: 'thumbnail', source, target: join(folder, 'small.jpg'), sidePx: 132 }),
);

/** The photo's rows, each sample repeated both ways: as large as a result, and written as one. */
async function writeBands(): Promise<string[]> {
  const bandRows = 512;
  const reader = new SpoolReader(spool, { widthPx, heightPx, bytesPerPixel: 3 });
  const row = new Uint8Array(widthPx * 3);
  const paths: string[] = [];
  for (let topPx = 0; topPx < large.heightPx; topPx += bandRows) {
    const rows = Math.min(bandRows, large.heightPx - topPx);
    const pixels = new Uint8Array(large.widthPx * rows * 3);
    for (let y = 0; y < rows; y += 1) {
      const start = Math.floor((topPx + y) / SCALE);
      if (y === 0 || (topPx + y) % SCALE === 0) reader.readRows({ start, end: start + 1 }, row);
      for (let to = 0; to < large.widthPx * 3; to += 1) {
        pixels[y * large.widthPx * 3 + to] = row[Math.floor(to / 3 / SCALE) * 3 + (to % 3)]!;
      }
    }
    paths.push(join(folder, `band-${topPx}.v`));
    const band = {
      path: paths.at(-1)!,
      widthPx: large.widthPx,
      heightPx: rows,
      topPx,
      result: { heightPx: large.heightPx, path: paths[0]! },
      channels: 3,
      carriesMetadata: topPx === 0,
    };
    await writeBand({ path: spool, format: { widthPx, heightPx, bytesPerPixel: 3 } }, band, pixels);
  }
  reader.close();
  return paths;
}

const bands = await writeBands();
const encode = async (format: OutputFormat, size: { widthPx: number; heightPx: number }): Promise<void> => {
  const path = join(folder, `result.${format}`);
  const output = { path, format, quality: 92, mayOverwrite: true, ...size };
  valueOf(await encodeBands(bands, large, plane!, info, output, path));
};
for (const format of formats) {
  if (format === 'webp' && Math.max(large.widthPx, large.heightPx) > 16_383) continue;
  rates[`encode ${format}`] = await rateOf(large.widthPx * large.heightPx, () => encode(format, large));
}
const shrink = Math.sqrt(AVIF_PIXELS / (large.widthPx * large.heightPx));
const smaller = { widthPx: Math.round(large.widthPx * shrink), heightPx: Math.round(large.heightPx * shrink) };
rates[`encode avif, shrunk to ${AVIF_PIXELS / 1e6} MP`] = await rateOf(AVIF_PIXELS, () => encode('avif', smaller));
rates['tiles to zoom in'] = await rateOf(large.widthPx * large.heightPx, () =>
  makePicture({ kind: 'pyramid', source: join(folder, 'result.jpeg'), target: join(folder, 'tiles'), tilePx: 512 }),
);
console.log(JSON.stringify(rates));
process.exit(0);
