import { Option, type Command } from 'commander';
import { z } from 'zod';
import { fields, type EnhanceSettings } from '../settings/schema.ts';
import { addJson, addModel, addScale, type SettingOptions } from './option-groups.ts';
import { checked, readNumber, text } from './values.ts';

export interface TuneOptions extends Pick<SettingOptions, 'model' | 'scale'> {
  readonly precisions: readonly EnhanceSettings['precision'][];
  readonly device?: EnhanceSettings['device'] | 'all';
  /** Seconds. */
  readonly budget: number;
  readonly dryRun?: boolean;
  readonly forget?: boolean;
  readonly json?: boolean;
}

const examples = `
Examples:
  tessera tune                                   the default model, with a sample photo
  tessera tune beach.jpg --model photo           another model, with a photo of your own
  tessera tune --precision both --budget 120     int8 and fp32, each by itself
  tessera tune --device all                      the processor and every device that "tessera devices" found right
  tessera tune --forget                          use the defaults again

What it finds is used from then on, wherever you leave --tile, --workers and --threads on auto. It is remembered for
this machine, the device, the model's weights and the runtime's version, and you are told when one of them has changed.
An imported model is tuned in fp32, the only precision that it has.`;

const budgetSentence = 'The budget is a number of seconds from 5 to 3600, such as 60.';
const budget = z.number(budgetSentence).min(5, budgetSentence).max(3600, budgetSentence);
const precisions = z
  .enum(['int8', 'fp32', 'both'], 'The precision is int8, fp32 or both.')
  .transform((choice): readonly EnhanceSettings['precision'][] => (choice === 'both' ? ['int8', 'fp32'] : [choice]));

const devices = z.union(
  [fields.device, z.literal('all')],
  'The device is auto, cpu, webgpu, dml, coreml, cuda or all.',
);

/** Shapes the `tune` command. */
export function addTune(
  command: Command,
  actions: { tune(photo: string | undefined, options: TuneOptions): void },
  defaults: EnhanceSettings,
): void {
  command
    .usage('[photo] [options]')
    .argument('[photo]', 'a photo of your own; a sample where left out')
    .optionsGroup('What to tune:');
  addModel(command, defaults);
  addScale(command, defaults);
  command
    .addOption(
      new Option('-p, --precision <precision>', 'int8, fp32 or both')
        .argParser(checked(precisions, text))
        .default([defaults.precision], defaults.precision),
    )
    .option(
      '--device <device>',
      `auto (the one that is used), all, or one by name; others than cpu compute in fp32 (default: ${defaults.device})`,
      checked(devices, text),
    )
    .optionsGroup('How:')
    .option('--budget <seconds>', 'how long it may take', checked(budget, readNumber), 60)
    .option('-n, --dry-run', 'measure and show, but keep the settings as they are')
    .addOption(
      new Option('--forget', 'measure nothing; forget what was found for this model here').conflicts([
        'dryRun',
        'budget',
      ]),
    );
  addJson(command, 'print one JSON event a line, the result last').addHelpText('after', examples);
  command.action((photo: string | undefined) => {
    const { precision, ...options } = command.opts<TuneOptions & { precision: TuneOptions['precisions'] }>();
    actions.tune(photo, { ...options, precisions: precision });
  });
}
