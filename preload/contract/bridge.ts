import type { EventName, EventPayload, InvokeAnswer, InvokeName, InvokePayload } from './channels.ts';
import type { Envelope } from './errors.ts';

/** What the preload script puts on the window as `tessera`: the only way out of it. */
export interface Bridge {
  /** Asks the main process; names outside the contract are refused before they leave. */
  invoke<N extends InvokeName>(name: N, payload: InvokePayload<N>): Promise<Envelope<InvokeAnswer<N>>>;
  /** Listens to the main process; returns the way to stop. */
  listen<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void;
  /** The paths of files that were dropped on the window, in order; empty for what is not on disk. */
  pathsOf(files: readonly File[]): string[];
}
