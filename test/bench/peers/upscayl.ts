import { spawn } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { UpscaylPackage, UpscaylProgram } from './installed.ts';
import { copies, SCALE } from './photo.ts';
import type { TestPhoto } from './photo.ts';

/** The compact general model of Real-ESRGAN, as the package calls it. */
export const COMPACT_MODEL = 'realesrgan-x4fast';

export interface UpscaylFigures {
  /** Between the first photo of a process and its last. */
  readonly warmMegapixels: number;
  /** One photo a process, start included. */
  readonly coldMegapixels: number;
  /** What a process takes beside its photos. */
  readonly startMs: number;
  readonly device: string;
  /** An enlarged photo. */
  readonly picture: string;
}

/** Photos of the longer of the two runs, beyond the one of the shorter. */
const MORE_PHOTOS = 2;

/**
 * Runs the program on a folder of one photo and on a folder of several: the difference is free of the process's start.
 * Its tiles, threads and everything else are as it chooses them; results are PNG, as it writes where nobody asks.
 */
export async function measureUpscayl(
  program: UpscaylProgram,
  { modelsFolder }: UpscaylPackage,
  photo: TestPhoto,
  folder: string,
): Promise<UpscaylFigures> {
  const runOn = async (count: number): Promise<{ ms: number; out: string; words: string }> => {
    const [from, out] = [join(folder, `in-${count}`), join(folder, `out-${count}`)];
    await copies(photo, from, count);
    await rm(out, { recursive: true, force: true });
    await mkdir(out, { recursive: true });
    const startMs = performance.now();
    const words = await enlarge(program, ['-i', from, '-o', out, '-m', modelsFolder]);
    const ms = performance.now() - startMs;
    if ((await readdir(out)).length !== count) throw new Error(`upscayl-bin did not write ${count} photos:\n${words}`);
    return { ms, out, words };
  };
  const one = await runOn(1);
  const several = await runOn(1 + MORE_PHOTOS);
  const photoMs = (several.ms - one.ms) / MORE_PHOTOS;
  return {
    warmMegapixels: photo.megapixels / photoMs / 1e-3,
    coldMegapixels: photo.megapixels / one.ms / 1e-3,
    startMs: one.ms - photoMs,
    device: /\[\d+ ([^\]]+)\]/.exec(one.words)?.[1] ?? 'unknown',
    picture: join(one.out, (await readdir(one.out))[0]!),
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
