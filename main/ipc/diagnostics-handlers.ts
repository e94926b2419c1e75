import { join } from 'node:path';
import { app, clipboard, dialog } from 'electron';
import type { DiagnosticsDesk } from '../desktop/diagnostics.ts';
import { failure } from '../engine/errors.ts';
import type { InvokeHandlers } from './dispatch.ts';
import { outcome } from './outcome.ts';

export type DiagnosticsChannels = Extract<keyof InvokeHandlers, `diagnostics:${string}`>;

/** What the window asks about the time that a batch took. */
export function diagnosticsHandlers(desk: DiagnosticsDesk): Pick<InvokeHandlers, DiagnosticsChannels> {
  return {
    'diagnostics:read': () => desk.read(),
    'diagnostics:exportTrace': async () => {
      if (!desk.isTraceable) return outcome(failure('nothing-to-trace', 'No photo is done yet. Enhance some first.'));
      const { canceled, filePath } = await dialog.showSaveDialog({
        title: 'Export trace',
        defaultPath: join(app.getPath('documents'), 'tessera-trace.json'),
        filters: [{ name: 'Trace', extensions: ['json'] }],
      });
      if (canceled || filePath === '') return { ok: true, value: null };
      return outcome(await desk.writeTrace(filePath));
    },
    'diagnostics:copy': async () => {
      await clipboard.writeText(await desk.text());
    },
  };
}
