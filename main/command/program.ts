import { Command, Option } from 'commander';
import { z } from 'zod';
import { fields } from '../settings/schema.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import { addDevices, type DevicesOptions } from './devices-options.ts';
import { addBench, addTraceHelp, type BenchOptions } from './bench-options.ts';
import type { SettingOptions } from './option-groups.ts';
import { addEngine, addFile, addJson, addSize, outputGroup } from './option-groups.ts';
import { addTune, type TuneOptions } from './tune-options.ts';
import { checked, text } from './values.ts';

const programExamples = `
Examples:
  tessera enhance holiday/ --out enhanced        every photo of a folder, four times larger
  tessera inspect holiday/beach.jpg              what would be done to one photo
  tessera enhance --help                         everything that enhance can do`;

const enhanceExamples = `
Examples:
  tessera enhance photos/ --recursive --out enhanced
  tessera enhance a.jpg b.png --scale 2.5 --format webp --quality 85
  tessera enhance "scans/**/*.tif" --long-edge 8000 --precision fp32
  tessera enhance photos/ --name "{parent}-{index}.{ext}" --skip-existing

Photos are never written to; results get a temporary name until they are complete.
Exit code: 0 all done, 1 some failed (each is named at the end), 2 wrong usage, 130 interrupted.`;

const importExamples = `
Example:
  tessera import realesr-animevideov3-x4.param --licence BSD-3-Clause
  tessera enhance photos/ --model realesr-animevideov3-x4

The model runs in fp32. Those whose enlargement comes last can be imported (Real-ESRGAN's compact ones); others are
refused with the name of the layer that is in the way.`;

interface EnhanceOptions extends SettingOptions {
  readonly recursive?: boolean;
  readonly out: string;
  readonly dryRun?: boolean;
  readonly trace?: string;
  readonly json?: boolean;
}

interface InspectOptions extends SettingOptions {
  readonly json?: boolean;
}

interface ImportOptions {
  readonly name?: string;
  readonly licence?: string;
  readonly json?: boolean;
}

interface ScoreOptions {
  readonly against?: string;
  readonly json?: boolean;
}

/** What to call when a command line was understood. */
export interface ProgramActions {
  enhance(inputs: readonly string[], options: EnhanceOptions): void;
  models(options: { readonly json?: boolean }): void;
  inspect(file: string, options: InspectOptions): void;
  bench(options: BenchOptions): void;
  import(file: string, options: ImportOptions): void;
  devices(options: DevicesOptions): void;
  tune(photo: string | undefined, options: TuneOptions): void;
  score(inputs: readonly string[], options: ScoreOptions): void;
}

const folder = z.string().min(1, 'Give a folder, such as --out enhanced.');

/** What the program needs to know, and where its text goes. */
export interface ProgramSurroundings {
  readonly version: string;
  /** The settings whose values the help shows as defaults. */
  readonly defaults: EnhanceSettings;
  /** How wide the help may be, in columns. */
  readonly columns: number;
  /** Receives help and version. */
  print(text: string): void;
}

/**
 * Builds the whole command tree. Where commander would exit it throws a `CommanderError` instead.
 *
 * @param actions receives the command that was given; nothing else happens
 */
export function buildProgram(actions: ProgramActions, surroundings: ProgramSurroundings): Command {
  const { version, defaults } = surroundings;
  const program = new Command('tessera')
    // Before the subcommands, which inherit it when they are made.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        surroundings.print(text);
      },
      outputError: () => undefined,
      getOutHelpWidth: () => surroundings.columns,
      getOutHasColors: () => false,
    })
    .description('Enhances whole folders of photos with super-resolution, fast on a plain CPU.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({
      minWidthToWrap: 20,
      subcommandTerm: (command) => `${command.name()} ${command.usage()}`.trim(),
    })
    .addHelpText('after', programExamples);
  addEnhance(program, actions, defaults);
  addModels(program, actions);
  addImport(program, actions);
  addInspect(program, actions, defaults);
  addScore(program, actions);
  const measure = subcommand(program, 'bench', 'measure this machine: decode, tiles, model and encode, end to end');
  addBench(measure, defaults, (options) => {
    actions.bench(options);
  });
  addTune(subcommand(program, 'tune', 'find the fastest settings for this machine, and use them'), actions, defaults);
  addDevices(subcommand(program, 'devices', 'try what models can run on here, and use the fastest'), actions, defaults);
  return program;
}

function addEnhance(program: Command, actions: ProgramActions, defaults: EnhanceSettings): void {
  const command = subcommand(program, 'enhance', 'enlarge photos and write them to a folder')
    .usage('<photos...> [options]')
    .argument('<photos...>', 'files, folders or globs; quote a glob that the shell should leave alone')
    .optionsGroup('Photos:')
    .option('-r, --recursive', 'search folders to their depths and keep their tree')
    .option('-o, --out <folder>', 'where to write the results', checked(folder, text), 'enhanced')
    .option('-n, --dry-run', 'say what would be done and write nothing');
  addSize(command, defaults);
  addFile(command, defaults);
  addEngine(command, defaults);
  addJson(command, 'print one JSON event a line instead of the display').addOption(
    addTraceHelp(new Option('--trace <file>')),
  );
  command.addHelpText('after', enhanceExamples).action((inputs: string[]) => {
    actions.enhance(inputs, command.opts<EnhanceOptions>());
  });
}

function addModels(program: Command, actions: ProgramActions): void {
  const command = subcommand(program, 'models', 'list the models').usage('[options]');
  addJson(command, 'print the list as JSON').action(() => {
    actions.models(command.opts<{ json?: boolean }>());
  });
}

function addImport(program: Command, actions: ProgramActions): void {
  const command = subcommand(program, 'import', 'take a compact ncnn model of another program into yours')
    .usage('<model.param> [options]')
    .argument('<model.param>', 'the model, with its .bin file of the same name beside it')
    .option(
      '--name <name>',
      "what it is called from then on (default: from the file's name)",
      checked(fields.model, text),
    )
    .option('--licence <text>', 'what its licence allows, kept with it as a note');
  addJson(command, 'print what was imported as JSON').addHelpText('after', importExamples);
  command.action((file: string) => {
    actions.import(file, command.opts<ImportOptions>());
  });
}

function addInspect(program: Command, actions: ProgramActions, defaults: EnhanceSettings): void {
  const command = subcommand(program, 'inspect', 'say what would be done to a photo: size, tiles, memory, time')
    .usage('<photo> [options]')
    .argument('<photo>', 'the file to look at');
  addSize(command, defaults);
  addFile(command, defaults);
  addEngine(command, defaults);
  addJson(command, 'print the plan as JSON').action((file: string) => {
    actions.inspect(file, command.opts<InspectOptions>());
  });
}

function addScore(program: Command, actions: ProgramActions): void {
  const command = subcommand(program, 'score', 'say how good pictures look, in numbers: NIQE, PSNR, SSIM')
    .usage('<pictures...> [options]')
    .argument('<pictures...>', 'files, folders or globs')
    .optionsGroup('Comparison:')
    .option('--against <reference>', 'a picture of the same size: adds PSNR and SSIM on luma');
  addJson(command, 'print one JSON line a picture').action((inputs: string[]) => {
    actions.score(inputs, command.opts<ScoreOptions>());
  });
}

function subcommand(program: Command, name: string, summary: string): Command {
  return program
    .command(name)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
    .summary(summary)
    .addHelpOption(new Option('-h, --help', 'print this help').helpGroup(outputGroup));
}
