/** The files that the window shows: made by sharp, in whichever build this process uses. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Sharp } from 'sharp';
import { loadSharp } from '../../engine/adapters/sharp-build.ts';
import { cutSpool } from '../../engine/adapters/spool-cut.ts';
import { resultInBands } from '../../engine/adapters/spool-file.ts';
import type { PreviewRequest } from '../messages.ts';
import { writePyramid } from './pyramid.ts';

const tileEncoding = { quality: 92, chromaSubsampling: '4:4:4', optimiseCoding: false } as const;
const backdrop = { background: '#808080' };

const sharp = await loadSharp();
sharp.cache(false);
sharp.concurrency(1);

function open(source: string): Sharp {
  return sharp(source, { limitInputPixels: false, failOn: 'none' }).autoOrient();
}

/** Makes the file that a request asks for; throws where the source cannot be read. */
export async function makePicture(request: PreviewRequest): Promise<void> {
  if (request.kind === 'cut') {
    for (const { from, target } of request.cuts) cutSpool({ path: from.path, format: from }, request.part, target);
    return;
  }
  const { target } = request;
  await mkdir(dirname(target), { recursive: true });
  switch (request.kind) {
    case 'thumbnail': {
      const { source, sidePx } = request;
      const size = { width: sidePx, height: sidePx, fit: 'inside', withoutEnlargement: true } as const;
      await open(source).resize(size).flatten(backdrop).jpeg({ quality: 80 }).toFile(target);
      return;
    }
    case 'pyramid':
      return makePyramid(open(request.source).flatten(backdrop).toColourspace('srgb'), target, request.tilePx);
    case 'show':
      await openBands(request.bands, request.channels)
        .extract(request.part)
        .flatten(backdrop)
        .toColourspace('srgb')
        .png({ compressionLevel: 1, adaptiveFiltering: false })
        .toFile(target);
      return;
  }
}

function openBands(bands: readonly string[], channels: number): Sharp {
  const options = { limitInputPixels: false } as const;
  if (bands.length === 1 || !resultInBands(channels)) return sharp(bands[0], options);
  return sharp([...bands], { ...options, join: { across: 1 } });
}

async function makePyramid(picture: Sharp, target: string, tilePx: number): Promise<void> {
  if (sharp.format.dz.output.file) {
    const layout = { size: tilePx, overlap: 0, layout: 'dz', depth: 'onetile', container: 'fs' } as const;
    // Whoever waits for a tile takes it as soon as it is there: they all come at once, complete.
    const making = `${target}-making`;
    try {
      await picture.jpeg(tileEncoding).tile(layout).toFile(`${making}.dz`);
      await rename(`${making}_files`, `${target}_files`);
    } finally {
      for (const path of [`${making}.dzi`, `${making}_files`]) await rm(path, { recursive: true, force: true });
    }
    return;
  }
  const pixelsPath = `${target}-pixels.v`;
  const { width, height } = await picture.toFile(pixelsPath).catch(async (error: unknown) => {
    await rm(pixelsPath, { force: true });
    throw error;
  });
  const size = { widthPx: width, heightPx: height };
  await writePyramid(size, pixelsPath, `${target}_files`, tilePx, async ({ widthPx, heightPx, pixels }, path) => {
    const raw = { width: widthPx, height: heightPx, channels: 3 } as const;
    const making = `${path}.part`;
    await sharp(pixels, { raw }).jpeg(tileEncoding).toFile(making);
    await rename(making, path);
  });
}
