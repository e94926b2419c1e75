import { utilityProcess } from 'electron';
import type { PreviewChild } from './previewer.ts';

/**
 * Starts the process that makes pictures for the screen.
 *
 * @param entry its bundled file
 */
export function startPreviewProcess(entry: string): PreviewChild {
  return utilityProcess.fork(entry, [], { serviceName: 'Tessera previews', stdio: 'ignore' });
}
