/** Tells a terminal, a log or a program what happens in a batch. */
import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import type { BatchEvent } from './events.ts';
import { failureLines, frameLines, summaryLines } from './frame.ts';
import type { Look, Tone } from './frame.ts';
import { showable } from './format.ts';
import { BatchTally } from './tally.ts';

export type { BatchEnd, BatchEvent } from './events.ts';
export { exitCodeOf } from './events.ts';

/** A stream as far as a display needs it; a terminal has a size. */
export type DisplayStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  hasColors?(): boolean;
};

export interface DisplayOptions {
  /** One JSON object a line on `stdout` instead of words on `stderr`. */
  readonly json: boolean;
  readonly stdout: DisplayStream;
  readonly stderr: DisplayStream;
  readonly environment?: Readonly<NodeJS.ProcessEnv>;
  readonly platform?: NodeJS.Platform;
  readonly cwd?: string;
  /** Milliseconds, from any start. */
  readonly now?: () => number;
}

/** Receives a batch's events in order. Disposing leaves the terminal as it was found. */
export interface Display extends Disposable {
  handle(event: BatchEvent): void;
}

/**
 * The display that fits: JSON lines where asked for, live bars on a terminal, and elsewhere only notices and, at the
 * end, the summary with each photo that failed.
 */
export function createDisplay(options: DisplayOptions): Display {
  if (options.json) return new JsonDisplay(options);
  const live = options.stderr.isTTY === true && (options.environment ?? process.env)['TERM'] !== 'dumb';
  return live ? new LiveDisplay(options) : new QuietDisplay(options);
}

/** Notices and the summary, line by line. */
class QuietDisplay implements Display {
  protected readonly tally = new BatchTally();
  protected readonly now: () => number;
  readonly #options: DisplayOptions;
  readonly #notices = new Set<string>();

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.now = options.now ?? (() => performance.now());
  }

  handle(event: BatchEvent): void {
    this.tally.apply(event, this.now());
    if (event.kind === 'batch-ended') this.print(summaryLines(this.tally, this.look()));
    else if (event.kind === 'notice') this.#notice(event.notice.message, event.notice.code);
  }

  [Symbol.dispose](): void {
    // There is nothing to undo.
  }

  protected print(lines: readonly string[]): void {
    this.#options.stderr.write(`${lines.join('\n')}\n`);
  }

  protected look(): Look {
    return lookOf(this.#options.stderr, this.#options);
  }

  /** The same notice from many photos is said once. */
  #notice(message: string, code: string): void {
    const line = `${showable(message)} ${this.look().paint('quiet', `(${code})`)}`;
    if (this.#notices.has(line)) return;
    this.#notices.add(line);
    this.print([`${this.look().paint('warn', 'Note:')} ${line}`]);
  }
}

/** How lines are to look on a stream. */
export function lookOf(
  stream: DisplayStream,
  surroundings: Pick<DisplayOptions, 'environment' | 'platform' | 'cwd'> = {},
): Look {
  const { environment = process.env, platform = process.platform, cwd = process.cwd() } = surroundings;
  const colours = usesColours(stream, environment);
  return {
    columns: stream.columns ?? 80,
    rows: stream.rows ?? 24,
    unicode: drawsUnicode(environment, platform),
    cwd,
    paint: (tone, text) => (colours ? styleText(styles[tone], text, { validateStream: false }) : text),
  };
}

/** How often the screen is drawn; faster than this nobody can read. */
const frameMs = 100;

/** Bars that are redrawn in place; failures as they happen scroll by above them. */
class LiveDisplay extends QuietDisplay {
  readonly #log: ReturnType<typeof createLogUpdate>;
  readonly #timer: NodeJS.Timeout;

  constructor(options: DisplayOptions) {
    super(options);
    this.#log = createLogUpdate(options.stderr);
    this.#timer = setInterval(() => {
      this.#draw();
    }, frameMs);
    this.#timer.unref();
  }

  override handle(event: BatchEvent): void {
    if (event.kind === 'batch-ended') this.#stop();
    super.handle(event);
    if (event.kind !== 'photo-failed') return;
    this.print(failureLines({ path: event.path, reason: event.failure }, this.look()));
  }

  override [Symbol.dispose](): void {
    this.#stop();
  }

  protected override print(lines: readonly string[]): void {
    this.#log.clear();
    super.print(lines);
  }

  #draw(): void {
    if (this.tally.photos === 0) return;
    this.#log(frameLines(this.tally, this.tally.progress(this.now()), this.look()).join('\n'));
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#log.clear();
    this.#log.done();
  }
}

/** A photo's progress is written no more often than this. */
const progressLineMs = 500;

/** One event a line; progress carries that of the whole batch. */
class JsonDisplay implements Display {
  readonly #tally = new BatchTally();
  readonly #stdout: DisplayStream;
  readonly #now: () => number;
  readonly #lastLineMs = new Map<string, number>();

  constructor({ stdout, now = () => performance.now() }: DisplayOptions) {
    this.#stdout = stdout;
    this.#now = now;
  }

  handle(event: BatchEvent): void {
    const nowMs = this.#now();
    this.#tally.apply(event, nowMs);
    if (event.kind !== 'photo-progress') {
      if ('id' in event) this.#lastLineMs.delete(event.id);
      this.#write(event);
      return;
    }
    if (nowMs - (this.#lastLineMs.get(event.id) ?? -Infinity) < progressLineMs) return;
    this.#lastLineMs.set(event.id, nowMs);
    const fraction = this.#tally.fractionOf(event.id);
    this.#write({ ...event, fraction, batch: this.#tally.progress(nowMs) });
  }

  [Symbol.dispose](): void {
    // There is nothing to undo.
  }

  #write(line: object): void {
    this.#stdout.write(`${JSON.stringify(line)}\n`);
  }
}

const styles: Readonly<Record<Tone, Parameters<typeof styleText>[0]>> = {
  strong: 'bold',
  quiet: 'dim',
  good: 'green',
  bad: 'red',
  warn: 'yellow',
};

/** https://no-color.org: any value that is not empty means no. */
function usesColours(stream: DisplayStream, environment: Readonly<NodeJS.ProcessEnv>): boolean {
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  return stream.isTTY === true && environment['TERM'] !== 'dumb' && (stream.hasColors?.() ?? false);
}

/** The Linux console and the old Windows one lack the bars' characters. */
function drawsUnicode(environment: Readonly<NodeJS.ProcessEnv>, platform: NodeJS.Platform): boolean {
  if (platform !== 'win32') return environment['TERM'] !== 'linux';
  return environment['WT_SESSION'] !== undefined || environment['TERM_PROGRAM'] !== undefined;
}
