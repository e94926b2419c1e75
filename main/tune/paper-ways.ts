/** Ways of enhancing the same photo: what the source paper's table and its claims are made of. Pure. */
import type { EnhanceSpec, Trial } from '../worker/protocol.ts';
import type { Crew } from './space.ts';

/** One way. Ways with one `id` are measured once. */
export interface Way {
  readonly id: string;
  readonly crew: Crew;
  readonly spec: EnhanceSpec;
  readonly trial?: Trial;
  readonly reuseArena?: boolean;
  /** Its time includes the opening of the sessions. */
  readonly cold?: boolean;
}

/** A row of the source paper's table. */
export interface PaperRow {
  /** Side of the window that the model is fed. */
  readonly inputPx: number;
  /** Window less stride, both sides together. */
  readonly paddingPx: number;
  readonly quantisation: string;
  /** Of the paper's machine; none for a row that is ours alone. */
  readonly paperThreads?: number;
  /** The contest's score, as the paper prints it. */
  readonly paperScore?: number;
  readonly way: Way;
  readonly note?: string;
}

/** Two or three ways that differ in one thing alone. */
export interface Ablation {
  readonly id: string;
  /** What the paper claims, or what is compared. */
  readonly name: string;
  /** The last one is ours; the others' times are divided by its. */
  readonly ways: readonly { readonly name: string; readonly way: Way }[];
  readonly note?: string;
}

/** The window of the paper's best row. */
const BEST_PX = 192;

/** Input, padding and score of the paper's rows in symmetric int8 on 16 threads. */
const WINDOWS: readonly (readonly [inputPx: number, paddingPx: number, score: number])[] = [
  [100, 10, 3785],
  [128, 10, 3988],
  [160, 10, 4412],
  [192, 10, 5894],
  [200, 10, 4350],
  [256, 10, 3612],
  [512, 10, 3589],
  [192, 5, 5764],
];

/** A window that holds the photo of the table as a whole. */
const WHOLE_PX = 1024;

/** The paper's machine has 48 cores and its usual number of threads is 16: all cores here stand for that. */
const THREADS: Readonly<Record<number, (cores: number) => number>> = {
  8: (cores) => Math.max(1, Math.floor(cores / 2)),
  16: (cores) => cores,
  32: (cores) => cores * 2,
};

/** A crew for one of the paper's numbers of threads. */
function crewOf(threads: number, cores: number): Crew {
  return { workers: THREADS[threads]!(cores), threads: 1 };
}

/**
 * The window and the halo whose stride is window less padding. Halos are whole and the same on both sides, so that an odd
 * padding takes a window that is one pixel smaller.
 */
export function windowOf(inputPx: number, paddingPx: number): Pick<EnhanceSpec, 'tilePx' | 'haloPx'> {
  const haloPx = Math.floor(paddingPx / 2);
  return { tilePx: inputPx - (paddingPx % 2), haloPx };
}

/**
 * The paper's table for a machine.
 *
 * @param fieldPx the model's receptive field; a halo below it is not exact
 * @param arch of the processor, as Node names it
 */
export function paperRows(modelId: string, fieldPx: number, cores: number, arch: string): readonly PaperRow[] {
  const row = (inputPx: number, paddingPx: number, threads: number, form: Form): Omit<PaperRow, 'paperScore'> => {
    const spec: EnhanceSpec = {
      modelId,
      precision: form.precision,
      tiling: 'dilated',
      border: 'mean',
      ...windowOf(inputPx, paddingPx),
    };
    const crew = crewOf(threads, cores);
    const id = `${inputPx}/${paddingPx}/${form.name}/${crew.workers}`;
    const way = { id, crew, spec, ...(form.trial && { trial: form.trial }) };
    return { inputPx, paddingPx, quantisation: form.name, paperThreads: threads, way };
  };
  const odd = 'window 191, halo 2: the stride is 187, as the paper’s';
  const half = halfNote(arch);
  const exact = row(BEST_PX, 2 * fieldPx, 16, INT8);
  return [
    ...WINDOWS.map(([inputPx, paddingPx, paperScore]) => ({
      ...row(inputPx, paddingPx, 16, INT8),
      paperScore,
      ...(paddingPx % 2 === 1 && { note: odd }),
    })),
    { ...row(BEST_PX, 5, 16, FP16), paperScore: 4755, note: `${odd}; ${half}` },
    { ...row(BEST_PX, 5, 16, FP32), note: odd },
    { ...row(BEST_PX, 10, 8, INT8), paperScore: 5656 },
    { ...row(BEST_PX, 10, 8, FP16), paperScore: 5446, note: half },
    { ...row(BEST_PX, 10, 8, FP32) },
    { ...row(BEST_PX, 10, 32, INT8), paperScore: 5565 },
    { ...row(BEST_PX, 10, 32, FP16), paperScore: 5311, note: half },
    { ...row(BEST_PX, 10, 32, FP32) },
    {
      ...row(BEST_PX, 10, 16, ASYMMETRIC),
      note: 'our weights as unsigned bytes around 128: the same sums, in the kernels that asymmetric weights need',
    },
    {
      ...exact,
      // Said so, because it also chooses the graph: without padding it computes no halo of the layers' own.
      way: { ...exact.way, spec: { ...exact.way.spec, haloPx: 'auto' } },
      note: 'ours: the halo is the whole field, so that tiled equals untiled',
    },
  ];
}

