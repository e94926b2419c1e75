import { resolve } from 'node:path';
import { app } from 'electron';

/** What a file that comes in needs of the rest. */
export interface Inside {
  readonly add: (paths: readonly string[]) => void;
  readonly showWindow: () => void;
}

/**
 * Files from outside the window: named when the app was started, opened with it, or given to a second start of it.
 *
 * macOS tells of files before the app is ready; they wait until somebody lets them in.
 */
export class Doorway implements Disposable {
  readonly #waiting: string[] = [];
  #inside: Inside | undefined;

  /** To be made before anything is awaited. */
  constructor() {
    this.#enter(pathsIn(process.argv, process.cwd()));
    app.on('open-file', this.#openFile);
    app.on('second-instance', this.#secondInstance);
  }

  /** Lets in what waits, and from now on whatever comes. */
  letIn(inside: Inside): void {
    this.#inside = inside;
    this.#enter(this.#waiting.splice(0));
  }

  [Symbol.dispose](): void {
    app.off('open-file', this.#openFile);
    app.off('second-instance', this.#secondInstance);
  }

  #enter(paths: readonly string[]): void {
    if (paths.length === 0) return;
    if (this.#inside === undefined) this.#waiting.push(...paths);
    else this.#inside.add(paths);
  }

  readonly #openFile = (event: { preventDefault: () => void }, path: string): void => {
    event.preventDefault();
    this.#enter([path]);
  };

  readonly #secondInstance = (_event: unknown, argv: readonly string[], cwd: string): void => {
    this.#inside?.showWindow();
    this.#enter(pathsIn(argv, cwd));
  };
}

/** A program's own name comes first, and in development the folder of the app after it. */
function pathsIn(argv: readonly string[], cwd: string): string[] {
  const words = argv.slice(app.isPackaged ? 1 : 2);
  return words.filter((word) => !word.startsWith('-')).map((word) => resolve(cwd, word));
}
