import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { OutputFormat, PhotoInfo } from '../../main/engine/ports.ts';
import { spoolBytes } from '../../main/engine/spool-need.ts';

/** For each source pixel at ×4, of a photo so large that its first rows count for little. */
function bytesPerPixel(format: OutputFormat, photo: Pick<PhotoInfo, 'alpha' | 'bitsPerSample'>, quality?: number) {
  const pixels = 2 ** 28;
  const size = { widthPx: 2 ** 14, heightPx: 2 ** 14 };
  const info: PhotoInfo = {
    ...size,
    ...photo,
    format,
    grey: false,
    convertsToSrgb: false,
    hasProfile: false,
    hasExif: false,
    fileBytes: 1,
    modifiedMs: 0,
  };
  return Math.floor(spoolBytes(info, 4, format, quality) / pixels);
}

it('takes as much disk as the README says at most', () => {
  const told = /takes (\d+) bytes of disk .*?\((\d+) at .*? (\d+) bytes .*?,\s+(\d+) with alpha, twice as many/su;
  const figures = told.exec(readFileSync('README.md', 'utf8'))?.slice(1).map(Number);
  const plain = { alpha: false, bitsPerSample: 8 } as const;
  const alpha = { alpha: true, bitsPerSample: 8 } as const;
  expect(figures).toEqual([
    bytesPerPixel('jpeg', { alpha: true, bitsPerSample: 16 }, 95),
    bytesPerPixel('jpeg', { alpha: true, bitsPerSample: 16 }, 100),
    bytesPerPixel('png', plain),
    bytesPerPixel('png', alpha),
  ]);
  expect(bytesPerPixel('png', { ...plain, bitsPerSample: 16 })).toBe(2 * bytesPerPixel('png', plain));
  expect(bytesPerPixel('tiff', { ...alpha, bitsPerSample: 16 })).toBe(2 * bytesPerPixel('png', alpha));
});
