/** The entry of the preview process: makes thumbnails, tiles and cuts beside the workers, so that neither waits. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import type { FromPreviewer, PreviewRequest, ToPreviewer } from '../messages.ts';

/** What Electron's utility process offers as `process.parentPort`. */
interface ParentPort {
  postMessage(message: FromPreviewer): void;
  on(event: 'message', listener: (event: { readonly data: ToPreviewer }) => void): unknown;
}

const tileQuality = 92;
// A list that is scrolled fast asks for many; more at once would only share the same cores.
const atOnce = 2;
let running = 0;
const waiting: ToPreviewer[] = [];

sharp.cache(false);
sharp.concurrency(1);

function open(source: string): Sharp {
  return sharp(source, { limitInputPixels: false, failOn: 'none' }).autoOrient();
}

async function make(request: PreviewRequest): Promise<void> {
  await mkdir(dirname(request.target), { recursive: true });
  switch (request.kind) {
    case 'thumbnail': {
      const { sidePx } = request;
      const size = { width: sidePx, height: sidePx, fit: 'inside', withoutEnlargement: true } as const;
      await open(request.source)
        .resize(size)
        .flatten({ background: '#808080' })
        .jpeg({ quality: 80 })
        .toFile(request.target);
      return;
    }
    case 'pyramid':
      await open(request.source)
        .flatten({ background: '#808080' })
        .toColourspace('srgb')
        .jpeg({ quality: tileQuality, chromaSubsampling: '4:4:4', optimiseCoding: false })
        .tile({ size: request.tilePx, overlap: 0, layout: 'dz', depth: 'onetile', container: 'fs' })
        .toFile(`${request.target}.dz`);
      return;
    case 'cut':
      await open(request.source)
        .extract(request.part)
        .keepIccProfile()
        .png({ compressionLevel: 1 })
        .toFile(request.target);
      return;
    case 'show':
      await open(request.source)
        .extract(request.part)
        .flatten({ background: '#808080' })
        .toColourspace('srgb')
        .png({ compressionLevel: 1 })
        .toFile(request.target);
      return;
  }
}

async function answer(port: ParentPort, { id, request }: ToPreviewer): Promise<void> {
  running += 1;
  try {
    await make(request);
    port.postMessage({ id });
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    const message = 'This picture cannot be shown: its file is damaged or gone.';
    port.postMessage({ id, error: { code: 'preview-failed', message, details: { cause } } });
  }
  running -= 1;
  pump(port);
}

function pump(port: ParentPort): void {
  while (running < atOnce && waiting.length > 0) {
    // What a person looks at goes before the rows of a list, and the latest rows are the visible ones.
    const wanted = waiting.findIndex(({ request }) => request.kind !== 'thumbnail');
    const [next] = waiting.splice(wanted === -1 ? waiting.length - 1 : wanted, 1);
    if (next !== undefined) void answer(port, next);
  }
}

const { parentPort } = process as unknown as { readonly parentPort: ParentPort };
parentPort.on('message', ({ data }) => {
  waiting.push(data);
  pump(parentPort);
});
