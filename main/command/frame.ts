/** What stands on the screen: lines of text from the counts of a batch. Pure. */
import { relative } from 'node:path';
import type { Progress } from '../engine/progress.ts';
import {
  firstThatFits,
  fitEnd,
  formatBar,
  formatBytes,
  formatDuration,
  formatPercent,
  formatPixels,
  formatRate,
  formatTimeLeft,
  plural,
  showable,
} from './format.ts';
import type { BatchEnd } from './events.ts';
import type { BatchTally, LeftPhoto } from './tally.ts';

export type Tone = 'strong' | 'quiet' | 'good' | 'bad' | 'warn';

/** How lines are to look. */
export interface Look {
  readonly columns: number;
  readonly rows: number;
  /** Whether the terminal draws more than ASCII. */
  readonly unicode: boolean;
  /** Paths below it are shown from it. */
  readonly cwd: string;
  paint(tone: Tone, text: string): string;
}

/** Lines that the frame leaves for what the terminal shows beside it. */
const spareRows = 3;
const widestName = 48;
const barColumns = 20;

/** The live display: a line for each photo in progress, and one for the whole batch. No line is wider than the screen. */
export function frameLines(tally: BatchTally, progress: Progress, look: Look): readonly string[] {
  const room = Math.max(1, look.rows - spareRows);
  const active = [...tally.active.values()];
  const shown = active.length > room ? active.slice(0, room - 1) : active;
  const lines = shown.map((photo) => {
    const size = `${photo.source.widthPx} × ${photo.source.heightPx}`;
    return photoLine(shownPath(photo.path, look.cwd), tally.fractionOf(photo.id), size, look);
  });
  if (shown.length < active.length) {
    lines.push(firstThatFits([`  and ${active.length - shown.length} more`], look.columns - 1));
  }
  return [...lines, overallLine(tally, progress, look)];
}

function photoLine(name: string, fraction: number, size: string, look: Look): string {
  const percent = formatPercent(fraction).padStart(5);
  const nameColumns = Math.max(8, Math.min(widestName, look.columns - barColumns - 12));
  const bar = look.paint('good', formatBar(fraction, barColumns, look.unicode));
  const fitted = `  ${fitEnd(name, nameColumns)}`;
  const short = `  ${fitEnd(name, Math.max(1, look.columns - 9))} ${percent}`;
  return firstThatFits(
    [`${fitted} ${bar} ${percent}  ${look.paint('quiet', size)}`, `${fitted} ${bar} ${percent}`, short],
    look.columns - 1,
  );
}

function overallLine(tally: BatchTally, { fraction, pixelsPerSecond, remainingMs }: Progress, look: Look): string {
  const bar = look.paint('strong', formatBar(fraction, barColumns, look.unicode));
  const percent = formatPercent(fraction).padStart(5);
  const count = `${tally.settled} of ${plural(tally.photos, 'photo')}`;
  const failed = tally.failed.length === 0 ? [] : [look.paint('bad', `${tally.failed.length} failed`)];
  const rate = pixelsPerSecond === 0 ? [] : [formatRate(pixelsPerSecond)];
  const left = remainingMs === undefined ? [] : [`${formatTimeLeft(remainingMs)} left`];
  const between = look.unicode ? ' · ' : ', ';
  return firstThatFits(
    [
      `${bar} ${percent}  ${[count, ...failed, ...rate, ...left].join(between)}`,
      `${percent.trim()} ${[count, ...failed, ...left].join(between)}`,
      `${percent.trim()} ${[...left].join(between)}`,
    ],
    look.columns - 1,
  );
}

/** What remains on the screen when a batch has ended: counts, and each photo that failed with its reason and code. */
export function summaryLines(tally: BatchTally, look: Pick<Look, 'cwd' | 'paint'>): readonly string[] {
  const { end } = tally;
  if (end === undefined) return [];
  const counts = [
    enhancedPhrase(tally, end),
    ...(end.skipped === 0 ? [] : [`${end.skipped} skipped`]),
    ...(end.failed === 0 ? [] : [look.paint('bad', `${end.failed} failed`)]),
  ];
  const failures = tally.failed.flatMap((left) => failureLines(left, look));
  return [`${counts.join(', ')}.`, ...skippedLines(tally.skipped), ...failures];
}

/** `12 photos enhanced in 1 min 3 s (192 MP, 3 MP/s, 45.2 MB)` */
function enhancedPhrase(tally: BatchTally, end: BatchEnd): string {
  const photos = end.interrupted
    ? `Interrupted: ${end.done} of ${plural(tally.photos, 'photo')}`
    : plural(end.done, 'photo');
  const phrase = `${photos} enhanced in ${formatDuration(end.elapsedMs)}`;
  if (tally.done === 0 || end.elapsedMs <= 0) return phrase;
  const rate = formatRate((tally.resultPixels / end.elapsedMs) * 1000);
  return `${phrase} (${formatPixels(tally.resultPixels)}, ${rate}, ${formatBytes(tally.resultBytes)})`;
}

/** A photo's failure on two lines: which, and why. */
export function failureLines({ path, reason }: LeftPhoto, look: Pick<Look, 'cwd' | 'paint'>): readonly string[] {
  return [
    `${look.paint('bad', 'Failed:')} ${shownPath(path, look.cwd)}`,
    `  ${showable(reason.message)} ${look.paint('quiet', `(${reason.code})`)}`,
  ];
}

/** Skipped photos by their reason: there may be thousands. */
function skippedLines(skipped: readonly LeftPhoto[]): readonly string[] {
  const byReason = new Map<string, number>();
  for (const { reason } of skipped) {
    const key = `${showable(reason.message)} (${reason.code})`;
    byReason.set(key, (byReason.get(key) ?? 0) + 1);
  }
  return [...byReason].map(([reason, count]) => `Skipped ${plural(count, 'photo')}: ${reason}`);
}

/** A path as it is shown: from the working folder where it lies below it, and free of control characters. */
function shownPath(path: string, cwd: string): string {
  const below = relative(cwd, path);
  return showable(below === '' || below.startsWith('..') ? path : below);
}
