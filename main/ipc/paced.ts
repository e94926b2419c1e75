/** Ten a second is as much as an eye follows. */
const intervalMs = 100;

/** Lets something be done soon after it was asked for, and ten times a second at most; the last ask always counts. */
export class Paced implements Disposable {
  readonly #act: () => void;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;

  constructor(act: () => void) {
    this.#act = act;
  }

  ask(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#lastMs = Date.now();
        this.#act();
      },
      Math.max(0, this.#lastMs + intervalMs - Date.now()),
    );
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
