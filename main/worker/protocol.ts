/**
 * What main and a worker say to each other. Messages carry paths, ids, numbers and errors; never pixels.
 */
import type { ArenaCounters, ArenaLayout } from '../engine/arena.ts';
import type { Border } from '../engine/border.ts';
import type { Difference } from '../engine/compare.ts';
import type { Failure, Result } from '../engine/errors.ts';
import type { Size } from '../engine/geometry.ts';
import type { JpegStrips } from '../engine/jpeg-strips.ts';
import type { StripBudget, Tiling } from '../engine/plan.ts';
import type {
  CodecVersions,
  OutputFormat,
  OutputSpec,
  PhotoInfo,
  PlaneFormat,
  Provider,
  SheetRequest,
  TileShape,
} from '../engine/ports.ts';
import type { Likeness } from '../engine/quality/likeness.ts';
import type { NiqeScore } from '../engine/quality/niqe.ts';

export type Precision = 'int8' | 'fp32';

/** How a photo is enhanced: everything that decides its pixels. */
export interface EnhanceSpec {
  readonly modelId: string;
  readonly precision: Precision;
  readonly tiling: Tiling;
  readonly tilePx: number;
  /** `auto` is the graph's receptive field: tiled equals untiled. */
  readonly haloPx: number | 'auto';
  readonly border: Border;
}

/** One plane of a photo on its way: colour (or grey), or alpha. */
export interface PlaneFiles extends PlaneFormat {
  /** The decoded, upright source; uncompressed. */
  readonly sourcePath: string;
}

/** A photo that is decoded and planned. Any worker can go on with it. */
export interface OpenPhoto {
  readonly photoId: string;
  readonly source: string;
  readonly info: PhotoInfo;
  readonly image: Size;
  readonly scale: number;
  readonly spec: EnhanceSpec;
  readonly haloPx: number;
  readonly budget: StripBudget;
  readonly planes: readonly PlaneFiles[];
  /** As the plan was asked for; see `PlanRequest`. */
  readonly rowUnitPx?: number;
  /** Where each strip's result goes: all planes interleaved and uncompressed; where `jpeg` is there, its part of that. */
  readonly bandPaths: readonly string[];
  readonly jpeg?: JpegStrips;
  /** Tiles of each strip, all planes together. */
  readonly stripTiles: readonly number[];
}

/** The names that a result has on its way. Both are the photo's own, and stay the same when it is tried again. */
export interface StorePaths {
  /** Beside the target, so that the last step is a rename within one disk. */
  readonly temporaryPath: string;
  /** Remembers which file was about to get the target's name. */
  readonly claimPath: string;
}

/** Set once, at a worker's start. */
export interface WorkerConfig {
  readonly threads: number;
  readonly provider: Provider;
  /** Where the models' weights lie; left out, in the source tree. */
  readonly weightsFolder?: string;
  /** Where imported models lie; left out, there are none. */
  readonly importedFolder?: string;
  readonly layout: ArenaLayout;
  readonly reuseArena: boolean;
  /** Model to load and warm up at once, before the first task asks for it. */
  readonly preload?: {
    readonly modelId: string;
    readonly precision: Precision;
    readonly tilePx: number;
    /** `valid`, the graph of dilated tiles, where left out. */
    readonly padding?: 'same' | 'valid';
  };
  readonly trial?: Trial;
}

/** What is done worse than it could be, so that a benchmark can say what it is worth. No photo of a person's sees it. */
export interface Trial {
  /** False: the first tile is also a session's first run. */
  readonly warmUp?: boolean;
  /** Another form of the network's graph; see `models/graph/comparison-graph.ts`. */
  readonly graph?: 'planes' | 'unsigned-weights' | 'fp16';
}

