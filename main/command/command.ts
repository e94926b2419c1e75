import type { EnhanceSettings } from '../settings/schema.ts';

/** Enhance photos into a folder. */
export interface EnhanceCommand {
  readonly kind: 'enhance';
  /** Files, folders and globs as they were typed, at least one. */
  readonly inputs: readonly string[];
  /** Whether folders are searched to their depths; the tree is kept. */
  readonly recursive: boolean;
  readonly outFolder: string;
  readonly settings: EnhanceSettings;
  /** Say what would be done and write nothing. */
  readonly dryRun: boolean;
  /** Where a trace of the batch is written to; nowhere where left out. */
  readonly traceFile?: string | undefined;
  /** One JSON event a line on standard output, and no display. */
  readonly json: boolean;
}

/** List the models. */
export interface ModelsCommand {
  readonly kind: 'models';
  readonly json: boolean;
}

/** Say what would be done to one photo: size, strips, tiles, halo, memory, time. */
export interface InspectCommand {
  readonly kind: 'inspect';
  readonly file: string;
  readonly settings: EnhanceSettings;
  readonly json: boolean;
}

/** Measure this machine over the real pipeline. */
export interface BenchCommand {
  readonly kind: 'bench';
  readonly settings: EnhanceSettings;
  /** How many photos a batch has. */
  readonly photos: number;
  /** The size of each photo in megapixels. */
  readonly photoMegapixels: number;
  /** How often the batch is run. */
  readonly runs: number;
  readonly json: boolean;
}

/** Measure the source paper's table and what its claims are worth. */
export interface BenchPaperCommand {
  readonly kind: 'bench-paper';
  readonly settings: EnhanceSettings;
  /** How many photos a batch has. */
  readonly photos: number;
  /** How often each way is run. */
  readonly runs: number;
  /** Where `paper.md` and `paper.json` are written to; nowhere where left out. */
  readonly writeFolder: string | undefined;
  readonly json: boolean;
}

/** Say where the time of a batch goes. */
export interface BenchProfileCommand {
  readonly kind: 'bench-profile';
  readonly settings: EnhanceSettings;
  readonly photos: number;
  readonly photoMegapixels: number;
  /** Where the trace is written to; nowhere where left out. */
  readonly traceFile: string | undefined;
  readonly json: boolean;
}

/** Find the fastest settings for a model on this machine. */
export interface TuneCommand {
  readonly kind: 'tune';
  /** A photo of the person's own; a sample where left out. */
  readonly photo: string | undefined;
  readonly settings: EnhanceSettings;
  /** Each is tuned by itself. */
  readonly precisions: readonly EnhanceSettings['precision'][];
  /** Every device that was found right here, in place of the one that the settings come to. */
  readonly everyDevice: boolean;
  /** For all together. */
  readonly budgetMs: number;
  /** Measure, and remember nothing. */
  readonly dryRun: boolean;
  /** Measure nothing, and forget what was remembered for this model on this machine. */
  readonly forget: boolean;
  readonly json: boolean;
}

/** Try every device of this machine, and remember which is fastest. */
export interface DevicesCommand {
  readonly kind: 'devices';
  readonly settings: EnhanceSettings;
  /** Add the runtime's own words on what failed. */
  readonly details: boolean;
  readonly json: boolean;
}

/** Take a model of another program into the person's own. */
export interface ImportCommand {
  readonly kind: 'import';
  /** The `.param` file of an ncnn model. */
  readonly file: string;
  /** Under which it is chosen; from the file's name where left out. */
  readonly name?: string;
  /** What the person says of its licence. */
  readonly licence?: string;
  readonly json: boolean;
}

/** Say how good pictures look. */
export interface ScoreCommand {
  readonly kind: 'score';
  /** Files, folders and globs as they were typed, at least one. */
  readonly inputs: readonly string[];
  /** A picture of the same size that they should be like. */
  readonly against: string | undefined;
  readonly json: boolean;
}

/** Help or the version: print it to standard output, then exit with 0. */
interface TextCommand {
  readonly kind: 'text';
  readonly text: string;
}

/** What a command line asks for, checked and complete. */
export type Command =
  | EnhanceCommand
  | ModelsCommand
  | InspectCommand
  | BenchCommand
  | BenchPaperCommand
  | BenchProfileCommand
  | TuneCommand
  | DevicesCommand
  | ImportCommand
  | ScoreCommand
  | TextCommand;
