/** EXIF as it is written: laid out as a TIFF structure of the lowest byte first. */
import { viewOf } from './bytes.ts';
import { CLASSIC_TIFF, ENTRY_BYTES, HEADER_BYTES, TAG, type Exif, type ExifEntry } from './exif.ts';

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
  const { main, photo, place } = exif;
  let excess = exifBlock(exif).length - mostBytes;
  let least = Infinity;
  for (const length of [...main, ...photo, ...place].map(({ value }) => value.length).sort((a, b) => b - a)) {
    if (excess <= 0) break;
    least = length;
    excess -= length + ENTRY_BYTES;
  }
  const smaller = (entries: readonly ExifEntry[]): ExifEntry[] => entries.filter(({ value }) => value.length < least);
  return { main: smaller(main), photo: smaller(photo), place: smaller(place) };
}

function joined(parts: readonly (Uint8Array | undefined)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.filter((part) => part !== undefined)));
}
