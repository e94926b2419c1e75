import { ipcMain } from 'electron';
import { invokeNames } from '../../preload/contract/channels.ts';
import type { Dispatch } from './dispatch.ts';

/**
 * Answers the window. Nothing else in the app listens to it.
 *
 * @param origin where a frame must come from to be answered
 * @returns the way to stop
 */
export function registerInvokes(dispatch: Dispatch, origin: string): () => void {
  for (const name of invokeNames) {
    ipcMain.handle(name, (event, ...payloads: unknown[]) => {
      const frame = event.senderFrame;
      const trusted = frame !== null && frame.parent === null && frame.url.startsWith(`${origin}/`);
      return dispatch(name, payloads, trusted);
    });
  }
  return () => {
    for (const name of invokeNames) ipcMain.removeHandler(name);
  };
}
