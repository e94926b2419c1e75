/**
 * EXIF (CIPA DC-008, Exif 2.32): directories of entries in the layout of a TIFF file. In a TIFF they are the file's own
 * directories; elsewhere they are a block that is a small TIFF by itself.
 */
import { viewOf } from './bytes.ts';

/** What is known of a photo beside its pixels: who took it, when, where, with what. */
export interface Exif {
  /** Entries of a TIFF's first directory that describe the photo, not how its pixels are stored. */
  readonly main: readonly ExifEntry[];
  /** The EXIF directory: exposure, lens, dates. */
  readonly photo: readonly ExifEntry[];
  /** The GPS directory. */
  readonly place: readonly ExifEntry[];
}

export interface ExifEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Lowest byte first, whatever order it was read in. */
  readonly value: Uint8Array;
}

/** Reads bytes of a TIFF structure; undefined where it has fewer. */
export type ReadBytes = (start: number, length: number) => Uint8Array | undefined;

/** What stands before the block in a JPEG. */
export const EXIF_NAME: Uint8Array = Uint8Array.of(0x45, 0x78, 0x69, 0x66, 0, 0);

export const TAG = { photoFolder: 0x8769, placeFolder: 0x8825 } as const;

/**
 * Document's name, description, make, model, resolution (three), page's name and number, software, date, artist, host,
 * ratings (two), copyright, Windows' title to subject (five), and camera.
 */
const DESCRIPTIVE: ReadonlySet<number> = new Set([
  0x010d, 0x011a, 0x011b, 0x0128, 0x011d, 0x0129, 0xc614, 0x010e, 0x010f, 0x0110, 0x0131, 0x0132, 0x013b, 0x013c,
  0x4746, 0x4749, 0x8298, 0x9c9b, 0x9c9c, 0x9c9d, 0x9c9e, 0x9c9f,
]);

/** Point to other directories: two that are read by themselves, and one that readers no longer ask for (interoperability). */
const POINTERS: ReadonlySet<number> = new Set([TAG.photoFolder, TAG.placeFolder, 0xa005]);

/** Bytes of a number of each type: what is turned around where the highest byte stands first, and how long a value is. */
const TYPES: ReadonlyMap<number, { readonly bytes: number; readonly numbers: number }> = new Map([
  [1, { bytes: 1, numbers: 1 }], // BYTE
  [2, { bytes: 1, numbers: 1 }], // ASCII
  [3, { bytes: 2, numbers: 1 }], // SHORT
  [4, { bytes: 4, numbers: 1 }], // LONG
  [5, { bytes: 4, numbers: 2 }], // RATIONAL
  [6, { bytes: 1, numbers: 1 }], // SBYTE
  [7, { bytes: 1, numbers: 1 }], // UNDEFINED
  [8, { bytes: 2, numbers: 1 }], // SSHORT
  [9, { bytes: 4, numbers: 1 }], // SLONG
  [10, { bytes: 4, numbers: 2 }], // SRATIONAL
  [11, { bytes: 4, numbers: 1 }], // FLOAT
  [12, { bytes: 8, numbers: 1 }], // DOUBLE
  [13, { bytes: 4, numbers: 1 }], // IFD, a LONG that points to a directory
  [129, { bytes: 1, numbers: 1 }], // UTF-8 (Exif 3.0)
]);

/** The EXIF of a block, behind its name or not. */
export function exifOfBlock(block: Uint8Array): Exif | undefined {
  return readExif(readerOf(tiffOf(block)));
}

function tiffOf(block: Uint8Array): Uint8Array {
  const named = EXIF_NAME.every((byte, index) => block[index] === byte);
  return named ? block.subarray(EXIF_NAME.length) : block;
}

function readerOf(tiff: Uint8Array): ReadBytes {
  return (start, length) => (start + length > tiff.length ? undefined : tiff.subarray(start, start + length));
}

/** Exposure, dates and the like, which cameras of TIFF/EP (ISO 12234-2) put into the first directory. */
function isOfPhoto(tag: number): boolean {
  const among = (first: number, last: number): boolean => tag >= first && tag <= last;
  return (among(0x829a, 0x829d) || among(0x8822, 0x8835) || among(0x9000, 0x9406)) && !POINTERS.has(tag);
}

/** More than any camera writes; damaged counts must not ask for gigabytes. */
const MOST_ENTRIES = 1000;
const MOST_BYTES = 16 * 1024 ** 2;

export const HEADER_BYTES = 8;
export const ENTRY_BYTES = 12;
export const CLASSIC_TIFF = 42;

/**
 * Reads what describes a photo out of a TIFF structure. Entries that are not well formed are left out.
 *
 * @returns undefined where there is none, and for BigTIFF
 */
