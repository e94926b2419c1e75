import type { TuneEvent, TunePhase } from '../tune/events.ts';
import type { Cell } from '../tune/space.ts';
import { firstThatFits, formatBar, formatPercent, formatTimeLeft } from './format.ts';
import { createLiveLine, type LineContent, type LiveLine } from './live-line.ts';
import type { Surroundings } from './surroundings.ts';

const phases: Readonly<Record<TunePhase, string>> = {
  photos: 'making the photos',
  crews: 'comparing workers × threads',
  tiles: 'comparing tiles',
  batches: 'running whole batches of the best',
};

/** Progress is told to a program no more often than this. */
const LINE_MS = 500;
const BAR_COLUMNS = 20;

/** Shows a tuning while it runs. */
export function createTuneDisplay(
  streams: Pick<Surroundings, 'stdout' | 'stderr'>,
  json: boolean,
): LiveLine<TuneEvent> {
  return createLiveLine(streams, json, tuneLine());
}

function tuneLine(): LineContent<TuneEvent> {
  let toldMs = -Infinity;
  let phase: TunePhase = 'photos';
  let best: { readonly cell: Cell; readonly pixelsPerSecond: number } | undefined;
  let progress = { fraction: 0, remainingMs: 0 };
  let heardMs = performance.now();
  let budgetMs = 0;
  return {
    isTold: (event) => {
      if (event.kind !== 'progress' || event.fraction >= 1) return true;
      if (performance.now() - toldMs < LINE_MS) return false;
      toldMs = performance.now();
      return true;
    },
    note: (event) => {
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
    draw: (look) => {
      // Between two events time goes on.
      const sinceMs = performance.now() - heardMs;
      const fraction = budgetMs === 0 ? 0 : Math.min(0.999, progress.fraction + sinceMs / budgetMs);
      const bar = look.paint('strong', formatBar(fraction, BAR_COLUMNS, look.unicode));
      const percent = formatPercent(fraction).padStart(5);
      const left = `at most ${formatTimeLeft(Math.max(0, progress.remainingMs - sinceMs))} left`;
      const rate = best === undefined ? '' : `, best ${(best.pixelsPerSecond / 1e6).toFixed(1)} MP/s`;
      const tail = `${percent}  ${phases[phase]}${rate}, ${left}`;
      return firstThatFits([`${bar} ${tail}`, `${percent.trim()} ${left}`], look.columns - 1);
    },
  };
}
