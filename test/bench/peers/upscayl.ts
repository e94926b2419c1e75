import { spawn } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { UpscaylPackage, UpscaylProgram } from './installed.ts';
import { copies, SCALE } from './photo.ts';
import type { TestPhoto } from './photo.ts';

/** The compact general model of Real-ESRGAN, as the package calls it. */
export const COMPACT_MODEL = 'realesrgan-x4fast';

export interface UpscaylFigures {
  /** Without the process's start. */
  readonly warmMegapixels: number;
  /** What a process takes beside its photos. */
  readonly startMs: number;
  readonly device: string;
  /** An enlarged photo. */
  readonly picture: string;
}

/** Photos of the run that is timed: one of a size that takes it most of a minute. */
const countOf = ({ megapixels }: TestPhoto): number => (megapixels > 2 ? 1 : 2);
/** Side of a photo that is hardly more than the start: the smallest tile that the program takes. */
const TINY_PX = 32;

/**
 * Runs the program on a tiny photo, for its start, and on a folder of photos. Its tiles, threads and everything else are
 * as it chooses them; results are PNG, as it writes where nobody asks.
 */
export async function measureUpscayl(
  program: UpscaylProgram,
  { modelsFolder }: UpscaylPackage,
  photo: TestPhoto,
  folder: string,
): Promise<UpscaylFigures> {
  const [tiny, photos, out] = [join(folder, 'tiny'), join(folder, 'photos'), join(folder, 'out')];
  await mkdir(tiny, { recursive: true });
  await sharp(photo.path).resize(TINY_PX, TINY_PX, { fit: 'cover' }).toFile(join(tiny, 'tiny.png'));
  const count = countOf(photo);
  await copies(photo, photos, count);
  const runOn = async (from: string, wanted: number): Promise<{ readonly ms: number; readonly words: string }> => {
    await rm(out, { recursive: true, force: true });
    await mkdir(out, { recursive: true });
    const startMs = performance.now();
    const words = await enlarge(program, ['-i', from, '-o', out, '-m', modelsFolder]);
    const ms = performance.now() - startMs;
    if ((await readdir(out)).length !== wanted)
      throw new Error(`upscayl-bin did not write ${wanted} photos:\n${words}`);
    return { ms, words };
  };
  const small = await runOn(tiny, 1);
  const large = await runOn(photos, count);
  const tinyMegapixels = (TINY_PX * SCALE) ** 2 / 1e6;
  const megapixelMs = (large.ms - small.ms) / (count * photo.megapixels - tinyMegapixels);
  return {
    warmMegapixels: 1000 / megapixelMs,
    startMs: small.ms - tinyMegapixels * megapixelMs,
    device: /\[\d+ ([^\]]+)\]/.exec(large.words)?.[1] ?? 'unknown',
    picture: join(out, (await readdir(out))[0]!),
  };
}

async function enlarge({ binary, driver }: UpscaylProgram, paths: readonly string[]): Promise<string> {
  const scale = ['-s', String(SCALE), '-z', String(SCALE)];
  const child = spawn(binary, [...paths, '-n', COMPACT_MODEL, ...scale, '-f', 'png', '-v'], {
    // Both names: the loader's own changed.
    env: { ...process.env, VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (words += text));
  const code = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  if (code !== 0) throw new Error(`upscayl-bin ended with ${String(code)}:\n${words}`);
  return words;
}
