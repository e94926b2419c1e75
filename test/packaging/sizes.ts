/** What takes the room in a packed app. */
import { isElectronsOwn, type PackedFile } from './contents.ts';

/** Bytes that a packed app may have beside Electron's own files. */
export const MOST_OWN_BYTES = 120e6;

/** The first that a path meets is its part. */
const parts: readonly (readonly [string, RegExp])[] = [
  ['ONNX Runtime', /\/node_modules\/onnxruntime-/],
  ['sharp and libvips', /\/node_modules\/(sharp|@img|@emnapi|tslib|detect-libc|semver)\//],
  ['other packages', /\/node_modules\//],
  ['models', /\/resources\/models\//],
  ['main and workers', /\/out\/main\//],
  ['window and preload', /\/out\/(renderer|preload)\//],
];

/** Bytes of each part that is not Electron's, the largest first. */
export function sizesOf(files: readonly PackedFile[]): (readonly [part: string, bytes: number])[] {
  const sums = new Map<string, number>();
  for (const { path, bytes } of files) {
    if (isElectronsOwn(path)) continue;
    const part = parts.find(([, pattern]) => pattern.test(path))?.[0] ?? 'icons, desktop entry, licences';
    sums.set(part, (sums.get(part) ?? 0) + bytes);
  }
  return [...sums].toSorted((a, b) => b[1] - a[1]);
}

/** The sizes as a table in megabytes, with their sum. */
export function sizeTable(sizes: readonly (readonly [string, number])[]): string {
  const sum = sizes.reduce((total, [, bytes]) => total + bytes, 0);
  return [...sizes, ['without Electron’s own files', sum] as const]
    .map(([part, bytes]) => `  ${part.padEnd(32)} ${(bytes / 1e6).toFixed(2).padStart(7)} MB`)
    .join('\n');
}

/** A sentence where it is too much, else none. */
export function tooLarge(sizes: readonly (readonly [string, number])[], mostBytes = MOST_OWN_BYTES): string[] {
  const sum = sizes.reduce((total, [, bytes]) => total + bytes, 0);
  if (sum <= mostBytes) return [];
  return [`Too large: ${(sum / 1e6).toFixed(1)} MB beside Electron, where ${mostBytes / 1e6} MB are allowed`];
}