export function readExif(read: ReadBytes): Exif | undefined {
  const source = sourceOf(read);
  if (source === undefined) return undefined;
  const isWanted = (tag: number): boolean => DESCRIPTIVE.has(tag) || isOfPhoto(tag) || POINTERS.has(tag);
  const entries = readDirectory(source, source.start, isWanted);
  const folder = (tag: number): readonly ExifEntry[] => {
    const pointer = entries.find((entry) => entry.tag === tag);
    if (pointer?.value.length !== 4) return [];
    return readDirectory(source, viewOf(pointer.value).getUint32(0, true), (inner) => !POINTERS.has(inner));
  };
  const main = entries.filter(({ tag }) => DESCRIPTIVE.has(tag));
  const own = folder(TAG.photoFolder);
  const tags = new Set(own.map(({ tag }) => tag));
  const photo = [...own, ...entries.filter(({ tag }) => isOfPhoto(tag) && !tags.has(tag))];
  const place = folder(TAG.placeFolder);
  // Resolution alone is no EXIF: every TIFF has it.
  const tells = main.some(({ tag }) => !RESOLUTION.has(tag)) || photo.length + place.length > 0;
  return tells ? { main, photo, place } : undefined;
}

const RESOLUTION: ReadonlySet<number> = new Set([0x011a, 0x011b, 0x0128]);

/** Bytes to read from, where their first directory is, and how many may still be taken. */
interface Source {
  readonly read: ReadBytes;
  readonly little: boolean;
  readonly start: number;
  bytesLeft: number;
}

function sourceOf(read: ReadBytes): Source | undefined {
  const header = read(0, HEADER_BYTES);
  if (header === undefined) return undefined;
  const little = header[0] === 0x49 && header[1] === 0x49;
  if (!little && !(header[0] === 0x4d && header[1] === 0x4d)) return undefined;
  const view = viewOf(header);
  if (view.getUint16(2, little) !== CLASSIC_TIFF) return undefined;
  return { read, little, start: view.getUint32(4, little), bytesLeft: MOST_BYTES };
}

/** An entry as it stands in a directory: where, and its bytes. */
interface Row {
  readonly tag: number;
  readonly at: number;
  readonly bytes: Uint8Array;
}

function rowsOf({ read, little }: Source, start: number): readonly Row[] {
  const head = read(start, 2);
  const count = head === undefined ? 0 : viewOf(head).getUint16(0, little);
  if (count > MOST_ENTRIES) return [];
  const table = read(start + 2, count * ENTRY_BYTES);
  if (table === undefined) return [];
  return Array.from({ length: count }, (_, n) => {
    const bytes = table.subarray(n * ENTRY_BYTES, (n + 1) * ENTRY_BYTES);
    return { tag: viewOf(bytes).getUint16(0, little), at: start + 2 + n * ENTRY_BYTES, bytes };
  });
}

function readDirectory(source: Source, start: number, isWanted: (tag: number) => boolean): readonly ExifEntry[] {
  const rows = rowsOf(source, start).filter(({ tag }) => isWanted(tag));
  return rows.map(({ bytes }) => readEntry(source, bytes)).filter((entry) => entry !== undefined);
}

function readEntry(source: Source, bytes: Uint8Array): ExifEntry | undefined {
  const { read, little } = source;
  const view = viewOf(bytes);
  const type = view.getUint16(2, little);
  const count = view.getUint32(4, little);
  const kind = TYPES.get(type);
  if (kind === undefined || count === 0) return undefined;
  const length = count * kind.bytes * kind.numbers;
  if (length > source.bytesLeft) return undefined;
  source.bytesLeft -= length;
  const stored = length <= 4 ? bytes.subarray(8, 8 + length) : read(view.getUint32(8, little), length);
  if (stored === undefined) return undefined;
  const value = Uint8Array.from(stored);
  if (!little) turnAround(value, kind.bytes);
  return { tag: view.getUint16(0, little), type, count, value };
}

/** Exchanges the bytes of each number. */
function turnAround(value: Uint8Array, bytes: number): void {
  for (let at = 0; bytes > 1 && at < value.length; at += bytes) value.subarray(at, at + bytes).reverse();
}

const PIXEL_HEIGHT = 0xa003;
const TYPE = { short: 3, long: 4 } as const;

/** Sets PixelYDimension (Exif 2.32, 4.6.5) of a block in place, where it is there and well formed. */
export function setPixelHeight(tiff: Uint8Array, heightPx: number): void {
  const source = sourceOf(readerOf(tiff));
  if (source === undefined) return;
  const { little } = source;
  const pointer = rowsOf(source, source.start).find(({ tag }) => tag === TAG.photoFolder);
  if (pointer === undefined) return;
  const row = rowsOf(source, viewOf(pointer.bytes).getUint32(8, little)).find(({ tag }) => tag === PIXEL_HEIGHT);
  if (row === undefined) return;
  const view = viewOf(tiff);
  const type = view.getUint16(row.at + 2, little);
  if (type === TYPE.long) view.setUint32(row.at + 8, heightPx, little);
  else if (type === TYPE.short) view.setUint16(row.at + 8, heightPx, little);
}

/** Takes from a block, behind its name or not, the directory of its thumbnail: in place, the first names no next one. */
export function dropThumbnail(block: Uint8Array): void {
  const tiff = tiffOf(block);
  const source = sourceOf(readerOf(tiff));
  const head = source?.read(source.start, 2);
  if (source === undefined || head === undefined) return;
  const next = source.start + 2 + viewOf(head).getUint16(0, source.little) * ENTRY_BYTES;
  if (next + 4 <= tiff.length) viewOf(tiff).setUint32(next, 0);
}
