import type { Command } from 'commander';
import { Option } from 'commander';
import { fields } from '../settings/schema.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import { templateFields } from '../settings/template.ts';
import { checked, readBytes, readFactor, readNumber, readNumberOrAuto, text } from './values.ts';

/** What commander hands over for the options that decide how photos are enhanced; absent where not given. */
export interface SettingOptions {
  readonly model?: string;
  readonly scale?: number;
  readonly width?: number;
  readonly height?: number;
  readonly longEdge?: number;
  readonly megapixels?: number;
  readonly format?: EnhanceSettings['format'];
  readonly quality?: number;
  readonly name?: string;
  readonly precision?: EnhanceSettings['precision'];
  readonly tile?: EnhanceSettings['tilePx'];
  readonly halo?: EnhanceSettings['haloPx'];
  readonly border?: EnhanceSettings['border'];
  readonly tiling?: EnhanceSettings['tiling'];
  readonly device?: EnhanceSettings['device'];
  readonly workers?: EnhanceSettings['workers'];
  readonly threads?: EnhanceSettings['threads'];
  readonly memory?: EnhanceSettings['memoryBytes'];
  readonly skipExisting?: boolean;
  readonly overwrite?: boolean;
}

/** A default in the words of the help. */
const byDefault = (value: string | number): string => `(default: ${value})`;

/** Adds the options that choose the result's size. They exclude each other, but for a width with a height. */
export function addSize(command: Command, defaults: EnhanceSettings): void {
  command.optionsGroup('Size of the result, one of:');
  addScale(command, defaults, ['width', 'height', 'longEdge', 'megapixels']);
  command
    .option(
      '--width <px>',
      'make each result this wide; with --height, fit inside both',
      checked(fields.widthPx, readNumber),
    )
    .option(
      '--height <px>',
      'make each result this high; with --width, fit inside both',
      checked(fields.heightPx, readNumber),
    )
    .addOption(
      new Option('--long-edge <px>', 'make the longer side of each result this long')
        .argParser(checked(fields.longEdgePx, readNumber))
        .conflicts(['width', 'height', 'megapixels']),
    )
    .addOption(
      new Option('--megapixels <size>', 'give each result about this many million pixels')
        .argParser(checked(fields.megapixels, readNumber))
        .conflicts(['width', 'height']),
    );
}

/** Adds `--scale` alone. */
export function addScale(command: Command, { target }: EnhanceSettings, conflicts: readonly string[] = []): void {
  const factor = target.kind === 'scale' ? target.factor : undefined;
  const help = 'times larger, such as 4, 2.5 or 150%: the nearest larger model, then Lanczos down to the exact size';
  command.addOption(
    new Option('-s, --scale <factor>', factor === undefined ? help : `${help} ${byDefault(factor)}`)
      .argParser(checked(fields.factor, readFactor))
      .conflicts([...conflicts]),
  );
}

/** Adds the options that shape the result's file. */
export function addFile(command: Command, defaults: EnhanceSettings): void {
  const known = Object.keys(templateFields).map((field) => `{${field}}`);
  command
    .optionsGroup('Files:')
    .option(
      '-f, --format <format>',
      `same (as the photo's own), jpeg, png, webp, tiff or avif ${byDefault(defaults.format)}`,
      checked(fields.format, text),
    )
    .option(
      '-q, --quality <1-100>',
      `of JPEG, WebP and AVIF ${byDefault(defaults.quality)}`,
      checked(fields.quality, readNumber),
    )
    .option(
      '--name <template>',
      `the result's name, from ${known.join(', ')} ${byDefault(`"${defaults.nameTemplate}"`)}`,
      checked(fields.nameTemplate, text),
    )
    .addOption(new Option('--skip-existing', 'pass over photos whose result exists already').conflicts('overwrite'))
    .option('--overwrite', 'write over results that exist already (default: neither; such a photo fails)');
}

/** Adds `--model` alone. */
export function addModel(command: Command, { model }: EnhanceSettings): void {
  command.option(
    '-m, --model <model>',
    `an id from "tessera models", or a training such as faithful ${byDefault(model)}`,
    checked(fields.model, text),
  );
}

/**
 * Adds `--precision` alone.
 *
 * @param where the precision holds, in the help's words
 */
export function addPrecision(command: Command, { precision }: EnhanceSettings, where = ''): void {
  command.option(
    '-p, --precision <precision>',
    `int8 (fast) or fp32 (exact)${where} ${byDefault(precision)}`,
    checked(fields.precision, text),
  );
}

/** Adds the options that choose the model and how it is run. */
export function addEngine(command: Command, defaults: EnhanceSettings): void {
  command.optionsGroup('Model:');
  addModel(command, defaults);
  addPrecision(command, defaults);
  command
    .option(
      '--tile <px>',
      `side of a tile in source pixels, halo included ${byDefault(defaults.tilePx)}`,
      checked(fields.tilePx, readNumberOrAuto),
    )
    .option(
      '--halo <px>',
      `pixels around a tile that are computed and dropped; auto leaves no seam ${byDefault(defaults.haloPx)}`,
      checked(fields.haloPx, readNumberOrAuto),
    )
    .option(
      '--border <kind>',
      `what lies beyond the photo's edge: reflect, mean or edge ${byDefault(defaults.border)}`,
      checked(fields.border, text),
    )
    .option(
      '--tiling <kind>',
      `dilated, or for comparison plain or average ${byDefault(defaults.tiling)}`,
      checked(fields.tiling, text),
    )
    .optionsGroup('This machine:')
    .option(
      '--device <device>',
      `auto (the fastest that "tessera devices" found), cpu, webgpu, dml, coreml or cuda ${byDefault(defaults.device)}`,
      checked(fields.device, text),
    )
    .option(
      '-w, --workers <count>',
      `processes that work side by side ${byDefault(defaults.workers)}`,
      checked(fields.workers, readNumberOrAuto),
    )
    .option(
      '-t, --threads <count>',
      `threads of each worker's model ${byDefault(defaults.threads)}`,
      checked(fields.threads, readNumberOrAuto),
    )
    .option(
      '--memory <amount>',
      `the most memory to use, all workers together, such as 2GB ${byDefault(defaults.memoryBytes)}`,
      checked(fields.memoryBytes, readBytes),
    );
}

/** The heading over `--json` and `--help`. */
export const outputGroup = 'Output:';

/** Adds `--json` and returns the command. */
export function addJson(command: Command, help: string): Command {
  return command.optionsGroup(outputGroup).option('--json', help);
}
