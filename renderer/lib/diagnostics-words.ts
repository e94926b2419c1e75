/** Where a batch's time went, in words and numbers for the window. */
import type { BatchTimes, ComputedOn, Stage, StageTimes, SystemFacts } from '../../preload/contract/diagnostics.ts';
import { formatBytes, formatDuration, formatMoment, formatPhotos } from './format.ts';
import { deviceName } from './machine-words.ts';

/** In the order in which they happen. */
export const stages: readonly { readonly stage: Stage; readonly label: string; readonly meaning: string }[] = [
  { stage: 'decode', label: 'Decode', meaning: 'Reading the photo' },
  { stage: 'wait', label: 'Wait', meaning: 'Nothing of the photo ran: others were in work' },
  { stage: 'infer', label: 'Model', meaning: 'Inside the model' },
  {
    stage: 'stitch',
    label: 'Stitch',
    meaning: 'Around the model: cutting and joining tiles, and loading it the first time',
  },
  { stage: 'write', label: 'Write', meaning: 'Finished strips to the temporary file' },
  { stage: 'encode', label: 'Encode', meaning: 'Making the result’s file' },
  { stage: 'store', label: 'Store', meaning: 'Making sure that the result is on disk' },
];

const hundredths = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** Milliseconds as seconds with as many digits as can be read; a dash for what did not happen. */
export function formatSeconds(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 0.005) return '–';
  return seconds < 100 ? hundredths.format(seconds) : tenths.format(seconds);
}

/** A share, 0…1; what is there is never called nothing. */
export function formatShare(share: number): string {
  return share > 0 && share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`;
}

export function sumOf(times: StageTimes): number {
  return stages.reduce((sum, { stage }) => sum + times[stage], 0);
}

/** A bar's parts in order, each a share of what the longest bar stands for; those that did not happen are left out. */
export function barParts(times: StageTimes, longestMs: number): { readonly stage: Stage; readonly share: number }[] {
  return stages
    .map(({ stage }) => ({ stage, share: longestMs === 0 ? 0 : times[stage] / longestMs }))
    .filter(({ share }) => share > 0);
}

/** `12 photos in 48 s, 1 failed`. */
export function batchWords({ photos, failed, elapsedMs, pausedMs }: BatchTimes): string {
  const beside = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(pausedMs >= 500 ? [`${formatDuration(pausedMs)} of pauses not counted`] : []),
  ];
  const through = photos === 0 ? 'No photo is done yet' : `${formatPhotos(photos)} in ${formatMoment(elapsedMs)}`;
  return [through, ...beside].join(', ');
}

/** How busy the models were, of all workers' time; 0…1. */
function meanUse({ workers }: BatchTimes): number {
  return workers.length === 0 ? 0 : workers.reduce((sum, { inUse }) => sum + inUse, 0) / workers.length;
}

/** What held the batch up, in a sentence. */
export function limitWords(batch: BatchTimes): string {
  if (batch.workers.length === 0) return '';
  const use = formatShare(meanUse(batch));
  if (meanUse(batch) >= 0.85) {
    return `The models were in use ${use} of the workers’ time: the device they run on is the limit, not your disk.`;
  }
  const beside = stages.filter(({ stage }) => stage !== 'infer' && stage !== 'wait');
  const longest = beside.reduce((one, other) => (batch.totals[other.stage] > batch.totals[one.stage] ? other : one));
  const few = batch.photos < 2 * batch.workers.length ? ' A batch of few photos leaves workers idle at its ends.' : '';
  return `The models were in use ${use} of the workers’ time. Beside them, ${deeds[longest.stage]} took most.${few}`;
}

const deeds: Readonly<Record<Stage, string>> = {
  decode: 'reading photos',
  wait: 'waiting',
  infer: 'the model',
  stitch: 'loading the model and cutting tiles',
  write: 'writing temporary files',
  encode: 'encoding results',
  store: 'storing results',
};

/** `Processor (CPU), int8`. */
export function computedWords({ device, precision }: ComputedOn): string {
  return `${deviceName(device)}, ${precision}`;
}

/** What this program and computer are, as names and values. */
export function factRows(facts: SystemFacts): readonly (readonly [name: string, value: string])[] {
  const { tessera, onnxRuntime, codec, electron, node, system, processor, cores, memoryBytes } = facts;
  const build = codec?.build === 'wasm' ? 'WebAssembly' : 'native';
  return [
    ['Tessera', tessera],
    ['ONNX Runtime', onnxRuntime],
    ['sharp', codec === null ? 'asking a worker…' : `${codec.sharp}, ${build}`],
    ['libvips', codec === null ? 'asking a worker…' : codec.libvips],
    ['Electron', electron ?? 'none: a browser stands in'],
    ['Node', node],
    ['System', system],
    ['Processor', processor],
    ['Cores', String(cores)],
    ['Memory', formatBytes(memoryBytes)],
  ];
}
