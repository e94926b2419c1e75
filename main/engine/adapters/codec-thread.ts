/**
 * The codec in a thread of its own, for the WebAssembly build of sharp.
 *
 * That build asks the JavaScript thread it was loaded in for every file access. Beside inference each access would wait
 * for a tile (a 12-megapixel encode took 1.5 s instead of 0.1 s). In a thread nothing keeps it waiting; and where it
 * breaks for want of memory, the thread ends and not the worker.
 */
import { parentPort, Worker } from 'node:worker_threads';
import { failure, type Result } from '../errors.ts';
import type { CodecFailure } from './codec-failures.ts';
import type { Codec } from './codec-work.ts';
import { codecThreadData, isCodecThread } from './sharp-build.ts';

type Call = {
  readonly [Name in keyof Codec]: { readonly name: Name; readonly values: Parameters<Codec[Name]> };
}[keyof Codec];

interface Request {
  readonly id: number;
  readonly call: Call;
}

interface Answer {
  readonly id: number;
  readonly result: Result<unknown, CodecFailure>;
  /** The heap of a WebAssembly build never shrinks: after much work at once the thread is worth replacing. */
  readonly spent: boolean;
}

/** Failures that another photo in the same heap may be the cause of. */
const DOUBTFUL: ReadonlySet<string> = new Set<CodecFailure['code']>([
  'codec-ended',
  'damaged-image',
  'decoder-memory',
  'encode-failed',
]);

/** A codec whose work is done in a thread; the thread is started by the first call. */
export function codecInThread(): Codec & Disposable {
  const thread = new CodecThread();
  const run = async (call: Call): Promise<Result<never, CodecFailure>> => {
    const result = (await thread.run(call)) as Result<never, CodecFailure>;
    if (result.ok || !DOUBTFUL.has(result.error.code)) return result;
    const alone = new CodecThread();
    try {
      return (await alone.run(call)) as Result<never, CodecFailure>;
    } finally {
      alone.end();
    }
  };
  return {
    codecVersions: (...values) => run({ name: 'codecVersions', values }),
    probePhoto: (...values) => run({ name: 'probePhoto', values }),
    decodePlane: (...values) => run({ name: 'decodePlane', values }),
    encodeBands: (...values) => run({ name: 'encodeBands', values }),
    encodeRows: (...values) => run({ name: 'encodeRows', values }),
    [Symbol.dispose]: () => {
      thread.end();
    },
  };
}

class CodecThread {
  #thread: Worker | undefined;
  #nextId = 1;
  readonly #waiting = new Map<number, (result: Result<unknown, CodecFailure>) => void>();

  async run(call: Call): Promise<Result<unknown, CodecFailure>> {
    const thread = (this.#thread ??= this.#start());
    const id = this.#nextId++;
    return new Promise((settle) => {
      this.#waiting.set(id, settle);
      // Only work keeps the process alive.
      thread.ref();
      thread.postMessage({ id, call } satisfies Request);
    });
  }

  end(): void {
    void this.#thread?.terminate();
    this.#thread = undefined;
  }

  #start(): Worker {
    const thread = new Worker(new URL(import.meta.url), { workerData: codecThreadData });
    let cause = '';
    thread.on('message', ({ id, result, spent }: Answer) => {
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
      if (this.#waiting.size > 0) return;
      thread.unref();
      if (spent) this.end();
    });
    thread.on('error', (error: unknown) => {
      cause = error instanceof Error ? error.message : String(error);
    });
    thread.once('exit', () => {
      if (this.#thread !== thread && this.#thread !== undefined) return;
      this.#thread = undefined;
      const ended = failure(
        'codec-ended',
        'The part of Tessera that reads and writes photos broke on this one. Try again, or try it with the command line.',
        {
          cause,
        },
      );
      for (const settle of this.#waiting.values()) settle(ended);
      this.#waiting.clear();
    });
    return thread;
  }
}

if (isCodecThread && parentPort !== null) {
  const port = parentPort;
  const [work, { isSpent }] = await Promise.all([import('./codec-work.ts'), import('./codec-limits.ts')]);
  port.on('message', ({ id, call }: Request) => {
    const run = work[call.name] as (...values: unknown[]) => Promise<Result<unknown, CodecFailure>>;
    // What throws is a bug: it ends this thread, which its owner reports.
    void run(...call.values).then((result) => {
      port.postMessage({ id, result, spent: isSpent() } satisfies Answer);
    });
  });
}
