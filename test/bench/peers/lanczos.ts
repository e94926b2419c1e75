import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { copies, SCALE } from './photo.ts';
import type { TestPhoto } from './photo.ts';

const COUNT = 60;

function enlarged(path: string, { widthPx, heightPx }: TestPhoto): ReturnType<typeof sharp> {
  return sharp(path).resize(widthPx * SCALE, heightPx * SCALE, { fit: 'fill', kernel: 'lanczos3' });
}

/** Enlarges the photo once, without loss; returns the result's path. */
export async function enlargeByLanczos(photo: TestPhoto, folder: string): Promise<string> {
  const path = join(folder, 'lanczos.png');
  await enlarged(photo.path, photo).toFile(path);
  return path;
}

/** Megapixels a second of sharp's Lanczos 3 in this process, PNG in and JPEG out, as many photos at once as workers. */
export async function measureLanczos(photo: TestPhoto, folder: string, workers: number): Promise<number> {
  const paths = await copies(photo, join(folder, 'copies'), COUNT);
  const out = join(folder, 'lanczos');
  await mkdir(out, { recursive: true });
  const convert = async (index: number): Promise<void> => {
    await enlarged(paths[index]!, photo)
      .jpeg({ quality: 92 })
      .toFile(join(out, `${index}.jpg`));
  };
  await convert(0);
  const startMs = performance.now();
  const lanes = Array.from({ length: workers }, async (_, lane) => {
    for (let index = lane; index < COUNT; index += workers) await convert(index);
  });
  await Promise.all(lanes);
  return (COUNT * photo.megapixels) / (performance.now() - startMs) / 1e-3;
}
