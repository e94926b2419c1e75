import { failure, success, type Result } from '../engine/errors.ts';
import type { FromPreviewer, PreviewRequest, ToPreviewer } from './messages.ts';

/** What is needed of the process that makes pictures. */
export interface PreviewChild {
  postMessage(message: ToPreviewer): void;
  on(event: 'message', listener: (message: FromPreviewer) => void): unknown;
  once(event: 'exit', listener: () => void): unknown;
  kill(): unknown;
}

interface Waiting {
  readonly request: PreviewRequest;
  readonly settle: (result: Result<void>) => void;
  /** It is being worked on. */
  begun: boolean;
}

const ENDED = failure('previewer-ended', 'Making this preview ended the program part that does it. Try again.');

/** Has pictures for the screen made by a process, which is started when first needed and again after it ended. */
export class Previewer implements Disposable {
  readonly #start: () => PreviewChild;
  #child: PreviewChild | undefined;
  #disposed = false;
  #next = 1;
  readonly #waiting = new Map<number, Waiting>();

  constructor(start: () => PreviewChild) {
    this.#start = start;
  }

  /**
   * Makes a file; the answer comes when it is complete.
   *
   * @returns `previewer-ended` where the process ended while it worked on this, which may be why
   */
  async make(request: PreviewRequest): Promise<Result<void>> {
    if (this.#disposed) return ENDED;
    const id = this.#next++;
    return new Promise((settle) => {
      this.#waiting.set(id, { request, settle, begun: false });
      this.#ask(id, request);
    });
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#child?.kill();
  }

  #ask(id: number, request: PreviewRequest): void {
    this.#child ??= this.#open();
    this.#child.postMessage({ id, request });
  }

  #open(): PreviewChild {
    const child = this.#start();
    child.on('message', (message) => {
      const waiting = this.#waiting.get(message.id);
      if (waiting === undefined) return;
      if (message.kind === 'begun') waiting.begun = true;
      else
        this.#settle(
          message.id,
          message.error === undefined ? success(undefined) : { ok: false, error: message.error },
        );
    });
    child.once('exit', () => {
      this.#child = undefined;
      this.#afterExit();
    });
    return child;
  }

  /** Fails what was being worked on, one of which ended the process, and has the others made by the next one. */
  #afterExit(): void {
    const all = [...this.#waiting];
    const begun = all.filter(([, waiting]) => waiting.begun);
    // Where nothing had begun, the next process would end as well, and so on.
    const lost = begun.length === 0 || this.#disposed ? all : begun;
    for (const [id] of lost) this.#settle(id, ENDED);
    for (const [id, { request }] of this.#waiting) this.#ask(id, request);
  }

  #settle(id: number, result: Result<void>): void {
    this.#waiting.get(id)?.settle(result);
    this.#waiting.delete(id);
  }
}
