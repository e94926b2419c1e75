import type { MachineWork } from '../desktop/machine-work.ts';
import type { InvokeHandlers } from './dispatch.ts';
import { outcome } from './outcome.ts';

export type MachineChannels = Extract<keyof InvokeHandlers, `machine:${string}`>;

/** What the window asks about this computer. */
export function machineHandlers(work: MachineWork): Pick<InvokeHandlers, MachineChannels> {
  return {
    'machine:read': () => work.read(),
    'machine:tune': ({ budgetMs }) => outcome(work.tune(budgetMs)),
    'machine:checkDevices': () => outcome(work.checkDevices()),
    'machine:cancel': ({ work: id }) => {
      work.cancel(id);
    },
    'machine:forgetTuning': async () => outcome(await work.forgetTuning()),
  };
}
