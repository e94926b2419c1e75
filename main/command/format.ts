/** Numbers and names as people read them in a terminal. Pure. */
import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A length of time: `0.4 s`, `42 s`, `2 min 5 s`, `3 h 12 min`, `2 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 9_950) return `${(ms / secondMs).toFixed(1)} s`;
  return inUnits(Math.round(ms / secondMs) * secondMs);
}

/** The time that something still takes, no finer than anyone can tell: `5 s`, `2 min 5 s`, `25 min`. */
export function formatTimeLeft(ms: number): string {
  const step = ms > 10 * minuteMs ? minuteMs : ms > minuteMs ? 5 * secondMs : secondMs;
  return inUnits(Math.max(1, Math.ceil(ms / step)) * step);
}

function inUnits(ms: number): string {
  const two = (large: number, largeUnit: string, small: number, smallUnit: string): string => {
    const count = Math.floor(ms / large);
    const rest = Math.floor((ms - count * large) / small);
    return rest === 0 ? `${count} ${largeUnit}` : `${count} ${largeUnit} ${rest} ${smallUnit}`;
  };
  if (ms < minuteMs) return `${Math.floor(ms / secondMs)} s`;
  if (ms < hourMs) return two(minuteMs, 'min', secondMs, 's');
  if (ms < dayMs) return two(hourMs, 'h', minuteMs, 'min');
  return two(dayMs, 'd', hourMs, 'h');
}

/** An amount of storage in powers of a thousand, as disks are sold: `999 B`, `45.2 MB`. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, ['B', 'kB', 'MB', 'GB', 'TB']);
}

/** An amount of pixels: `12 MP`, `1.6 GP`. */
export function formatPixels(pixels: number): string {
  return scaled(pixels / 1e6, ['MP', 'GP', 'TP']);
}

/** A rate of pixels: `3.4 MP/s`. */
export function formatRate(pixelsPerSecond: number): string {
  return `${formatPixels(pixelsPerSecond)}/s`;
}

/** At most one decimal, none from a hundred on or where it is zero. */
function scaled(value: number, units: readonly string[]): string {
  let amount = value;
  let index = 0;
  // 999.5 would be rounded up to the next unit's 1.
  while (amount >= 999.5 && index < units.length - 1) {
    amount /= 1000;
    index++;
  }
  const rounded = amount >= 99.95 ? Math.round(amount) : Math.round(amount * 10) / 10;
  return `${rounded} ${units[index] ?? ''}`;
}

/** A share of a whole in percent, rounded down, so that only the whole is 100. */
export function formatPercent(fraction: number): string {
  return `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)} %`;
}

/** A bar of `columns` cells. */
export function formatBar(fraction: number, columns: number, unicode: boolean): string {
  const full = Math.floor(Math.min(1, Math.max(0, fraction)) * columns);
  const [done, left] = unicode ? ['━', '─'] : ['#', '.'];
  return done.repeat(full) + left.repeat(Math.max(0, columns - full));
}

/** `1 photo`, `12 photos`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * A file's name as it may be shown: control characters, which could command the terminal, and marks that turn the
 * direction of writing are replaced.
 */
export function showable(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

/**
 * A text on exactly so many columns: filled up with blanks, or cut at its beginning, since a path's end tells more.
 * Wide characters count two and are never cut in two.
 */
export function fitEnd(text: string, columns: number): string {
  const width = stringWidth(text);
  if (width <= columns) return text + ' '.repeat(columns - width);
  if (columns < 1) return '';
  const kept = sliceAnsi(text, width - columns + 1);
  return `…${kept}${' '.repeat(Math.max(0, columns - 1 - stringWidth(kept)))}`;
}

/** The first of some texts that fits into so many columns, or the last one, cut. */
export function firstThatFits(texts: readonly string[], columns: number): string {
  const fitting = texts.find((text) => stringWidth(text) <= columns);
  return fitting ?? sliceAnsi(texts.at(-1) ?? '', 0, Math.max(0, columns));
}
