/**
 * EXIF (CIPA DC-008, Exif 2.32): directories of entries in the layout of a TIFF file. In a TIFF they are the file's own
 * directories; elsewhere they are a block that is a small TIFF by itself.
 */

/** What is known of a photo beside its pixels: who took it, when, where, with what. */
export interface Exif {
  /** Entries of a TIFF's first directory that describe the photo, not how its pixels are stored. */
  readonly main: readonly ExifEntry[];
  /** The EXIF directory: exposure, lens, dates. */
  readonly photo: readonly ExifEntry[];
  /** The GPS directory. */
  readonly place: readonly ExifEntry[];
}

interface ExifEntry {
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

const TAG = { photoFolder: 0x8769, placeFolder: 0x8825 } as const;

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
  const named = EXIF_NAME.every((byte, index) => block[index] === byte);
  const tiff = named ? block.subarray(EXIF_NAME.length) : block;
  return readExif((start, length) => (start + length > tiff.length ? undefined : tiff.subarray(start, start + length)));
}

/** Exposure, dates and the like, which cameras of TIFF/EP (ISO 12234-2) put into the first directory. */
function isOfPhoto(tag: number): boolean {
  const among = (first: number, last: number): boolean => tag >= first && tag <= last;
  return (among(0x829a, 0x829d) || among(0x8822, 0x8835) || among(0x9000, 0x9406)) && !POINTERS.has(tag);
}

/** More than any camera writes; damaged counts must not ask for gigabytes. */
const MOST_ENTRIES = 1000;
const MOST_BYTES = 16 * 1024 ** 2;

const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;
const CLASSIC_TIFF = 42;

/**
 * Reads what describes a photo out of a TIFF structure. Entries that are not well formed are left out.
 *
 * @returns undefined where there is none, and for BigTIFF
 */
