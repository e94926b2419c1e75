/**
 * The diagnostics as plain text, for the report of a fault. Pure.
 *
 * Such a report ends up in public, and the name of a photo or a folder can say who is in it, where and why. So the text
 * names none: a photo is its rank, its sizes and its format, which is all that its times depend on.
 */
import type {
  BatchTimes,
  Diagnostics,
  PhotoTimes,
  StageTimes,
  SystemFacts,
  WorkerTimes,
} from '../../preload/contract/diagnostics.ts';

/** Enough to see what is slow; a report is read by people. */
const mostPhotos = 20;

const columns: readonly (keyof StageTimes)[] = ['decode', 'wait', 'infer', 'stitch', 'write', 'encode', 'store'];

/** The program and the machine first, then the batch. */
export function diagnosticsText({ batch, facts }: Diagnostics): string {
  const parts = [factLines(facts), batch === null ? ['No batch has run since the start.'] : batchLines(batch)];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function factLines(facts: SystemFacts): string[] {
  const { tessera, onnxRuntime, codec, electron, node, system, processor, cores, memoryBytes } = facts;
  return [
    `Tessera ${tessera}`,
    `ONNX Runtime ${onnxRuntime}`,
    codec === null ? 'sharp unknown' : `sharp ${codec.sharp} (${codec.build}), libvips ${codec.libvips}`,
    `${electron === null ? '' : `Electron ${electron}, `}Node ${node}`,
    system,
    `${processor}, ${cores} cores, ${gigabytes(memoryBytes)}`,
  ];
}

function batchLines(batch: BatchTimes): string[] {
  const { run, photos, failed, elapsedMs, pausedMs, computed, slowest, totals, workers } = batch;
  const shown = slowest.slice(0, mostPhotos);
  return [
    `Batch: ${run}, ${photos} done, ${failed} failed, ${ms(elapsedMs)} ms and ${ms(pausedMs)} ms paused`,
    ...computed.map(
      ({ device, precision, photos: count }) =>
        `Computed on ${device} in ${precision}: ${count} ${count === 1 ? 'photo' : 'photos'}`,
    ),
    '',
    ...aligned([
      ['slowest, ms', 'source', 'result', 'format', 'whole', ...columns],
      ...shown.map(photoCells),
      ['all photos', '', '', '', '', ...columns.map((stage) => ms(totals[stage]))],
    ]),
    '',
    ...aligned([
      ['worker', 'infer ms', 'in use', 'codec ms', 'arena', 'reused', 'refused', 'allocated', 'peak memory'],
      ...workers.map(workerCells),
    ]),
  ];
}

function photoCells({ source, result, format, elapsedMs, stages }: PhotoTimes, index: number): string[] {
  const size = ({ widthPx, heightPx }: PhotoTimes['source']): string => `${widthPx}x${heightPx}`;
  return [
    `${index + 1}`,
    size(source),
    size(result),
    format,
    ms(elapsedMs),
    ...columns.map((stage) => ms(stages[stage])),
  ];
}

/** By its rank: a process id says nothing to others. */
function workerCells(worker: WorkerTimes, index: number): string[] {
  const { inferMs, inUse, codecMs, alive, arena, peakMemoryBytes } = worker;
  const bytes = (value: number | null | undefined): string =>
    value == null ? (alive ? '?' : 'gone') : `${(value / 1024 ** 2).toFixed(0)} MB`;
  return [
    `${index + 1}`,
    ms(inferMs),
    `${(inUse * 100).toFixed(1)} %`,
    ms(codecMs),
    bytes(arena?.reservedBytes),
    ...[arena?.reused, arena?.refused, arena?.allocations].map((count) => String(count ?? '')),
    bytes(peakMemoryBytes),
  ];
}

function ms(value: number): string {
  return value.toFixed(0);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}

/** Names to the left, all that is a number to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}