interface Form {
  readonly name: string;
  readonly precision: EnhanceSpec['precision'];
  readonly trial?: Trial;
}

const INT8: Form = { name: 'int8 symmetric', precision: 'int8' };
const FP32: Form = { name: 'fp32', precision: 'fp32' };
const FP16: Form = { name: 'fp16', precision: 'fp32', trial: { graph: 'fp16' } };
const ASYMMETRIC: Form = { name: 'int8 asymmetric', precision: 'int8', trial: { graph: 'unsigned-weights' } };

/** Seen in the runtime's own profile of such a session (1.30, x64): every convolution's inputs are 32-bit floats. */
function halfNote(arch: string): string {
  return arch === 'x64'
    ? 'not supported as such: the runtime has no 16-bit float convolution here and computes it in 32 bits'
    : 'convolutions in 16-bit floats where the runtime has them for this processor, in 32 bits where not';
}

/** What the paper claims of tiling, threads, memory, warm-up and fusion, each switched off and on. */
export function ablations(modelId: string, cores: number): readonly Ablation[] {
  const spec: EnhanceSpec = {
    modelId,
    precision: 'int8',
    tiling: 'dilated',
    tilePx: BEST_PX,
    haloPx: 'auto',
    border: 'reflect',
  };
  const crew = { workers: cores, threads: 1 };
  const ours: Way = { id: 'ours', crew, spec };
  const tiled = (tiling: EnhanceSpec['tiling']): Way => ({ id: tiling, crew, spec: { ...spec, tiling } });
  const cold: Way = { ...ours, id: 'cold', cold: true };
  return [
    {
      id: 'tiling',
      name: 'Tiling',
      ways: [
        { name: 'no overlap, zeros at the right and bottom', way: tiled('plain') },
        { name: 'half overlap, averaged', way: tiled('average') },
        { name: 'none: the whole photo at once', way: { ...ours, id: 'whole', spec: { ...spec, tilePx: WHOLE_PX } } },
        { name: 'dilated', way: ours },
      ],
      note:
        'Half overlap infers four times as many tiles, and sums every pixel of them in JavaScript. Dilated tiles give the ' +
        'very picture that the whole photo at once gives. NIQE, which knows no original, takes what a seam adds for ' +
        'detail of the photo, so that it favours tilings with seams.',
    },
    {
      id: 'pool',
      name: 'Producers and consumers',
      ways: [
        { name: 'one worker', way: { ...ours, id: 'one', crew: { workers: 1, threads: 1 } } },
        { name: `${cores} workers`, way: ours },
      ],
      note: 'One worker’s model has one thread; it still decodes and encodes beside it.',
    },
    {
      id: 'arena',
      name: 'Memory arena',
      ways: [
        { name: 'fresh memory for every tile', way: { ...ours, id: 'fresh', reuseArena: false } },
        { name: 'arena', way: ours },
      ],
    },
    {
      id: 'warm-up',
      name: 'Warm-up',
      ways: [
        { name: 'none', way: { ...cold, id: 'no-warm-up', trial: { warmUp: false } } },
        { name: 'blank tiles until their time settles', way: cold },
      ],
      note:
        'Both times include the opening of the sessions, since warm-up is part of that. In the product it runs before ' +
        'the first photo is decoded.',
    },
    {
      id: 'fusion',
      name: '÷255 and channel order',
      ways: [
        {
          name: 'in JavaScript, float planes to the graph',
          way: { ...ours, id: 'planes', trial: { graph: 'planes' } },
        },
        { name: 'in the graph, bytes', way: ours },
      ],
      note: 'The same weights and the same tile; the results are the same within 1 of 255.',
    },
  ];
}
