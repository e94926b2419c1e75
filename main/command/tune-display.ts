import { createLogUpdate } from 'log-update';
import type { TuneEvent, TunePhase } from '../tune/events.ts';
import type { Cell } from '../tune/space.ts';
import { lookOf } from './display.ts';
import { firstThatFits, formatBar, formatPercent, formatTimeLeft } from './format.ts';
import type { Surroundings } from './surroundings.ts';

/** Shows a tuning while it runs. Disposing leaves the terminal as it was found. */
export interface TuneDisplay extends Disposable {
  handle(event: TuneEvent): void;
}

const phases: Readonly<Record<TunePhase, string>> = {
  photos: 'making the photos',
  crews: 'comparing workers × threads',
  tiles: 'comparing tiles',
  batches: 'running whole batches of the best',
};

/** Progress is printed no more often than this. */
const LINE_MS = 500;
const FRAME_MS = 100;
const BAR_COLUMNS = 20;

/** JSON lines where asked for, one line that is redrawn on a terminal, and nothing elsewhere. */
export function createTuneDisplay(
  { stdout, stderr }: Pick<Surroundings, 'stdout' | 'stderr'>,
  json: boolean,
): TuneDisplay {
  if (json) return jsonDisplay(stdout);
  if (stderr.isTTY !== true || process.env['TERM'] === 'dumb') {
    return { handle: () => undefined, [Symbol.dispose]: () => undefined };
  }
  return liveDisplay(stderr);
}

function jsonDisplay(stdout: Surroundings['stdout']): TuneDisplay {
  let lastMs = -Infinity;
  return {
    handle: (event) => {
      if (event.kind === 'progress' && event.fraction < 1) {
        if (performance.now() - lastMs < LINE_MS) return;
        lastMs = performance.now();
      }
      stdout.write(`${JSON.stringify(event)}\n`);
    },
    [Symbol.dispose]: () => undefined,
  };
}

function liveDisplay(stderr: Surroundings['stderr']): TuneDisplay {
  const log = createLogUpdate(stderr);
  let phase: TunePhase = 'photos';
  let best: { readonly cell: Cell; readonly pixelsPerSecond: number } | undefined;
  let progress = { fraction: 0, remainingMs: 0 };
  let heardMs = performance.now();
  let budgetMs = 0;
  const draw = (): void => {
    const look = lookOf(stderr);
    // Between two events time goes on.
    const sinceMs = performance.now() - heardMs;
    const fraction = budgetMs === 0 ? 0 : Math.min(0.999, progress.fraction + sinceMs / budgetMs);
    const bar = look.paint('strong', formatBar(fraction, BAR_COLUMNS, look.unicode));
    const percent = formatPercent(fraction).padStart(5);
    const left = `at most ${formatTimeLeft(Math.max(0, progress.remainingMs - sinceMs))} left`;
    const rate = best === undefined ? '' : `, best ${(best.pixelsPerSecond / 1e6).toFixed(1)} MP/s`;
    const tail = `${percent}  ${phases[phase]}${rate}, ${left}`;
    log(firstThatFits([`${bar} ${tail}`, `${percent.trim()} ${left}`], look.columns - 1));
  };
  const timer = setInterval(draw, FRAME_MS);
  timer.unref();
  return {
    handle: (event) => {
      if (event.kind === 'phase') {
        ({ phase } = event);
        // The rates of tiles are forecasts; those of batches stand by themselves.
        if (phase === 'batches') best = undefined;
      } else if (event.kind === 'measured') {
        if (event.pixelsPerSecond > (best?.pixelsPerSecond ?? 0)) best = event;
      } else if (event.kind === 'progress') {
        progress = event;
        heardMs = performance.now();
        if (event.fraction < 0.999) budgetMs = event.remainingMs / (1 - event.fraction);
      }
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      log.clear();
      log.done();
    },
  };
}
