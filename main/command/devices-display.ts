import { createLogUpdate } from 'log-update';
import type { Provider } from '../engine/ports.ts';
import type { DeviceVerdict } from '../settings/device-record.ts';
import { lookOf } from './display.ts';
import { firstThatFits, formatBar, formatDuration } from './format.ts';
import type { Surroundings } from './surroundings.ts';

/** What happens while devices are tried. */
type DevicesEvent =
  | { readonly kind: 'device-started'; readonly provider: Provider; readonly index: number; readonly count: number }
  | { readonly kind: 'device-tried'; readonly report: DeviceVerdict };

/** Shows it. Disposing leaves the terminal as it was found. */
export interface DevicesDisplay extends Disposable {
  handle(event: DevicesEvent): void;
}

const FRAME_MS = 100;
const BAR_COLUMNS = 20;

/** JSON lines where asked for, one line that is redrawn on a terminal, and nothing elsewhere. */
export function createDevicesDisplay(
  { stdout, stderr }: Pick<Surroundings, 'stdout' | 'stderr'>,
  json: boolean,
): DevicesDisplay {
  if (json) {
    return {
      handle: (event) => void stdout.write(`${JSON.stringify(event)}\n`),
      [Symbol.dispose]: () => undefined,
    };
  }
  if (stderr.isTTY !== true || process.env['TERM'] === 'dumb') {
    return { handle: () => undefined, [Symbol.dispose]: () => undefined };
  }
  return liveDisplay(stderr);
}

function liveDisplay(stderr: Surroundings['stderr']): DevicesDisplay {
  const log = createLogUpdate(stderr);
  let current: Extract<DevicesEvent, { kind: 'device-started' }> | undefined;
  let startMs = performance.now();
  const draw = (): void => {
    const look = lookOf(stderr);
    if (current === undefined) {
      log('starting');
      return;
    }
    const { provider, index, count } = current;
    const bar = look.paint('strong', formatBar(index / count, BAR_COLUMNS, look.unicode));
    const tail = `trying ${provider}, ${index + 1} of ${count}, ${formatDuration(performance.now() - startMs)}`;
    log(firstThatFits([`${bar} ${tail}`, tail], look.columns - 1));
  };
  const timer = setInterval(draw, FRAME_MS);
  timer.unref();
  return {
    handle: (event) => {
      if (event.kind !== 'device-started') return;
      current = event;
      startMs = performance.now();
      draw();
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
      log.clear();
      log.done();
    },
  };
}
