import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDevicesDisplay } from '../../main/command/devices-display.ts';
import { createTuneDisplay } from '../../main/command/tune-display.ts';

function streams(isTTY: boolean) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const said = { stdout: '', stderr: '' };
  stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  return { stdout, stderr: Object.assign(stderr, { isTTY, columns: 80, rows: 24 }), said };
}

/** What stands on the terminal: the last line that was drawn. */
function lastLine({ stderr }: { readonly stderr: string }): string {
  return stripVTControlCharacters(stderr).trim().split('\n').at(-1)!.trim();
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv('TERM', 'xterm');
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('the line of a measurement', () => {
  const started = { kind: 'device-started', provider: 'webgpu', index: 1, count: 4 } as const;

  it('says which device is tried, for how long, and goes when it is over', () => {
    const { said, ...terminal } = streams(true);
    const display = createDevicesDisplay(terminal, false);
    vi.advanceTimersByTime(100);
    expect(lastLine(said)).toBe('starting');
    display.handle(started);
    vi.advanceTimersByTime(3_000);
    expect(lastLine(said)).toMatch(/trying webgpu, 2 of 4, 3\.\d s$/);
    const before = said.stderr.length;
    display[Symbol.dispose]();
    expect(stripVTControlCharacters(said.stderr.slice(before)).trim()).toBe('');
    vi.advanceTimersByTime(1_000);
    expect(lastLine({ stderr: said.stderr.slice(before) })).toBe('');
    expect(said.stdout).toBe('');
  });

  it('goes on with the time between two events of a tuning', () => {
    const { said, ...terminal } = streams(true);
    using display = createTuneDisplay(terminal, false);
    display.handle({ kind: 'phase', phase: 'tiles', cells: 3 });
    display.handle({ kind: 'progress', fraction: 0.5, remainingMs: 30_000 });
    vi.advanceTimersByTime(6_000);
    expect(lastLine(said)).toMatch(/60 %\s+comparing tiles, at most 24 s left$/);
  });

  it('is not there where nobody sees it', () => {
    const { said, ...pipes } = streams(false);
    using display = createDevicesDisplay(pipes, false);
    display.handle(started);
    vi.advanceTimersByTime(3_000);
    expect(said).toEqual({ stdout: '', stderr: '' });
  });

  it('gives way to an event a line, progress no more often than twice a second', () => {
    const { said, ...terminal } = streams(true);
    using display = createTuneDisplay(terminal, true);
    for (const fraction of [0.1, 0.2, 1]) display.handle({ kind: 'progress', fraction, remainingMs: 0 });
    vi.advanceTimersByTime(500);
    display.handle({ kind: 'progress', fraction: 0.3, remainingMs: 0 });
    const lines = said.stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { fraction: number }).fraction)).toEqual([0.1, 1, 0.3]);
    expect(said.stderr).toBe('');
  });
});
