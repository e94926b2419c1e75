/** One line that says how far a measurement is. */
import { createLogUpdate } from 'log-update';
import { lookOf } from './display.ts';
import type { Look } from './frame.ts';
import type { Surroundings } from './surroundings.ts';

/** Receives events in order. Disposing leaves the terminal as it was found. */
export interface LiveLine<Event> extends Disposable {
  handle(event: Event): void;
}

/** What is made of the events of one kind of measurement. */
export interface LineContent<Event> {
  /** Whether a program that asked for JSON is told of an event; asked once of each. */
  readonly isTold: (event: Event) => boolean;
  /** Remembers what the line is to say. */
  readonly note: (event: Event) => void;
  /** The line as it is now. */
  readonly draw: (look: Look) => string;
}

const FRAME_MS = 100;

/** JSON lines where asked for, one line that is redrawn on a terminal, and nothing elsewhere. */
export function createLiveLine<Event>(
  { stdout, stderr }: Pick<Surroundings, 'stdout' | 'stderr'>,
  json: boolean,
  { isTold, note, draw }: LineContent<Event>,
): LiveLine<Event> {
  if (json) {
    return {
      handle: (event) => {
        if (isTold(event)) stdout.write(`${JSON.stringify(event)}\n`);
      },
      [Symbol.dispose]: () => undefined,
    };
  }
  if (stderr.isTTY !== true || process.env['TERM'] === 'dumb') {
    return { handle: () => undefined, [Symbol.dispose]: () => undefined };
  }
  const log = createLogUpdate(stderr);
  const timer = setInterval(() => {
    log(draw(lookOf(stderr)));
  }, FRAME_MS);
  timer.unref();
  return {
    handle: note,
    [Symbol.dispose]: () => {
      clearInterval(timer);
      log.clear();
      log.done();
    },
  };
}
