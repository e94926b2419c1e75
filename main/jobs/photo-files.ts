/** What a file's name tells: photo, photo of a kind that we cannot read, or something else. Pure. */
import { extname } from 'node:path';
import type { Failure } from '../engine/errors.ts';

/** Extensions of the photos that we read. */
const readable = new Set(['avif', 'gif', 'jfif', 'jpe', 'jpeg', 'jpg', 'png', 'tif', 'tiff', 'webp']);

/** Photos that people have and that we do not read: worth a word of their own. */
const unreadable = new Set('arw bmp cr2 cr3 dng heic heif jp2 jxl nef orf pef psd raf raw rw2 srw'.split(' '));

/** Why something that lies in a folder is not enhanced. */
export type PassedOverCode =
  | 'duplicate'
  | 'folder-empty'
  | 'folder-not-searched'
  | 'folder-seen'
  | 'format-unsupported'
  | 'hidden'
  | 'not-a-photo'
  | 'own-output';

/** Why a file that lies in a folder is no photo for us, or undefined where it is one. */
export function faultOfName(name: string): Failure<PassedOverCode> | undefined {
  if (isHidden(name)) return { code: 'hidden', message: 'The file is hidden.' };
  const extension = extname(name).slice(1).toLowerCase();
  if (readable.has(extension)) return undefined;
  if (unreadable.has(extension)) {
    return {
      code: 'format-unsupported',
      message: `Photos in the format ${extension.toUpperCase()} cannot be read. Convert it to JPEG, PNG or TIFF first.`,
      details: { extension },
    };
  }
  return { code: 'not-a-photo', message: 'The file is not a photo by its name.', details: { extension } };
}

/** Hidden by the dot in front, which macOS's AppleDouble companions (`._photo.jpg`) have too. */
export function isHidden(name: string): boolean {
  return name.startsWith('.');
}

const collator = new Intl.Collator('en', { numeric: true });

/** Orders names as people do: `2.jpg` before `10.jpg`, `a` beside `A`. Names that differ are never equal. */
export function compareNames(a: string, b: string): number {
  const order = collator.compare(a, b);
  if (order !== 0) return order;
  return a < b ? -1 : a > b ? 1 : 0;
}
