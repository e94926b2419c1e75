import type { ToWorker, WorkerPort } from './protocol.ts';

/** What Electron's utility process offers as `process.parentPort`; described here so that no Electron is imported. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
}

/**
 * The channel to the process that started this one: Electron's, or Node's.
 *
 * @throws Error when there is neither: this file was run by hand
 */
export function connectToParent(): WorkerPort {
  const parent = (process as { readonly parentPort?: ParentPort }).parentPort;
  if (parent !== undefined) {
    return {
      send: (message) => {
        parent.postMessage(message);
      },
      onMessage: (listener) => {
        parent.on('message', ({ data }) => {
          listener(data as ToWorker);
        });
      },
    };
  }
  if (process.send === undefined) throw new Error('A worker is started by its pool, not by hand.');
  // A parent that is gone cannot be worked for.
  process.on('disconnect', () => process.exit(0));
  return {
    send: (message) => {
      process.send?.(message, undefined, undefined, () => undefined);
    },
    onMessage: (listener) => {
      process.on('message', (message) => {
        listener(message as ToWorker);
      });
    },
  };
}
