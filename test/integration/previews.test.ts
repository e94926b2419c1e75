import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { writePyramid } from '../../main/previews/worker/pyramid.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';
import { picture } from '../helpers/photos.ts';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());

const tilePx = 64;

async function ours(source: string, name: string): Promise<string> {
  const pixels = join(folder.path, `${name}.v`);
  const { width, height } = await sharp(source).toColourspace('srgb').toFile(pixels);
  const target = join(folder.path, `${name}-ours`);
  await writePyramid({ widthPx: width, heightPx: height }, pixels, target, tilePx, async (tile, path) => {
    const raw = { width: tile.widthPx, height: tile.heightPx, channels: 3 } as const;
    await sharp(tile.pixels, { raw }).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toFile(path);
  });
  return target;
}

async function theirs(source: string, name: string): Promise<string> {
  const target = join(folder.path, `${name}-theirs`);
  await sharp(source)
    .toColourspace('srgb')
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .tile({ size: tilePx, overlap: 0, layout: 'dz', depth: 'onetile', container: 'fs' })
    .toFile(`${target}.dz`);
  return `${target}_files`;
}

async function tilesIn(target: string): Promise<string[]> {
  const names = await readdir(target, { recursive: true });
  return names.filter((name) => name.endsWith('.jpeg')).toSorted();
}

describe('a pyramid of tiles', () => {
  it.each([
    [300, 200],
    [257, 129],
    [64, 64],
    [1, 150],
    [131, 1],
  ])('has the tiles that libvips itself makes, of %i × %i pixels', async (widthPx, heightPx) => {
    const name = `${widthPx}-${heightPx}`;
    const source = join(folder.path, `${name}.png`);
    await picture({ widthPx, heightPx }).toFile(source);
    const [mine, its] = [await ours(source, name), await theirs(source, name)];
    const tiles = await tilesIn(its);
    expect(await tilesIn(mine)).toEqual(tiles);
    for (const tile of tiles) {
      const [a, b] = await Promise.all(
        [mine, its].map((path) => sharp(join(path, tile)).raw().toBuffer({ resolveWithObject: true })),
      );
      expect(a!.info, tile).toMatchObject({ width: b!.info.width, height: b!.info.height });
      // The same means, rounded in another order on the way down.
      expect(Math.max(...a!.data.map((value, at) => Math.abs(value - b!.data[at]!))), tile).toBeLessThanOrEqual(2);
    }
  });
});
