import { Option, type Command } from 'commander';
import { z } from 'zod';
import { fields, type EnhanceSettings } from '../settings/schema.ts';
import { addEngine, addJson, addScale, type SettingOptions } from './option-groups.ts';
import { checked, readNumber, text } from './values.ts';
import type { BenchCommand, BenchPaperCommand, BenchProfileCommand } from './command.ts';

const benchExamples = `
Examples:
  tessera bench                                  a batch end to end, beside the raw speed of the model
  tessera bench --profile --trace batch.json     where each photo's time goes; the trace opens in chrome://tracing
  tessera bench --paper --write docs/benchmarks  the dilated-tiling paper's table, and what each of its ideas is worth`;

export interface BenchOptions extends SettingOptions {
  readonly paper?: boolean;
  readonly write?: string;
  readonly profile?: boolean;
  readonly trace?: string;
  readonly photos?: number;
  readonly photoMegapixels: number;
  readonly runs: number;
  readonly json?: boolean;
}

/** Photos of a batch where nobody says otherwise; the paper's table has many batches. */
const PHOTOS = 12;
const PAPER_PHOTOS = 2;

/** Adds what `bench` understands. */
export function addBench(command: Command, defaults: EnhanceSettings, act: (options: BenchOptions) => void): void {
  const count = z.int('This is a whole number from 1 to 1000.').min(1).max(1000);
  command
    .usage('[options]')
    .optionsGroup('What to measure:')
    .addOption(
      new Option('--paper', "the dilated-tiling paper's table and what its ideas are worth").conflicts([
        'profile',
        'trace',
      ]),
    )
    .addOption(writeOption())
    .option('--profile', "where each photo's and each worker's time goes")
    .addOption(addTraceHelp(new Option('--trace <file>')).implies({ profile: true }))
    .optionsGroup('Batch:')
    .option(
      '--photos <count>',
      `how many photos a batch has (default: ${PHOTOS}; ${PAPER_PHOTOS} with --paper)`,
      checked(count, readNumber),
    )
    .option('--photo-megapixels <size>', 'how large each photo is', checked(fields.megapixels, readNumber), 2)
    .option('--runs <count>', 'how often to run the batch', checked(count, readNumber), 5);
  addScale(command, defaults);
  addEngine(command, defaults);
  addJson(command, 'print the figures as JSON')
    .addHelpText('after', benchExamples)
    .action(() => {
      act(command.opts<BenchOptions>());
    });
}

const path = z.string().min(1, 'Give a name, such as paper or trace.json.');

function writeOption(): Option {
  return new Option('--write <folder>', 'with --paper: also write paper.md and paper.json there')
    .argParser(checked(path, text))
    .implies({ paper: true });
}

/** Gives `--trace` its text and its rule, for the commands that have it. */
export function addTraceHelp(option: Option): Option {
  option.description = "write when each stage of each photo ran, as a trace for Chrome's viewer and Perfetto";
  return option.argParser(checked(path, text));
}

/** Which of the three measurements was asked for. */
export function benchCommandOf(
  options: BenchOptions,
  settings: EnhanceSettings,
): BenchCommand | BenchPaperCommand | BenchProfileCommand {
  const { paper = false, profile = false, runs, photoMegapixels, json = false } = options;
  const { photos = paper ? PAPER_PHOTOS : PHOTOS } = options;
  if (paper) return { kind: 'bench-paper', settings, photos, runs, writeFolder: options.write, json };
  if (!profile) return { kind: 'bench', settings, photos, photoMegapixels, runs, json };
  return { kind: 'bench-profile', settings, photos, photoMegapixels, traceFile: options.trace, json };
}
