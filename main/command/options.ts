import { CommanderError } from 'commander';
import type { Failure, Result } from '../engine/errors.ts';
import { failure, success } from '../engine/errors.ts';
import { defaultSettings, parseSettings } from '../settings/schema.ts';
import type { EnhanceSettings, Target } from '../settings/schema.ts';
import { benchCommandOf } from './bench-options.ts';
import type { Command } from './command.ts';
import type { SettingOptions } from './option-groups.ts';
import type { ProgramActions } from './program.ts';
import { buildProgram } from './program.ts';

/** What parsing needs to know of the world outside. */
export interface ParseSurroundings {
  /** The program's version, for `--version`. */
  readonly version: string;
  /** How wide the help may be, in columns; 80 where left out. */
  readonly columns?: number;
}

/**
 * Reads a command line. It prints nothing, exits nowhere and touches no file.
 *
 * @param argv the arguments after the program's name
 * @returns the checked command (help and version are the `text` command), or a `usage` failure: exit code 2
 */
export function parseCommand(
  argv: readonly string[],
  surroundings: ParseSurroundings,
): Result<Command, Failure<'usage'>> {
  let command: Result<Command, Failure<'usage'>> | undefined;
  let printed = '';
  const actions = actionsThat((result) => {
    command = result;
  });
  const program = buildProgram(actions, {
    version: surroundings.version,
    defaults: defaultSettings,
    columns: surroundings.columns ?? 80,
    print: (text) => {
      printed += text;
    },
  });
  try {
    program.parse(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? success({ kind: 'text', text: printed }) : usage(sentenceOf(error), argv[0]);
  }
  return command ?? usage('There is nothing to do.', argv[0]);
}

/** Turns what commander understood into commands. */
function actionsThat(give: (result: Result<Command, Failure<'usage'>>) => void): ProgramActions {
  return {
    enhance: (inputs, options) => {
      const { recursive = false, out: outFolder, dryRun = false, trace: traceFile, json = false } = options;
      give(
        withSettings('enhance', options, (settings) => {
          return { kind: 'enhance', inputs, recursive, outFolder, settings, dryRun, traceFile, json };
        }),
      );
    },
    models: ({ json = false }) => {
      give(success({ kind: 'models', json }));
    },
    inspect: (file, options) => {
      give(
        withSettings('inspect', options, (settings) => {
          return { kind: 'inspect', file, settings, json: options.json ?? false };
        }),
      );
    },
    score: (inputs, { against, json = false }) => {
      give(success({ kind: 'score', inputs, against, json }));
    },
    bench: (options) => {
      give(withSettings('bench', options, (settings) => benchCommandOf(options, settings)));
    },
    devices: (options) => {
      const { details = false, json = false } = options;
      give(withSettings('devices', options, (settings) => ({ kind: 'devices', settings, details, json })));
    },
    import: (file, { json = false, ...rest }) => {
      give(success({ kind: 'import', file, ...rest, json }));
    },
    tune: (photo, options) => {
      const { precisions, budget, dryRun = false, forget = false, json = false, device, ...rest } = options;
      const everyDevice = device === 'all';
      const chosen = device === undefined || device === 'all' ? rest : { ...rest, device };
      const how = { precisions, everyDevice, budgetMs: budget * 1000, dryRun, forget, json };
      give(withSettings('tune', chosen, (settings) => ({ kind: 'tune', photo, settings, ...how })));
    },
  };
}

function withSettings(
  name: Command['kind'],
  options: SettingOptions,
  build: (settings: EnhanceSettings) => Command,
): Result<Command, Failure<'usage'>> {
  const settings = parseSettings(overlay(options));
  return settings.ok ? success(build(settings.value)) : usage(settings.error.message, name);
}

/** The program's own defaults with every option that was given laid over them; what the window keeps is its own. */
function overlay(options: SettingOptions): EnhanceSettings {
  const base = defaultSettings;
  const existing = options.skipExisting === true ? 'skip' : options.overwrite === true ? 'overwrite' : base.existing;
  return {
    version: base.version,
    model: options.model ?? base.model,
    target: targetOf(options) ?? base.target,
    format: options.format ?? base.format,
    quality: options.quality ?? base.quality,
    nameTemplate: options.name ?? base.nameTemplate,
    precision: options.precision ?? base.precision,
    tilePx: options.tile ?? base.tilePx,
    haloPx: options.halo ?? base.haloPx,
    border: options.border ?? base.border,
    tiling: options.tiling ?? base.tiling,
    device: options.device ?? base.device,
    workers: options.workers ?? base.workers,
    threads: options.threads ?? base.threads,
    memoryBytes: options.memory ?? base.memoryBytes,
    existing,
  };
}

function targetOf(options: SettingOptions): Target | undefined {
  const { scale, width, height, longEdge, megapixels } = options;
  if (scale !== undefined) return { kind: 'scale', factor: scale };
  if (longEdge !== undefined) return { kind: 'longEdge', longEdgePx: longEdge };
  if (megapixels !== undefined) return { kind: 'megapixels', megapixels };
  if (width !== undefined && height !== undefined) return { kind: 'fit', widthPx: width, heightPx: height };
  if (width !== undefined) return { kind: 'width', widthPx: width };
  return height === undefined ? undefined : { kind: 'height', heightPx: height };
}

/** Commander's message as a sentence: no "error:" in front, a full stop behind. */
function sentenceOf(error: CommanderError): string {
  const text = error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!)]$/.test(text) ? '' : '.'}`;
}

function usage(message: string, name: string | undefined): ReturnType<typeof failure<'usage'>> {
  const known = ['enhance', 'models', 'inspect', 'bench', 'tune', 'devices', 'import', 'score'].find(
    (command) => command === name,
  );
  return failure('usage', `${message} See "tessera ${known === undefined ? '' : `${known} `}--help".`);
}
