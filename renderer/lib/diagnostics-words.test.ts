import { describe, expect, it } from 'vitest';
import type { BatchTimes, StageTimes, WorkerTimes } from '../../preload/contract/diagnostics.ts';
import { barParts, batchWords, factRows, formatSeconds, formatShare, limitWords, sumOf } from './diagnostics-words.ts';

const times: StageTimes = { decode: 10, wait: 0, infer: 60, stitch: 5, write: 5, encode: 15, store: 5 };

function worker(inUse: number): WorkerTimes {
  return { worker: 1, inUse, inferMs: 0, codecMs: 0, alive: true, arena: null, peakMemoryBytes: null };
}

const batch: BatchTimes = {
  run: 'ended',
  startedAt: '2026-05-03T12:00:00.000Z',
  elapsedMs: 48_200,
  pausedMs: 0,
  photos: 12,
  failed: 0,
  totals: times,
  slowest: [],
  workers: [worker(0.9), worker(0.94)],
  computed: [],
  traceable: 12,
};

describe('a photo’s bar', () => {
  it('holds what happened, in order, and is as long as its share of the longest', () => {
    const parts = barParts(times, 200);
    expect(parts.map(({ stage }) => stage)).toEqual(['decode', 'infer', 'stitch', 'write', 'encode', 'store']);
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(sumOf(times) / 200, 9);
  });

  it('of nothing is empty', () => {
    expect(barParts(times, 0)).toEqual([]);
  });
});

describe('numbers', () => {
  it('are seconds with the digits that can be read', () => {
    expect([0, 4, 5, 340, 12_345, 123_456, 12_345_678].map(formatSeconds)).toEqual([
      '–',
      '–',
      '0.01',
      '0.34',
      '12.35',
      '123.5',
      '12,345.7',
    ]);
  });

  it('call a small share small, not nothing', () => {
    expect([0, 0.002, 0.25, 1].map(formatShare)).toEqual(['0 %', '< 1 %', '25 %', '100 %']);
  });
});

describe('a batch in words', () => {
  it('says what came of it, and what the clock did not count', () => {
    expect(batchWords(batch)).toBe('12 photos in 48 s');
    expect(batchWords({ ...batch, photos: 1, elapsedMs: 7820, failed: 2, pausedMs: 61_000 })).toBe(
      '1 photo in 7.8 s, 2 failed, 1 min 1 s of pauses not counted',
    );
    expect(batchWords({ ...batch, photos: 0 })).toBe('No photo is done yet');
  });

  it('names the limit: the device where it is busy, else what took most beside it', () => {
    expect(limitWords(batch)).toContain('92 % of the workers’ time: the device they run on is the limit');
    const idle = { ...batch, workers: [worker(0.5), worker(0.3)] };
    expect(limitWords(idle)).toContain('40 %');
    expect(limitWords(idle)).toContain('encoding results took most');
    expect(limitWords(idle)).not.toContain('few photos');
    expect(limitWords({ ...idle, photos: 3 })).toContain('few photos');
    expect(limitWords({ ...batch, workers: [] })).toBe('');
  });
});

it('versions that nobody has told yet are asked for, and a stand-in is no Electron', () => {
  const facts = {
    tessera: '0.1.0',
    onnxRuntime: '1.30.0',
    codec: null,
    electron: null,
    node: '24.21.0',
    system: 'Linux',
    processor: 'A processor',
    cores: 8,
    memoryBytes: 8 * 1024 ** 3,
  };
  const rows = Object.fromEntries(factRows(facts));
  expect(rows).toMatchObject({ libvips: 'asking a worker…', Electron: 'none: a browser stands in', Memory: '8 GB' });
  const codec = { sharp: '0.35.5', libvips: '8.18.7', build: 'wasm' } as const;
  expect(Object.fromEntries(factRows({ ...facts, codec }))).toMatchObject({ sharp: '0.35.5, WebAssembly' });
});