export function readExif(read: ReadBytes): Exif | undefined {
  const header = read(0, HEADER_BYTES);
  if (header === undefined) return undefined;
  const little = header[0] === 0x49 && header[1] === 0x49;
  if (!little && !(header[0] === 0x4d && header[1] === 0x4d)) return undefined;
  const view = viewOf(header);
  if (view.getUint16(2, little) !== CLASSIC_TIFF) return undefined;
  const source: Source = { read, little, bytesLeft: MOST_BYTES };
  const isWanted = (tag: number): boolean => DESCRIPTIVE.has(tag) || isOfPhoto(tag) || POINTERS.has(tag);
  const entries = readDirectory(source, view.getUint32(4, little), isWanted);
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

/** Bytes to read from, and how many may still be taken. */
interface Source {
  readonly read: ReadBytes;
  readonly little: boolean;
  bytesLeft: number;
}

function readDirectory(source: Source, start: number, isWanted: (tag: number) => boolean): readonly ExifEntry[] {
  const { read, little } = source;
  const head = read(start, 2);
  const count = head === undefined ? 0 : viewOf(head).getUint16(0, little);
  if (count > MOST_ENTRIES) return [];
  const table = read(start + 2, count * ENTRY_BYTES);
  if (table === undefined) return [];
  const entries: ExifEntry[] = [];
  for (let at = 0; at < table.length; at += ENTRY_BYTES) {
    const bytes = table.subarray(at, at + ENTRY_BYTES);
    const entry = isWanted(viewOf(bytes).getUint16(0, little)) ? readEntry(source, bytes) : undefined;
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
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

/** A directory and its values, as they stand in a TIFF structure of the lowest byte first. */
interface LaidOut {
  readonly bytes: Uint8Array;
  /** Where the directory itself begins, in the structure. */
  readonly start: number;
}

/**
 * Lays out what describes a photo, to stand at a place of a TIFF structure.
 *
 * @param exif what is to be written; the directories of `photo` and `place` are pointed to from `main`
 * @param others entries of the first directory as they stand in the structure, 12 bytes each; they win over `main`
 * @param at an even place
 * @param next what the first directory names as the next one, or 0
 */
export function layOutExif(exif: Exif, others: readonly Uint8Array[], at: number, next = 0): LaidOut {
  const photo = exif.photo.length === 0 ? undefined : layOutDirectory(exif.photo, [], at);
  const placeAt = at + (photo?.bytes.length ?? 0);
  const place = exif.place.length === 0 ? undefined : layOutDirectory(exif.place, [], placeAt);
  const mainAt = placeAt + (place?.bytes.length ?? 0);
  const taken = new Set(others.map((bytes) => viewOf(bytes).getUint16(0, true)));
  const pointers = [
    ...(photo ? [longEntry(TAG.photoFolder, photo.start)] : []),
    ...(place ? [longEntry(TAG.placeFolder, place.start)] : []),
  ];
  const own = [...exif.main, ...pointers].filter(({ tag }) => !taken.has(tag));
  const main = layOutDirectory(own, others, mainAt, next);
  return { bytes: joined([photo?.bytes, place?.bytes, main.bytes]), start: main.start };
}

/** An entry of one 32-bit number. */
function longEntry(tag: number, number: number): ExifEntry {
  const value = new Uint8Array(4);
  viewOf(value).setUint32(0, number, true);
  return { tag, type: 4, count: 1, value };
}

/** Values first, each at an even place, then the directory, its entries by rising tag as TIFF asks for. */
function layOutDirectory(entries: readonly ExifEntry[], others: readonly Uint8Array[], at: number, next = 0): LaidOut {
  const values: Uint8Array[] = [];
  let end = at;
  const rows = entries.map(({ tag, type, count, value }) => {
    const row = new Uint8Array(ENTRY_BYTES);
    const view = viewOf(row);
    view.setUint16(0, tag, true);
    view.setUint16(2, type, true);
    view.setUint32(4, count, true);
    if (value.length <= 4) {
      row.set(value, 8);
    } else {
      view.setUint32(8, end, true);
      values.push(value, new Uint8Array(value.length % 2));
      end += value.length + (value.length % 2);
    }
    return row;
  });
  const sorted = [...rows, ...others].sort((a, b) => viewOf(a).getUint16(0, true) - viewOf(b).getUint16(0, true));
  const count = new Uint8Array(2);
  viewOf(count).setUint16(0, sorted.length, true);
  const last = new Uint8Array(4);
  viewOf(last).setUint32(0, next, true);
  return { bytes: joined([...values, count, ...sorted, last]), start: end };
}

/** A TIFF structure of its own, as JPEG, PNG and WebP carry it (behind "Exif\0\0" or not). */
export function exifBlock(exif: Exif): Uint8Array {
  const { bytes, start } = layOutExif(exif, [], HEADER_BYTES);
  const header = Uint8Array.of(0x49, 0x49, CLASSIC_TIFF, 0, 0, 0, 0, 0);
  viewOf(header).setUint32(4, start, true);
  return joined([header, bytes]);
}

/** What a TIFF says in its own way, and EXIF is not to repeat there (Exif 2.32, 4.6.8): sizes and order of channels. */
const SAID_BY_TIFF: ReadonlySet<number> = new Set([0x9101, 0x9102, 0xa002, 0xa003]);

/** The same for a TIFF. */
export function exifForTiff(exif: Exif): Exif {
  return { ...exif, photo: exif.photo.filter(({ tag }) => !SAID_BY_TIFF.has(tag)) };
}

/** The same without its largest values, so that its block has so many bytes at most. */
export function fittingExif(exif: Exif, mostBytes: number): Exif {
  let fitting = exif;
  while (exifBlock(fitting).length > mostBytes) {
    const { main, photo, place } = fitting;
    const most = Math.max(...[...main, ...photo, ...place].map(({ value }) => value.length));
    const smaller = (entries: readonly ExifEntry[]): ExifEntry[] => entries.filter(({ value }) => value.length < most);
    fitting = { main: smaller(main), photo: smaller(photo), place: smaller(place) };
  }
  return fitting;
}

function joined(parts: readonly (Uint8Array | undefined)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.filter((part) => part !== undefined)));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
