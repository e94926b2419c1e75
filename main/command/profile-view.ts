/** A profile as tables of a terminal. Pure. */
import type { PhotoProfile, Profile, WorkerProfile } from '../tune/profile.ts';
import { formatBytes, showable } from './format.ts';

const PHOTO_COLUMNS: readonly (readonly [head: string, ms: (photo: PhotoProfile) => number])[] = [
  ['whole', ({ elapsedMs }) => elapsedMs],
  ['decode', ({ decodeMs }) => decodeMs],
  ['wait', ({ waitMs }) => waitMs],
  ['infer', ({ inferMs }) => inferMs],
  ['stitch', ({ stitchMs }) => stitchMs],
  ['write', ({ writeMs }) => writeMs],
  ['encode', ({ encodeMs }) => encodeMs],
  ['store', ({ storeMs }) => storeMs],
];

/** Photos, then workers, then how to read them. */
export function profileLines({ elapsedMs, photos, workers }: Profile): string[] {
  const ms = (value: number): string => value.toFixed(0);
  const sums = PHOTO_COLUMNS.map(([, of]) => photos.reduce((sum, photo) => sum + of(photo), 0));
  return [
    ...aligned([
      ['photo, ms', ...PHOTO_COLUMNS.map(([head]) => head)],
      ...photos.map((photo) => [showable(photo.name), ...PHOTO_COLUMNS.map(([, of]) => ms(of(photo)))]),
      ['all photos', ...sums.map(ms)],
    ]),
    '',
    ...aligned([
      ['worker', 'infer ms', 'in use', 'codec ms', 'arena', 'reused', 'refused', 'allocated', 'peak memory'],
      ...workers.map((worker, index) => workerCells(worker, index)),
    ]),
    '',
    `The batch took ${ms(elapsedMs)} ms. Strips of a photo are worked on side by side, so that its parts may add up to more`,
    'than the whole; it waits while nothing of it runs. “In use” is the share of the time that the model was.',
  ];
}

function workerCells({ inferMs, utilisation, codecMs, arena, peakRssBytes }: WorkerProfile, index: number): string[] {
  const bytes = (value: number | undefined): string => (value === undefined ? '' : formatBytes(value));
  return [
    `${index + 1}`,
    inferMs.toFixed(0),
    `${(utilisation * 100).toFixed(1)} %`,
    codecMs.toFixed(0),
    bytes(arena?.reservedBytes),
    ...[arena?.reused, arena?.refused, arena?.allocations].map((count) => String(count ?? '')),
    bytes(peakRssBytes),
  ];
}

/** Names to the left, all that is a number to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
}
