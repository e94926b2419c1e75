import type { ContractError } from './errors.ts';
import type { Device } from './machine.ts';

/** A photo's number in the queue; never reused within a session. */
export type JobId = number;

/** A width and a height in pixels. */
export interface PixelSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** How large the result is to be. */
export type TargetSize =
  | { readonly kind: 'scale'; readonly factor: number }
  | { readonly kind: 'width'; readonly widthPx: number }
  | { readonly kind: 'height'; readonly heightPx: number }
  | { readonly kind: 'fit'; readonly widthPx: number; readonly heightPx: number }
  | { readonly kind: 'longEdge'; readonly longEdgePx: number }
  | { readonly kind: 'megapixels'; readonly megapixels: number };

export type FormatChoice = 'same' | 'jpeg' | 'png' | 'webp' | 'tiff' | 'avif';
export type ExistingRule = 'skip' | 'overwrite' | 'fail';
export type Automatic<T> = 'auto' | T;

/** What decides how one photo comes out; the batch has one of these, and a photo may differ. */
export interface LookOptions {
  readonly model: string;
  readonly target: TargetSize;
  readonly format: FormatChoice;
  /** 1…100, for JPEG, WebP and AVIF. */
  readonly quality: number;
  readonly nameTemplate: string;
}

/** What decides how the work is done; the same for every photo. */
export interface WorkOptions {
  readonly precision: 'int8' | 'fp32';
  readonly tilePx: Automatic<number>;
  readonly haloPx: Automatic<number>;
  readonly border: 'reflect' | 'mean' | 'edge';
  /** What the models run on; auto is the fastest that was found right on this machine. */
  readonly device: Automatic<Device>;
  readonly workers: Automatic<number>;
  readonly threads: Automatic<number>;
  readonly memoryBytes: Automatic<number>;
  readonly existing: ExistingRule;
}

/** How the window behaves. */
export interface WindowOptions {
  readonly theme: 'system' | 'light' | 'dark';
  readonly notifyWhenDone: boolean;
  /** Where results go; null: a folder named “enhanced” beside the photos. */
  readonly outputFolder: string | null;
}

/** Everything that a person can set. */
export interface Settings extends LookOptions, WorkOptions, WindowOptions {}

/** Some settings, to be changed together. */
export type SettingsPatch = { readonly [K in keyof Settings]?: Settings[K] | undefined };

/** What differs from the batch for one photo. */
export type LookOverrides = { readonly [K in keyof LookOptions]?: LookOptions[K] | undefined };

/** A change of what differs: null goes back to the batch's setting, and what is left out stays as each photo has it. */
export type LookChange = { readonly [K in keyof LookOptions]?: LookOptions[K] | null | undefined };

/** Where a photo stands. */
export type JobState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'probing' }
  | { readonly kind: 'running'; readonly fraction: number; readonly leftMs: number | null }
  | { readonly kind: 'encoding'; readonly fraction: number }
  | { readonly kind: 'paused'; readonly fraction: number }
  | { readonly kind: 'done'; readonly path: string; readonly bytes: number; readonly tookMs: number }
  | { readonly kind: 'failed'; readonly error: ContractError }
  | { readonly kind: 'skipped'; readonly path: string }
  | { readonly kind: 'cancelled' };

export type JobStateKind = JobState['kind'];

/** One photo in the queue. */
export interface Job {
  readonly id: JobId;
  readonly name: string;
  /** The folder that holds it. */
  readonly folder: string;
  readonly bytes: number;
  /** Upright; null until its header was read. */
  readonly source: PixelSize | null;
  /** What it will be, or has become. */
  readonly result: PixelSize | null;
  /** The model's id and scale in use for it, as in the models list. */
  readonly model: string;
  readonly overrides: LookOverrides | null;
  /** Opens its thumbnail under `/preview/<token>`. */
  readonly thumbnail: string;
  readonly state: JobState;
}

/** Where the batch as a whole stands. */
export type RunState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly leftMs: number | null; readonly megapixelsPerSecond: number | null }
  | { readonly kind: 'paused' };

