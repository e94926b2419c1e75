import type { Command } from 'commander';
import type { EnhanceSettings } from '../settings/schema.ts';
import { addJson, addModel, addPrecision, addScale, type SettingOptions } from './option-groups.ts';

export interface DevicesOptions extends Pick<SettingOptions, 'model' | 'scale' | 'precision'> {
  readonly details?: boolean;
  readonly json?: boolean;
}

const examples = `
Examples:
  tessera devices                            what this machine offers, and which device "auto" takes from now on
  tessera devices --model photo-s            another model: what is fastest may differ
  tessera enhance photos/ --device webgpu    a device of your own choice

Each device enlarges a tile of a sample photo and is held against the processor. It is taken only where nobody could
tell the pictures apart, and every batch checks that again. What was found is remembered for this machine, the network
and the runtime's version. Other devices than the processor compute in fp32, whatever the precision.`;

/** Shapes the `devices` command. */
export function addDevices(
  command: Command,
  actions: { devices(options: DevicesOptions): void },
  defaults: EnhanceSettings,
): void {
  command.usage('[options]').optionsGroup('With which model:');
  addModel(command, defaults);
  addScale(command, defaults);
  addPrecision(command, defaults, ', on the processor');
  addJson(command, 'print one JSON event a line, the result last')
    .option('--details', "add the runtime's own words on what failed")
    .addHelpText('after', examples);
  command.action(() => {
    actions.devices(command.opts<DevicesOptions>());
  });
}
