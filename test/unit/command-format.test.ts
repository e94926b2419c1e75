import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
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
} from '../../main/command/format.ts';

describe('numbers for people', () => {
  it.each([
    [0, '0.0 s'],
    [420, '0.4 s'],
    [9_949, '9.9 s'],
    [9_951, '10 s'],
    [59_600, '1 min'],
    [125_000, '2 min 5 s'],
    [3_600_000, '1 h'],
    [11_520_000, '3 h 12 min'],
    [187_200_000, '2 d 4 h'],
  ])('%d ms took %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it.each([
    [0, '1 s'],
    [4_200, '5 s'],
    [61_000, '1 min 5 s'],
    [599_000, '10 min'],
    [1_470_000, '25 min'],
    [11_470_000, '3 h 12 min'],
  ])('%d ms are %s left', (ms, text) => {
    expect(formatTimeLeft(ms)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1 kB'],
    [45_230_000, '45.2 MB'],
    [999_600_000, '1 GB'],
    [1.5e12, '1.5 TB'],
    [5e15, '5000 TB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('counts pixels in millions and more', () => {
    expect([3e5, 1.2e7, 1.92e8, 1.6e9].map(formatPixels)).toEqual(['0.3 MP', '12 MP', '192 MP', '1.6 GP']);
    expect(formatRate(3_440_000)).toBe('3.4 MP/s');
  });

  it('says 100 % only of the whole', () => {
    expect([0, 0.5, 0.9999, 1, 2, -1].map(formatPercent)).toEqual(['0 %', '50 %', '99 %', '100 %', '100 %', '0 %']);
  });

  it('fills a bar as far as the work is done, and no further', () => {
    expect(formatBar(0.5, 10, true)).toBe('━━━━━─────');
    expect(formatBar(0.99, 10, false)).toBe('#########.');
    expect(formatBar(1, 4, false)).toBe('####');
    expect(formatBar(7, 4, false)).toBe('####');
  });

  it('knows one from many', () => {
    expect([plural(1, 'photo'), plural(0, 'photo'), plural(2, 'box', 'boxes')]).toEqual([
      '1 photo',
      '0 photos',
      '2 boxes',
    ]);
  });
});

describe('names in a terminal', () => {
  it('cannot command it or turn the direction of writing', () => {
    expect(showable('a\u001b[31m\n\u0007\u202egpj.exe')).toBe('a\ufffd[31m\ufffd\ufffd\ufffdgpj.exe');
    expect(showable('日本 café 👩‍🚀.jpg')).toBe('日本 café 👩‍🚀.jpg');
  });

  it('lose their beginning where they are too long', () => {
    expect(fitEnd('day 1/sea.jpg', 20)).toBe('day 1/sea.jpg       ');
    expect(fitEnd('day 1/sea.jpg', 9)).toBe('…/sea.jpg');
    expect(fitEnd('照片照片.jpg', 8)).toBe('… 片.jpg'.replace(' ', '') + ' ');
  });

  it('take exactly the columns that they are given, wide characters and all', () => {
    const name = fc.string({ unit: fc.constantFrom('a', '/', '照', '👩‍🚀', 'e\u0301', 'é', '-', '한'), maxLength: 40 });
    fc.assert(
      fc.property(name, fc.integer({ min: 1, max: 50 }), (text, columns) => {
        expect(stringWidth(fitEnd(text, columns))).toBe(columns);
        expect(stringWidth(firstThatFits([text], columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('are said in the fullest form that fits', () => {
    const forms = ['照片 is a photo', 'a photo', 'photo'];
    expect(firstThatFits(forms, 15)).toBe('照片 is a photo');
    expect(firstThatFits(forms, 14)).toBe('a photo');
    expect(firstThatFits(forms, 3)).toBe('pho');
  });
});