/** Work for a worker. `infer` runs alone; the others run beside it, on the codec's threads. */
export type Task =
  | { readonly kind: 'probe'; readonly paths: readonly string[] }
  | {
      readonly kind: 'open';
      readonly photoId: string;
      readonly source: string;
      readonly info: PhotoInfo;
      readonly spec: EnhanceSpec;
      readonly outputFormat: OutputFormat;
      /** What will be encoded; left out where nothing will. */
      readonly output?: Size & Pick<OutputSpec, 'quality'>;
      readonly budget: StripBudget;
      /** Of what is free on the disk, bytes that other photos will need. */
      readonly reservedBytes?: number;
      readonly scratchFolder: string;
    }
  | { readonly kind: 'infer'; readonly photo: OpenPhoto; readonly stripIndex: number }
  | {
      readonly kind: 'close';
      readonly photo: OpenPhoto;
      readonly output: OutputSpec;
      readonly store: StorePaths;
    }
  /** Runs blank tiles one after the other: the limit that nothing around inference can beat. */
  | {
      readonly kind: 'measure';
      readonly modelId: string;
      readonly precision: Precision;
      /** `same` computes no halo; `valid` is the graph of dilated tiles. */
      readonly padding: 'same' | 'valid';
      readonly tile: TileShape;
      readonly durationMs: number;
    }
  /** Holds what the runtime makes of an imported model against plain loops. */
  | { readonly kind: 'verify'; readonly modelId: string }
  /** Which devices this build of the runtime brings. */
  | { readonly kind: 'devices' }
  /** What this worker reads and writes photos with. */
  | { readonly kind: 'versions' }
  /** Holds this worker's device against the processor, on a tile from the middle of a photo. */
  | { readonly kind: 'compare'; readonly photo: OpenPhoto; readonly tile: TileShape }
  /** Makes a picture whose original is known. */
  | ({ readonly kind: 'reduce' } & SheetRequest)
  /** Measures how good a picture looks, and how like a reference of the same size it is. */
  | { readonly kind: 'score'; readonly path: string; readonly reference?: string; readonly scratchFolder: string };

/** When a stage of a task ran, in milliseconds since the epoch; the proof that stages overlap. */
export interface StageTime {
  readonly stage: 'decode' | 'wait' | 'infer' | 'write' | 'encode' | 'store';
  /** Process id of the worker. */
  readonly worker: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** What a task came to, by its kind. */
export interface TaskValues {
  readonly probe: { readonly photos: readonly Result<PhotoInfo>[] };
  readonly open: {
    readonly photo: OpenPhoto;
    /** What its temporary files take on disk at most, all together. */
    readonly spoolBytes: number;
    readonly stages: readonly StageTime[];
  };
  readonly infer: {
    /** What was really computed on, and in. */
    readonly provider: Provider;
    readonly precision: Precision;
    readonly tiles: number;
    readonly stages: readonly StageTime[];
    /** Inside the session, of the inference's time. */ readonly runMs: number;
  };
  /** In 255ths, rounding included. */
  readonly verify: { readonly largestDifference: number };
  readonly measure: {
    /** What was really computed on, and in. */
    readonly provider: Provider;
    readonly precision: Precision;
    readonly tiles: number;
    readonly elapsedMs: number;
    readonly outputPixels: number;
  };
  readonly close: {
    readonly fileBytes: number;
    readonly stages: readonly StageTime[];
    /** The photo is another now than the one that was enhanced. */
    readonly sourceChanged: boolean;
  };
  readonly devices: { readonly providers: readonly Provider[] };
  readonly versions: CodecVersions;
  readonly compare: Difference;
  readonly reduce: Size;
  readonly score: NiqeScore & { readonly size: Size; readonly likeness?: Likeness };
}

export type TaskKind = Task['kind'];
export type TaskOf<Kind extends TaskKind> = Extract<Task, { readonly kind: Kind }>;

/** A worker's memory and counters, for diagnostics and benchmarks. */
export interface WorkerReport {
  /** Process id. */
  readonly worker: number;
  readonly arena: ArenaCounters;
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  readonly arrayBufferBytes: number;
  readonly externalBytes: number;
  readonly cpuMs: number;
}

export type ToWorker =
  | { readonly type: 'configure'; readonly config: WorkerConfig }
  | { readonly type: 'task'; readonly taskId: number; readonly task: Task }
  | { readonly type: 'cancel'; readonly taskId: number }
  | { readonly type: 'report'; readonly collectGarbage: boolean }
  | { readonly type: 'shutdown' };

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'tile'; readonly taskId: number }
  | {
      readonly type: 'done';
      readonly taskId: number;
      readonly result: Result<TaskValues[TaskKind]>;
    }
  | { readonly type: 'notice'; readonly notice: Failure }
  | { readonly type: 'report'; readonly report: WorkerReport };

/** The two ends of a channel, as a worker sees them. */
export interface WorkerPort {
  send(message: FromWorker): void;
  onMessage(listener: (message: ToWorker) => void): void;
}