/** The batch in numbers. */
export interface QueueTotals {
  readonly jobs: number;
  readonly waiting: number;
  readonly active: number;
  readonly done: number;
  readonly failed: number;
  /** Skipped or cancelled. */
  readonly other: number;
  /** 0…1 of this run's work; never falls while it runs. */
  readonly fraction: number;
}

/** A part of the queue, in order. */
export interface QueuePage {
  readonly revision: number;
  readonly total: number;
  readonly jobs: readonly Job[];
  readonly run: RunState;
  readonly totals: QueueTotals;
}

/** What changed since the last event; to be applied in the order of its fields. */
export interface QueueDelta {
  readonly revision: number;
  readonly added: readonly Job[];
  readonly changed: readonly Job[];
  /** The states of jobs of which nothing else changed. */
  readonly states: readonly (readonly [JobId, JobState])[];
  readonly removed: readonly JobId[];
  /** The whole order, when it changed. */
  readonly order: readonly JobId[] | null;
  readonly run: RunState;
  readonly totals: QueueTotals;
}

/** What became of paths that were added. */
export interface AddReport {
  readonly added: number;
  readonly alreadyThere: number;
  /** Files that are no photos, and whatever is hidden. */
  readonly notPhotos: number;
  /** Photos that Tessera cannot read, and of which formats they are (`HEIC`). */
  readonly unreadable: { readonly photos: number; readonly formats: readonly string[] };
  /** Folders of earlier results, which are enhanced only if they are added by themselves. */
  readonly resultFolders: number;
  readonly problems: readonly ContractError[];
}

/** What would be done with one photo. */
export interface PlannedResult extends PixelSize {
  readonly path: string;
  readonly format: Exclude<FormatChoice, 'same'>;
  readonly exists: boolean;
  /** What the result will not keep: the colour space (it becomes sRGB), bits beyond 8 a sample, transparency. */
  readonly losses: readonly ('colours' | 'depth' | 'transparency')[];
}

/** A model that can be chosen. */
export interface ModelInfo {
  readonly id: string;
  readonly family: string;
  readonly title: string;
  /** What it is for, in a sentence. */
  readonly purpose: string;
  readonly scale: number;
  readonly parameters: number;
  /** The halo that follows from its receptive field. */
  readonly haloPx: number;
  readonly licence: string;
}

/** A picture served in square tiles: level 0 in full size, each further one half of the last. */
export interface Picture extends PixelSize {
  /** Tiles are at `/preview/<token>/<level>/<column>/<row>`. */
  readonly token: string;
  readonly tilePx: number;
  readonly levels: number;
}

/** The two pictures of a comparison. */
export interface Comparison {
  readonly before: Picture;
  readonly after: Picture | null;
}

/** A spot of the source, in source pixels. */
export interface Region {
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A spot, enhanced with the settings in force. */
export interface RegionPreview {
  readonly region: Region;
  readonly after: Picture;
  readonly model: string;
  readonly tookMs: number;
}

/** What this computer offers, and what follows from it where a setting says `auto`. */
export interface MachineInfo {
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
}

/** What a set of settings comes to on this machine. */
export interface WorkEstimate {
  readonly workers: number;
  readonly threads: number;
  readonly tilePx: number;
  readonly haloPx: number;
  /** The halo that the model in use needs. */
  readonly derivedHaloPx: number;
  readonly memoryBytes: number;
  /** What all workers together are estimated to take. */
  readonly estimatedBytes: number;
  /** What the models run on. */
  readonly device: Device;
  /** Which of these were tuned on this machine. */
  readonly tuned: { readonly tile: boolean; readonly crew: boolean };
  /** A tuning or a check of devices that counts no more, in sentences; null where there is none. */
  readonly stale: string | null;
}

/** All that the window asks for at its start, besides the queue. */
export interface Welcome {
  readonly version: string;
  readonly machine: MachineInfo;
  readonly settings: Settings;
  readonly defaults: Settings;
  readonly models: readonly ModelInfo[];
}

/** Something that a person should know and did not ask for. */
export interface Notice {
  readonly tone: 'info' | 'warning' | 'error';
  readonly code: string;
  readonly message: string;
}
