import { utilityProcess, type UtilityProcess } from 'electron';
import { failure, success, type Result } from '../engine/errors.ts';
import type { FromPreviewer, PreviewRequest } from './messages.ts';

/** The process that makes pictures for the screen; started when first needed and again after it died. */
export class PreviewProcess implements Disposable {
  readonly #entry: string;
  #child: UtilityProcess | undefined;
  #next = 1;
  readonly #waiting = new Map<number, (result: Result<void>) => void>();

  /** @param entry the preview worker's bundled file */
  constructor(entry: string) {
    this.#entry = entry;
  }

  /** Makes a file; the answer comes when it is complete. */
  async make(request: PreviewRequest): Promise<Result<void>> {
    const id = this.#next++;
    const child = (this.#child ??= this.#start());
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      child.postMessage({ id, request });
    });
  }

  [Symbol.dispose](): void {
    this.#child?.kill();
  }

  #start(): UtilityProcess {
    const child = utilityProcess.fork(this.#entry, [], { serviceName: 'Tessera previews', stdio: 'ignore' });
    child.on('message', ({ id, error }: FromPreviewer) => {
      this.#settle(id, error === undefined ? success(undefined) : { ok: false, error });
    });
    child.once('exit', () => {
      this.#child = undefined;
      const gone = failure('preview-failed', 'Making this preview ended the program part that does it. Try again.');
      for (const id of this.#waiting.keys()) this.#settle(id, gone);
    });
    return child;
  }

  #settle(id: number, result: Result<void>): void {
    this.#waiting.get(id)?.(result);
    this.#waiting.delete(id);
  }
}
