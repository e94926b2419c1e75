/**
 * Renders the one drawing of the icon into what each system wants, in `out/icons`:
 * PNG for Linux, an .ico for Windows, an .icns for macOS.
 *
 *     node test/packaging/icons.ts
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import sharp from 'sharp';

const root = resolve(import.meta.dirname, '../..');
const drawing = join(root, 'resources/icons/tessera.svg');
/** The drawing's own side in pixels at 72 dots an inch. */
const DRAWING_PX = 512;

const linuxSizesPx = [16, 24, 32, 48, 64, 96, 128, 256, 512];
const windowsSizesPx = [16, 20, 24, 32, 40, 48, 64, 256];
/** By the four-letter types that hold a PNG: https://en.wikipedia.org/wiki/Apple_Icon_Image_format */
const macSizesPx = { ic11: 32, ic12: 64, ic07: 128, ic08: 256, ic13: 256, ic09: 512, ic14: 512, ic10: 1024 };

/** The drawing as a PNG, drawn at this size and not scaled to it. */
async function render(sidePx: number): Promise<Buffer> {
  return sharp(drawing, { density: (72 * sidePx) / DRAWING_PX })
    .resize(sidePx, sidePx)
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** A Windows icon: a directory of 16 bytes an image, then the images. */
export function icoOf(images: readonly { readonly sidePx: number; readonly png: Buffer }[]): Buffer {
  const head = Buffer.alloc(6 + 16 * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  for (const [index, { sidePx, png }] of images.entries()) {
    const at = 6 + 16 * index;
    // A byte each; 0 stands for 256.
    head.writeUInt8(sidePx % 256, at);
    head.writeUInt8(sidePx % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([head, ...images.map(({ png }) => png)]);
}

/** A macOS icon: blocks of type, length and image. */
export function icnsOf(images: readonly { readonly type: string; readonly png: Buffer }[]): Buffer {
  const block = (type: string, body: Buffer): Buffer => {
    const head = Buffer.from(`${type}....`, 'latin1');
    head.writeUInt32BE(8 + body.length, 4);
    return Buffer.concat([head, body]);
  };
  return block('icns', Buffer.concat(images.map(({ type, png }) => block(type, png))));
}

/** Writes all icons into a folder. */
export async function renderIcons(folder: string): Promise<void> {
  await mkdir(join(folder, 'linux'), { recursive: true });
  for (const sidePx of linuxSizesPx) {
    await writeFile(join(folder, 'linux', `${sidePx}x${sidePx}.png`), await render(sidePx));
  }
  const windows = windowsSizesPx.map(async (sidePx) => ({ sidePx, png: await render(sidePx) }));
  await writeFile(join(folder, 'tessera.ico'), icoOf(await Promise.all(windows)));
  const mac = Object.entries(macSizesPx).map(async ([type, sidePx]) => ({ type, png: await render(sidePx) }));
  await writeFile(join(folder, 'tessera.icns'), icnsOf(await Promise.all(mac)));
}

if (import.meta.main) await renderIcons(join(root, 'out/icons'));
