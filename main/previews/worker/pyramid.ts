/**
 * Deep Zoom tiles without libvips' `dzsave`, which its WebAssembly build does not have.
 *
 * The picture is decoded once into an uncompressed file, and passes from there through all levels at once: rows are
 * collected until they make a row of tiles, which is encoded and, halved, handed to the next level. Same names, sizes
 * and pixels as `dzsave` with the layout `dz`, no overlap, and the depth `onetile`: each pixel of a level is the mean of
 * 2 × 2 of the finer one, and an odd last row or column is its own neighbour.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Before the pixels of a libvips file. */
const HEADER_BYTES = 64;
const CHANNELS = 3;

/** Interleaved 8-bit RGB. */
interface RgbPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixels: Uint8Array;
}

/** Encodes one tile into a file. */
export type WriteTile = (tile: RgbPicture, path: string) => Promise<void>;

interface Level {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly folder: string;
  /** The rows of a row of tiles, as far as they are there. */
  readonly rows: Uint8Array;
  filledPx: number;
  donePx: number;
}

/**
 * Makes all tiles of all levels.
 *
 * @param size of the picture
 * @param pixelsPath a libvips file of 8-bit RGB; removed at the end
 * @param folder for the levels, which are folders named from 0, the coarsest
 * @param tilePx even, the side of a tile
 */
export async function writePyramid(
  size: { readonly widthPx: number; readonly heightPx: number },
  pixelsPath: string,
  folder: string,
  tilePx: number,
  writeTile: WriteTile,
): Promise<void> {
  try {
    const levels = await makeLevels(size, folder, tilePx);
    await fillLevels(levels, pixelsPath, tilePx, writeTile);
  } finally {
    await rm(pixelsPath, { force: true });
  }
}

async function fillLevels(
  levels: readonly Level[],
  pixelsPath: string,
  tilePx: number,
  writeTile: WriteTile,
): Promise<void> {
  const finest = levels[0]!;
  const rowBytes = finest.widthPx * CHANNELS;
  const block = new Uint8Array(rowBytes * tilePx);
  const file = openSync(pixelsPath, 'r');
  try {
    for (let top = 0; top < finest.heightPx; top += tilePx) {
      const rows = block.subarray(0, Math.min(tilePx, finest.heightPx - top) * rowBytes);
      if (readSync(file, rows, 0, rows.length, HEADER_BYTES + top * rowBytes) < rows.length) {
        throw new Error('The decoded picture is shorter than its size.');
      }
      await addRows(levels, 0, rows, tilePx, writeTile);
    }
  } finally {
    closeSync(file);
  }
}

async function makeLevels(
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  folder: string,
  tilePx: number,
): Promise<Level[]> {
  const sizes = [{ widthPx, heightPx }];
  for (let last = sizes[0]!; last.widthPx > tilePx || last.heightPx > tilePx; last = sizes.at(-1)!) {
    sizes.push({ widthPx: half(last.widthPx), heightPx: half(last.heightPx) });
  }
  return Promise.all(
    sizes.map(async (size, index) => {
      const own = join(folder, String(sizes.length - 1 - index));
      await mkdir(own, { recursive: true });
      const rows = new Uint8Array(size.widthPx * CHANNELS * Math.min(tilePx, size.heightPx));
      return { ...size, folder: own, rows, filledPx: 0, donePx: 0 };
    }),
  );
}

/** Adds rows to a level, at most what its row of tiles still lacks. */
async function addRows(
  levels: readonly Level[],
  index: number,
  rows: Uint8Array,
  tilePx: number,
  writeTile: WriteTile,
): Promise<void> {
  const level = levels[index];
  if (level === undefined) return;
  const rowBytes = level.widthPx * CHANNELS;
  level.rows.set(rows, level.filledPx * rowBytes);
  level.filledPx += rows.length / rowBytes;
  if (level.filledPx < tilePx && level.donePx + level.filledPx < level.heightPx) return;
  const full = { widthPx: level.widthPx, heightPx: level.filledPx, pixels: level.rows };
  const row = level.donePx / tilePx;
  const columns = Array.from({ length: Math.ceil(level.widthPx / tilePx) }, (_, column) => column);
  await Promise.all(
    columns.map((column) => writeTile(cutColumn(full, column, tilePx), join(level.folder, `${column}_${row}.jpeg`))),
  );
  level.donePx += level.filledPx;
  level.filledPx = 0;
  if (index + 1 < levels.length) await addRows(levels, index + 1, halve(full), tilePx, writeTile);
}

function cutColumn({ widthPx, heightPx, pixels }: RgbPicture, column: number, tilePx: number): RgbPicture {
  const left = column * tilePx;
  const tileWidth = Math.min(tilePx, widthPx - left);
  const tile = new Uint8Array(tileWidth * heightPx * CHANNELS);
  for (let y = 0; y < heightPx; y += 1) {
    const from = (y * widthPx + left) * CHANNELS;
    tile.set(pixels.subarray(from, from + tileWidth * CHANNELS), y * tileWidth * CHANNELS);
  }
  return { widthPx: tileWidth, heightPx, pixels: tile };
}

function halve({ widthPx, heightPx, pixels }: RgbPicture): Uint8Array {
  const [width, height] = [half(widthPx), half(heightPx)];
  const halved = new Uint8Array(width * height * CHANNELS);
  for (let y = 0, to = 0; y < height; y += 1) {
    const upper = 2 * y * widthPx * CHANNELS;
    const lower = Math.min(2 * y + 1, heightPx - 1) * widthPx * CHANNELS;
    for (let x = 0; x < width; x += 1) {
      const left = 2 * x * CHANNELS;
      const right = Math.min(2 * x + 1, widthPx - 1) * CHANNELS;
      for (let c = 0; c < CHANNELS; c += 1, to += 1) {
        const sum =
          pixels[upper + left + c]! +
          pixels[upper + right + c]! +
          pixels[lower + left + c]! +
          pixels[lower + right + c]!;
        halved[to] = (sum + 2) >> 2;
      }
    }
  }
  return halved;
}

function half(px: number): number {
  return Math.ceil(px / 2);
}
