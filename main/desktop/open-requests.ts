import type { App } from 'electron';

/**
 * Files and folders that the system asks the app to open. macOS asks before the app is ready where it starts the app
 * for them, so this listens from the start, and keeps what nobody has taken yet.
 */
export class OpenRequests {
  #waiting: string[] = [];
  #take: ((paths: readonly string[]) => void) | undefined;

  constructor(app: Pick<App, 'on'>) {
    app.on('open-file', (event, path) => {
      event.preventDefault();
      if (this.#take === undefined) this.#waiting.push(path);
      else this.#take([path]);
    });
  }

  /** Gives what has come, at once where there is any, and what comes from now on. To be called once. */
  handTo(take: (paths: readonly string[]) => void): void {
    this.#take = take;
    if (this.#waiting.length > 0) take(this.#waiting);
    this.#waiting = [];
  }
}
