import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDisplay, exitCodeOf } from '../../main/command/display.ts';
import type { BatchEnd, BatchEvent, DisplayOptions } from '../../main/command/display.ts';
import { frameLines } from '../../main/command/frame.ts';
import type { Look } from '../../main/command/frame.ts';
import { BatchTally } from '../../main/command/tally.ts';

const source = { widthPx: 1000, heightPx: 1000 };
const result = { widthPx: 4000, heightPx: 4000 };
const started = (id: string): BatchEvent => ({ kind: 'photo-started', id, path: `/w/${id}.jpg`, source, result });
const done = (id: string): BatchEvent => ({
  kind: 'photo-done',
  id,
  path: `/w/${id}.jpg`,
  outPath: `/o/${id}-x4.jpg`,
  result,
  elapsedMs: 2000,
  fileBytes: 1_500_000,
});
const failed = (id: string): BatchEvent => ({
  kind: 'photo-failed',
  id,
  path: `/w/${id}.jpg`,
  failure: { code: 'photo-truncated', message: 'The file ends too early. Copy it again.' },
});
const skipped = (id: string): BatchEvent => ({
  kind: 'photo-skipped',
  id,
  path: `/w/${id}.jpg`,
  reason: { code: 'result-exists', message: 'The result exists already.' },
});
const notice: BatchEvent = {
  kind: 'notice',
  notice: { code: 'int8-unsafe', message: 'This machine computes in fp32.' },
};
const ended = (counts: Partial<BatchEnd> = {}): BatchEnd => ({
  kind: 'batch-ended',
  done: 2,
  failed: 1,
  skipped: 2,
  elapsedMs: 8000,
  interrupted: false,
  ...counts,
});
const batch: readonly BatchEvent[] = [
  { kind: 'batch-started', photos: 5 },
  started('a'),
  { kind: 'photo-progress', id: 'a', fraction: 0.5 },
  notice,
  done('a'),
  skipped('b'),
  skipped('c'),
  started('d'),
  notice,
  failed('d'),
  started('e'),
  done('e'),
  ended(),
];

function stream(size?: { columns: number; rows: number }) {
  const through = new PassThrough({ encoding: 'utf8' });
  const text: string[] = [];
  through.on('data', (chunk: string) => text.push(chunk));
  const facts = size === undefined ? {} : { isTTY: true, hasColors: () => true, ...size };
  return { stream: Object.assign(through, facts), text: () => text.join('') };
}

function show(events: readonly BatchEvent[], options: Partial<DisplayOptions> = {}, terminal = false) {
  const stdout = stream();
  const stderr = stream(terminal ? { columns: 100, rows: 30 } : undefined);
  {
    using display = createDisplay({
      json: false,
      stdout: stdout.stream,
      stderr: stderr.stream,
      environment: {},
      platform: 'linux',
      cwd: '/w',
      now: () => Date.now(),
      ...options,
    });
    for (const event of events) {
      display.handle(event);
      vi.advanceTimersByTime(1000);
    }
  }
  return { stdout: stdout.text(), stderr: stderr.text() };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a display that is no terminal', () => {
  it('says notices once, then the summary with each failed photo, its reason and code', () => {
    expect(show(batch)).toEqual({
      stdout: '',
      stderr: [
        'Note: This machine computes in fp32. (int8-unsafe)',
        '2 photos enhanced in 8.0 s (32 MP, 4 MP/s, 3 MB), 2 skipped, 1 failed.',
        'Skipped 2 photos: The result exists already. (result-exists)',
        'Failed: d.jpg',
        '  The file ends too early. Copy it again. (photo-truncated)',
        '',
      ].join('\n'),
    });
  });

  it('says how far an interrupted batch came', () => {
    const { stderr } = show([...batch.slice(0, 5), ended({ done: 1, failed: 0, skipped: 0, interrupted: true })]);
    expect(stderr).toContain('Interrupted: 1 of 5 photos enhanced in 8.0 s (16 MP, 2 MP/s, 1.5 MB).\n');
  });

  it('lets no name command the terminal', () => {
    const path = '/w/\u001b[2J.jpg';
    const failure = { code: 'x', message: 'no \u001b[2J' };
    const { stderr } = show([{ kind: 'photo-failed', id: 'a', path, failure }, ended()]);
    expect(stderr).not.toContain('\u001b');
    expect(stderr).toContain('\ufffd[2J.jpg');
  });
});

