/** What takes the room in a packed app. */
import type { PackedFile } from './contents.ts';
import { isElectronsOwn, type PackageLayout } from './systems.ts';

/** Bytes that a packed app may have beside Electron's own files. */
const MOST_OWN_BYTES = 120e6;

/** A part of the package, and its bytes. */
export type Size = readonly [part: string, bytes: number];

/** The first that a path meets is its part. */
const parts: readonly (readonly [string, RegExp])[] = [
  ['ONNX Runtime', /\/node_modules\/onnxruntime-/],
  ['sharp and libvips', /\/node_modules\/(sharp|@img|@emnapi|tslib|detect-libc|semver)\//],
  ['other packages', /\/node_modules\//],
  ['models', /\/models\/weights\//],
  ['main and workers', /\/out\/main\//],
  ['window and preload', /\/out\/(renderer|preload)\//],
];

/** The parts that are not Electron's, the largest first. */
export function sizesOf(layout: PackageLayout, files: readonly PackedFile[]): Size[] {
  const sums = new Map<string, number>();
  for (const { path, bytes } of files) {
    if (isElectronsOwn(path, layout)) continue;
    const part = parts.find(([, pattern]) => pattern.test(path))?.[0] ?? 'icons, entries, licences';
    sums.set(part, (sums.get(part) ?? 0) + bytes);
  }
  return [...sums].toSorted((a, b) => b[1] - a[1]);
}

/** A line of a table of sizes. */
export const sizeLine = ([part, bytes]: Size): string =>
  `  ${part.padEnd(32)} ${(bytes / 1e6).toFixed(2).padStart(7)} MB`;

export const sumOf = (sizes: readonly Size[]): number => sizes.reduce((total, [, bytes]) => total + bytes, 0);

/** A sentence where it is too much, else none. */
export function tooLarge(sizes: readonly Size[], mostBytes = MOST_OWN_BYTES): string[] {
  const sum = sumOf(sizes);
  if (sum <= mostBytes) return [];
  return [`Too large: ${(sum / 1e6).toFixed(1)} MB beside Electron, where ${mostBytes / 1e6} MB are allowed`];
}
