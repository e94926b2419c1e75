import type { StartProcess } from '../pool/transport.ts';
import type { DisplayStream } from './display.ts';

/** What a command needs of the world outside. */
export interface Surroundings {
  readonly stdout: DisplayStream;
  readonly stderr: DisplayStream;
  /** Starts a worker process. */
  readonly start: StartProcess;
  /** Calls back at each interruption (Ctrl-C), and when nobody reads standard output any more, until disposed. */
  readonly onInterrupt: (listener: () => void) => Disposable;
}
