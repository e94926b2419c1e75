import type { Provider } from '../engine/ports.ts';
import type { DeviceVerdict } from '../settings/device-record.ts';
import { firstThatFits, formatBar, formatDuration } from './format.ts';
import { createLiveLine, type LineContent, type LiveLine } from './live-line.ts';
import type { Surroundings } from './surroundings.ts';

/** What happens while devices are tried. */
type DevicesEvent =
  | { readonly kind: 'device-started'; readonly provider: Provider; readonly index: number; readonly count: number }
  | { readonly kind: 'device-tried'; readonly report: DeviceVerdict };

const BAR_COLUMNS = 20;

/** Shows which device is tried. */
export function createDevicesDisplay(
  streams: Pick<Surroundings, 'stdout' | 'stderr'>,
  json: boolean,
): LiveLine<DevicesEvent> {
  return createLiveLine(streams, json, devicesLine());
}

function devicesLine(): LineContent<DevicesEvent> {
  let current: Extract<DevicesEvent, { kind: 'device-started' }> | undefined;
  let startMs = performance.now();
  return {
    isTold: () => true,
    note: (event) => {
      if (event.kind !== 'device-started') return;
      current = event;
      startMs = performance.now();
    },
    draw: (look) => {
      if (current === undefined) return 'starting';
      const { provider, index, count } = current;
      const bar = look.paint('strong', formatBar(index / count, BAR_COLUMNS, look.unicode));
      const tail = `trying ${provider}, ${index + 1} of ${count}, ${formatDuration(performance.now() - startMs)}`;
      return firstThatFits([`${bar} ${tail}`, tail], look.columns - 1);
    },
  };
}
