import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PaddedStrip } from '../../main/engine/border.ts';
import { keepFlatAlpha } from '../../main/engine/flat-alpha.ts';
import type { Span } from '../../main/engine/geometry.ts';
import { makePlan, type Plan } from '../../main/engine/plan.ts';

const SCALE = 3;
const UNTOUCHED = 77;

function planOf(widthPx: number, heightPx: number, bytesPerSample: number): Plan {
  const budget = { sourceBytes: 1e6, outputBytes: 1e6 };
  const image = { widthPx, heightPx };
  const plan = makePlan({
    image,
    scale: SCALE,
    tiling: 'dilated',
    tilePx: 64,
    haloPx: 4,
    bytesPerPixel: 4 * bytesPerSample,
    budget,
  });
  if (!plan.ok) throw new Error(plan.error.message);
  return plan.value;
}

/** Rows of an alpha plane with a border of noise around the image, as it stands in a worker's memory. */
function paddedRows(alpha: readonly number[][], rows: Span, haloPx: number, bytesPerSample: 1 | 2): PaddedStrip {
  const width = alpha[0]!.length + 2 * haloPx;
  const samples = new (bytesPerSample === 1 ? Uint8Array : Uint16Array)(width * (rows.end - rows.start)).fill(13);
  for (let y = Math.max(0, rows.start); y < Math.min(alpha.length, rows.end); y += 1) {
    samples.set(alpha[y]!, (y - rows.start) * width + haloPx);
  }
  return {
    bytes: new Uint8Array(samples.buffer),
    strideBytes: width * bytesPerSample,
    bytesPerPixel: bytesPerSample,
    rows,
    columns: { start: -haloPx, end: alpha[0]!.length + haloPx },
  };
}

describe('flat alpha', () => {
  it('is set where the nine source pixels around are of one extreme, and nothing else is touched', () => {
    const cases = fc.record({
      widthPx: fc.integer({ min: 1, max: 9 }),
      heightPx: fc.integer({ min: 1, max: 9 }),
      bytesPerSample: fc.constantFrom(1 as const, 2 as const),
      cut: fc.integer({ min: 1, max: 9 }),
      seed: fc.array(fc.constantFrom(0, 0, 0, 0, 1, 1, 1, 1, 0.5), { minLength: 81, maxLength: 81 }),
    });
    let kept = 0;
    fc.assert(
      fc.property(cases, ({ widthPx, heightPx, bytesPerSample, cut, seed }) => {
        const white = bytesPerSample === 1 ? 255 : 65535;
        const alpha = Array.from({ length: heightPx }, (_, y) =>
          // Stretches of one value, so that there are flat areas.
          Array.from({ length: widthPx }, (_, x) => Math.floor(seed[(y >> 2) * 9 + (x >> 2)]! * white)),
        );
        const plan = planOf(widthPx, heightPx, bytesPerSample);
        const strips = [
          { start: 0, end: Math.min(cut, heightPx) },
          { start: Math.min(cut, heightPx), end: heightPx },
        ];
        for (const rows of strips.filter(({ start, end }) => end > start)) {
          const stride = 4 * bytesPerSample;
          const bytes = new Uint8Array((rows.end - rows.start) * widthPx * SCALE ** 2 * stride).fill(UNTOUCHED);
          const place = { bytesPerPixel: bytesPerSample, pixelStrideBytes: stride, offsetBytes: 3 * bytesPerSample };
          const source = paddedRows(alpha, { start: rows.start - 4, end: rows.end + 4 }, 4, bytesPerSample);
          keepFlatAlpha(plan, source, { bytes, ...place, rows }, bytesPerSample);
          for (let at = 0; at < bytes.length; at += 1) {
            const pixel = Math.floor(at / stride);
            const x = Math.floor((pixel % (widthPx * SCALE)) / SCALE);
            const y = rows.start + Math.floor(pixel / (widthPx * SCALE * SCALE));
            const around = [y - 1, y, y + 1].flatMap((row) =>
              [x - 1, x, x + 1].map((column) => alpha[row]?.[column] ?? alpha[y]![x]!),
            );
            const isFlat = [0, white].some((extreme) => around.every((value) => value === extreme));
            const isAlpha = at % stride >= 3 * bytesPerSample;
            const wanted = isAlpha && isFlat ? (alpha[y]![x] === 0 ? 0 : 255) : UNTOUCHED;
            if (wanted !== UNTOUCHED) kept += 1;
            if (bytes[at] !== wanted) throw new Error(`Expected ${wanted} but received ${bytes[at]} at byte ${at}`);
          }
        }
      }),
    );
    expect(kept).toBeGreaterThan(1000);
  });
});
