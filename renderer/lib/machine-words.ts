/** What was found about this computer, in words. */
import type {
  Device,
  DeviceVerdict,
  HeatCell,
  HeatMap,
  KnownTuning,
  MachineChange,
  MachineWork,
  TunableSetting,
  TunePhase,
} from '../../preload/contract/machine.ts';
import { formatDuration } from './format.ts';

const deviceNames: Readonly<Record<Device, string>> = {
  cpu: 'Processor (CPU)',
  webgpu: 'WebGPU',
  dml: 'DirectML',
  coreml: 'CoreML',
  cuda: 'CUDA',
};

export function deviceName(device: Device): string {
  return deviceNames[device];
}

const rates = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** Megapixels of result a second. */
export function formatRate(megapixelsPerSecond: number): string {
  return rates.format(megapixelsPerSecond);
}

/** What a check said of a device. */
export function verdictWords(verdict: DeviceVerdict): string {
  switch (verdict.kind) {
    case 'untried':
      return 'Not checked yet';
    case 'right':
      return `Right, ${formatRate(verdict.megapixelsPerSecond)} MP/s`;
    case 'wrong':
      return `Computes wrong: off by ${Math.round(verdict.maximumSteps)} of 255 steps`;
    case 'failed':
      return `Failed: ${verdict.error.message}`;
  }
}

const phases: Readonly<Record<TunePhase, string>> = {
  photos: 'Making the photos that are measured',
  crews: 'Comparing workers and threads',
  tiles: 'Comparing tiles',
  batches: 'Enhancing whole batches with the best few',
};

/** What is being done, in a line. */
export function workWords(work: Exclude<MachineWork, { kind: 'idle' }>): string {
  if (work.kind === 'tuning') return `${phases[work.phase]} · ${formatDuration(work.leftMs)} left`;
  if (work.device === null) return 'Decoding a sample photo';
  return `${deviceName(work.device)} · ${work.index + 1} of ${work.count}`;
}

/** 0…1. */
export function workFraction(work: Exclude<MachineWork, { kind: 'idle' }>): number {
  if (work.kind === 'tuning') return work.fraction;
  return work.count === 0 ? 0 : work.index / work.count;
}

function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

function settingWords({ tilePx, workers, threads }: TunableSetting): string {
  return `tiles of ${tilePx} px, ${plural(workers, 'worker')} × ${plural(threads, 'thread')}`;
}

/** What came of a tuning, in a sentence or two. */
export function tuneVerdictWords({ cells, verdict }: HeatMap): string {
  if (verdict === null) return '';
  const { best, standard, gain, elapsedMs, sure } = verdict;
  const measured = cells.filter(({ megapixelsPerSecond }) => megapixelsPerSecond !== null).length;
  const found = isSame(best, standard)
    ? `The defaults are the fastest here: ${settingWords(best)}.`
    : `Fastest here: ${settingWords(best)}, ${Math.round((gain - 1) * 100)} % faster than the defaults.`;
  const doubt = sure ? '' : ' There was no time for whole batches, so this rests on tiles alone.';
  return `${found} ${measured} of ${cells.length} settings were measured in ${formatDuration(elapsedMs)}.${doubt}`;
}

const changes: Readonly<Record<MachineChange, string>> = {
  machine: 'the machine',
  runtime: 'the runtime’s version',
  model: 'the model',
};

/** `the machine and the runtime’s version`. */
export function changeWords(changed: readonly MachineChange[]): string {
  return changed.map((change) => changes[change]).join(' and ');
}

const days = new Intl.DateTimeFormat('en', { dateStyle: 'long' });

/** A day, from ISO 8601. */
export function formatDay(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : days.format(date);
}

/** What is remembered for the model in force. */
export function knownTuningWords(tuning: KnownTuning): string {
  switch (tuning.kind) {
    case 'none':
      return `${tuning.model} has not been tuned: the defaults are used.`;
    case 'tuned':
      return `In use for ${tuning.model} since ${formatDay(tuning.tunedAt)}: ${settingWords(tuning)}.`;
    case 'stale':
      return `${tuning.model} was tuned on ${formatDay(tuning.tunedAt)}, but ${changeWords(tuning.changes)} changed since: the defaults are used until you tune again.`;
  }
}

export function isSame(one: TunableSetting, other: TunableSetting): boolean {
  return one.tilePx === other.tilePx && one.workers === other.workers && one.threads === other.threads;
}

/** Hotter is faster: 4 within 3 % of the best, 3 within 10 %, 2 within 25 %, 1 for the rest, 0 where not measured. */
export function heatLevel({ megapixelsPerSecond }: HeatCell, best: number): 0 | 1 | 2 | 3 | 4 {
  if (megapixelsPerSecond === null) return 0;
  const share = megapixelsPerSecond / best;
  if (share >= 0.97) return 4;
  if (share >= 0.9) return 3;
  return share >= 0.75 ? 2 : 1;
}

/** A heat map's rows and columns. */
export interface HeatTable {
  readonly crews: readonly Pick<TunableSetting, 'workers' | 'threads'>[];
  readonly rows: readonly { readonly tilePx: number; readonly cells: readonly (HeatCell | undefined)[] }[];
  /** Megapixels of result a second. */
  readonly hottest: number;
}

/** A row a tile, a column a workers × threads. */
export function heatTable(cells: readonly HeatCell[]): HeatTable {
  const byCrew = new Map(cells.map(({ workers, threads }) => [`${workers}×${threads}`, { workers, threads }]));
  const crews = [...byCrew.values()].sort((a, b) => b.workers - a.workers || b.threads - a.threads);
  const tiles = [...new Set(cells.map(({ tilePx }) => tilePx))].sort((a, b) => a - b);
  return {
    crews,
    rows: tiles.map((tilePx) => ({
      tilePx,
      cells: crews.map((crew) => cells.find((cell) => isSame(cell, { tilePx, ...crew }))),
    })),
    hottest: Math.max(0, ...cells.map(({ megapixelsPerSecond }) => megapixelsPerSecond ?? 0)),
  };
}