describe('a live display', () => {
  const screens = (text: string) => stripVTControlCharacters(text);

  it('shows each photo in progress and the whole batch', () => {
    const text = screens(show(batch.slice(0, 4), {}, true).stderr);
    expect(text).toMatch(/a\.jpg +━{10}─{10} {2}50 % {2}1000 × 1000/);
    expect(text).toMatch(/10 % {2}0 of 5 photos · [\d.]+ MP\/s · \d+ s left/);
  });

  it('says a failure when it happens and again at the end', () => {
    const { stderr } = show(batch, {}, true);
    expect(screens(stderr).match(/Failed: d\.jpg/g)).toHaveLength(2);
    expect(screens(stderr).split('Note: ')).toHaveLength(2);
  });

  it('draws nothing more and keeps no timer when it ends', () => {
    const stdout = stream();
    const stderr = stream({ columns: 80, rows: 24 });
    const display = createDisplay({ json: false, stdout: stdout.stream, stderr: stderr.stream, environment: {} });
    display.handle({ kind: 'batch-started', photos: 1 });
    display.handle(started('a'));
    vi.advanceTimersByTime(300);
    expect(stderr.text()).toContain('0 of 1 photo');
    display[Symbol.dispose]();
    const length = stderr.text().length;
    vi.advanceTimersByTime(5000);
    expect(stderr.text()).toHaveLength(length);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has colours, but not where NO_COLOR says no', () => {
    const red = '\u001b[31m';
    expect(show(batch, {}, true).stderr).toContain(red);
    expect(show(batch, { environment: { NO_COLOR: '1' } }, true).stderr).not.toContain(red);
    expect(show(batch, { environment: { NO_COLOR: '' } }, true).stderr).toContain(red);
  });

  it('keeps to ASCII bars where the terminal has no others', () => {
    expect(show(batch.slice(0, 4), { environment: { TERM: 'linux' } }, true).stderr).toContain('##########..........');
    expect(show(batch.slice(0, 4), { platform: 'win32' }, true).stderr).toContain('##########..........');
  });

  it('is quiet on a terminal that cannot move its cursor', () => {
    expect(show(batch, { environment: { TERM: 'dumb' } }, true)).toEqual(show(batch));
  });
});

describe('a frame', () => {
  const look: Look = { columns: 80, rows: 24, unicode: true, cwd: '/w', paint: (_tone, text) => text };

  it('is never wider than the screen nor higher, whatever the photos are called', () => {
    const name = fc.string({ unit: fc.constantFrom('a', '照', '👩‍🚀', '/', ' '), maxLength: 90 });
    fc.assert(
      fc.property(
        fc.array(name, { maxLength: 40 }),
        fc.integer({ min: 12, max: 200 }),
        fc.integer({ min: 5, max: 50 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (names, columns, rows, fraction) => {
          const tally = new BatchTally();
          tally.apply({ kind: 'batch-started', photos: names.length }, 0);
          for (const [index, path] of names.entries()) {
            tally.apply({ kind: 'photo-started', id: `${index}`, path, source, result }, 0);
            tally.apply({ kind: 'photo-progress', id: `${index}`, fraction }, 0);
          }
          const lines = frameLines(tally, tally.progress(5000), { ...look, columns, rows });
          expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThan(columns);
          expect(lines.length).toBeLessThan(rows);
        },
      ),
    );
  });

  it('says how many photos it has no room for', () => {
    const tally = new BatchTally();
    tally.apply({ kind: 'batch-started', photos: 9 }, 0);
    for (let index = 0; index < 9; index++) tally.apply(started(`p${index}`), 0);
    const lines = frameLines(tally, tally.progress(1), { ...look, rows: 7 });
    expect(lines.map((line) => line.trim().split(' ')[0])).toEqual([
      'p0.jpg',
      'p1.jpg',
      'p2.jpg',
      'and',
      expect.any(String),
    ]);
    expect(lines[3]).toBe('  and 6 more');
  });
});

describe('JSON lines', () => {
  const lines = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as BatchEvent);

  it('are the events, one a line, with nothing else on either stream', () => {
    const { stdout, stderr } = show(batch, { json: true });
    expect(stderr).toBe('');
    expect(lines(stdout).map(({ kind }) => kind)).toEqual(batch.map(({ kind }) => kind));
    expect(lines(stdout)).toContainEqual(failed('d'));
  });

  it('carry the progress of the whole batch, twice a second at most', () => {
    const progress = Array.from({ length: 100 }, (_, index): BatchEvent => {
      return { kind: 'photo-progress', id: 'a', fraction: index / 100 };
    });
    let nowMs = 0;
    const { stdout } = show([{ kind: 'batch-started', photos: 2 }, started('a'), ...progress], {
      json: true,
      now: () => (nowMs += 20),
    });
    const written = lines(stdout).filter(({ kind }) => kind === 'photo-progress');
    expect(written).toHaveLength(4);
    expect(written.at(-1)).toMatchObject({ id: 'a', batch: { fraction: expect.closeTo(0.375, 2) as unknown } });
  });
});

describe('the exit code', () => {
  it.each([
    [{ failed: 0 }, 0],
    [{ failed: 2 }, 1],
    [{ failed: 2, interrupted: true }, 130],
  ])('of %j is %d', (end, code) => {
    expect(exitCodeOf(ended(end))).toBe(code);
  });
});
