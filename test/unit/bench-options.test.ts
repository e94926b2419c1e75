import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../main/command/options.ts';

function parsed(line: string): unknown {
  const result = parseCommand(line.split(' '), { version: '1.2.3' });
  return result.ok ? result.value : result.error;
}

describe('tessera bench', () => {
  it('measures batches of twelve photos of two megapixels, five times', () => {
    expect(parsed('bench')).toMatchObject({ kind: 'bench', photos: 12, photoMegapixels: 2, runs: 5, json: false });
    expect(parsed('bench --photos 3 --runs 1')).toMatchObject({ kind: 'bench', photos: 3, runs: 1 });
  });

  it('measures the table with smaller batches, and writes it only when told to', () => {
    expect(parsed('bench --paper')).toMatchObject({ kind: 'bench-paper', photos: 2, runs: 5, writeFolder: undefined });
    expect(parsed('bench --paper --photos 4 --write docs')).toMatchObject({ photos: 4, writeFolder: 'docs' });
    expect(parsed('bench --write docs')).toMatchObject({ kind: 'bench-paper', writeFolder: 'docs' });
  });

  it('profiles a batch, and a trace is of a profile', () => {
    expect(parsed('bench --profile')).toMatchObject({ kind: 'bench-profile', photos: 12, traceFile: undefined });
    expect(parsed('bench --trace a.json --photos 2')).toMatchObject({
      kind: 'bench-profile',
      photos: 2,
      traceFile: 'a.json',
    });
  });

  it('does one of the two', () => {
    for (const line of ['bench --paper --profile', 'bench --paper --trace a.json']) {
      expect(parsed(line)).toMatchObject({ code: 'usage' });
    }
  });
});

describe('tessera enhance', () => {
  it('writes a trace when told to', () => {
    expect(parsed('enhance a.jpg')).toMatchObject({ kind: 'enhance', traceFile: undefined });
    expect(parsed('enhance a.jpg --trace a.json')).toMatchObject({ kind: 'enhance', traceFile: 'a.json' });
  });
});
