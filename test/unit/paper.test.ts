import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { makePlan, haloOf } from '../../main/engine/plan.ts';
import { contestScore, type AblationFigures, type PaperReport, type TableFigures } from '../../main/tune/paper.ts';
import { jsonOf, markdownOf } from '../../main/tune/paper-report.ts';
import { ablations, paperRows, windowOf } from '../../main/tune/paper-ways.ts';

const FIELD_PX = 13;
const rows = paperRows('quicksrnet-l-x4', FIELD_PX, 4, 'x64');

/** From one tile to the next, in a photo in which the window fits without balancing. */
function strideOf(tilePx: number, haloPx: number): number {
  const interiorPx = tilePx - 2 * haloPx;
  const plan = makePlan({
    image: { widthPx: 3 * interiorPx, heightPx: 3 * interiorPx },
    scale: 4,
    tiling: 'dilated',
    tilePx,
    haloPx,
    bytesPerPixel: 3,
    budget: { sourceBytes: 1e9, outputBytes: 1e9 },
  });
  if (!plan.ok) throw new Error(plan.error.message);
  return plan.value.tileColumns[1]!.keep.start - plan.value.tileColumns[0]!.keep.start;
}

describe('the table', () => {
  it('has the rows of the paper, with its scores', () => {
    const scores = rows.flatMap(({ paperScore }) => paperScore ?? []);
    expect(scores).toEqual([3785, 3988, 4412, 5894, 4350, 3612, 3589, 5764, 4755, 5656, 5446, 5565, 5311]);
    const windows = rows.filter(({ paddingPx, paperThreads, quantisation }) => {
      return paddingPx === 10 && paperThreads === 16 && quantisation === 'int8 symmetric';
    });
    expect(windows.map(({ inputPx }) => inputPx)).toEqual([100, 128, 160, 192, 200, 256, 512]);
  });

  it('steps by the window less the total padding, odd paddings included', () => {
    for (const { inputPx, paddingPx, way } of rows) {
      const { tilePx } = way.spec;
      expect(tilePx).toBeLessThanOrEqual(inputPx);
      expect(strideOf(tilePx, haloOf(way.spec, FIELD_PX))).toBe(inputPx - paddingPx);
    }
    expect(windowOf(192, 5)).toEqual({ tilePx: 191, haloPx: 2 });
  });

  it('has fp32 beside every fp16', () => {
    const places = (quantisation: string): string[] =>
      rows
        .filter((row) => row.quantisation === quantisation)
        .map((row) => `${row.inputPx}/${row.paddingPx}/${row.paperThreads}`);
    expect(places('fp32')).toEqual(places('fp16'));
    expect(places('fp16')).toHaveLength(3);
  });

  it('scales 8, 16 and 32 threads to half of the cores, all of them, and twice as many', () => {
    const workers = (threads: number, cores: number): Set<number> =>
      new Set(
        paperRows('m', FIELD_PX, cores, 'x64')
          .filter(({ paperThreads }) => paperThreads === threads)
          .map(({ way }) => way.crew.workers),
      );
    expect([8, 16, 32].map((threads) => [...workers(threads, 4)])).toEqual([[2], [4], [8]]);
    expect([8, 16, 32].map((threads) => [...workers(threads, 1)])).toEqual([[1], [1], [2]]);
  });

  it('gives different ways different ids', () => {
    for (const cores of [1, 4]) {
      const ways = [
        ...paperRows('m', FIELD_PX, cores, 'arm64').map(({ way }) => way),
        ...ablations('m', cores).flatMap((claim) => claim.ways.map(({ way }) => way)),
      ];
      const known = new Map<string, string>();
      for (const { id, ...rest } of ways) {
        expect(known.get(id) ?? JSON.stringify(rest)).toBe(JSON.stringify(rest));
        known.set(id, JSON.stringify(rest));
      }
      expect(new Set(known.values()).size).toBe(cores === 1 ? known.size - 1 : known.size);
    }
  });
});

describe("the contest's score", () => {
  it('is √(7 − NIQE) ÷ seconds × 200, and nothing from NIQE 7 on', () => {
    expect(contestScore(5.0478, 38.3)).toBeCloseTo(7296, 0);
    expect(contestScore(7, 38.3)).toBe(0);
    expect(contestScore(9, 38.3)).toBe(0);
  });
});

describe('the ablations', () => {
  it('end with our own way and differ from it in what they are about', () => {
    const claims = ablations('m', 2);
    expect(claims.map(({ id }) => id)).toEqual(['tiling', 'pool', 'arena', 'warm-up', 'fusion']);
    for (const { id, ways } of claims) {
      const ours = ways.at(-1)!.way;
      expect(ours.trial).toBeUndefined();
      expect(ours.id).toBe(id === 'warm-up' ? 'cold' : 'ours');
      for (const { way } of ways.slice(0, -1)) {
        const changed = (['crew', 'spec', 'trial', 'reuseArena', 'cold'] as const).filter(
          (key) => JSON.stringify(way[key]) !== JSON.stringify(ours[key]),
        );
        expect(changed).toHaveLength(1);
        if (way.id !== 'whole') expect(way.spec.tilePx).toBe(ours.spec.tilePx);
      }
    }
  });
});

const spreadOf = (median: number) => ({ median, min: median * 0.95, max: median * 1.07 });

function figuresOf(row: (typeof rows)[number], imageMs: number, niqe: number): TableFigures {
  const { inputPx, paddingPx, quantisation, paperThreads = null, paperScore = null, way, note = '' } = row;
  return {
    inputPx,
    paddingPx,
    quantisation,
    paperThreads,
    ...way.crew,
    tile: { heightPx: 150, widthPx: 190 },
    imageMs: spreadOf(imageMs),
    megapixelsPerSecond: spreadOf(7776 / imageMs),
    niqe,
    psnrDb: 29.4567,
    score: contestScore(niqe, imageMs),
    paperScore,
    note,
  };
}

function reportWith(niqe: number): PaperReport {
  const one: AblationFigures = { name: 'plain', imageMs: spreadOf(400), ratio: spreadOf(0.98), niqe, psnrDb: 29 };
  return {
    modelId: 'quicksrnet-l-x4',
    fieldPx: FIELD_PX,
    photo: 'a photo',
    originalNiqe: 2.7,
    photos: 2,
    rounds: 3,
    runs: 5,
    table: rows.map((row, index) => figuresOf(row, row.inputPx === 256 ? 300 : 400 + index, niqe)),
    ablations: [{ name: 'Tiling', note: 'A note.', ways: [one, { ...one, name: 'dilated' }] }],
  };
}

describe('the report', () => {
  const machine = { processor: 'A processor', cores: 4, date: '2026-01-31' };

  it('is as the repository’s formatter would have it', async () => {
    const report = reportWith(5.1);
    const [markdown, json] = [markdownOf(report, machine), jsonOf(report, machine)];
    const style = { printWidth: 120, singleQuote: true };
    expect(await format(markdown, { ...style, parser: 'markdown' })).toBe(markdown);
    expect(await format(json, { ...style, parser: 'json' })).toBe(json);
    expect(JSON.parse(json)).toMatchObject({ machine, modelId: 'quicksrnet-l-x4', table: { length: rows.length } });
  });

  it('holds speeds and scores to the best row of the paper', () => {
    const lines = markdownOf(reportWith(5.1), machine).split('\n');
    const cells = (start: string): string[] =>
      lines
        .find((line) => line.startsWith(start))!
        .split('|')
        .map((cell) => cell.trim());
    expect(cells('| 192²  | 10 ')).toEqual(expect.arrayContaining(['4 × 1', '1.000']));
    expect(cells('| 256²  | 10 ').slice(-4, -2)).toEqual([(403 / 300).toFixed(3), (3612 / 5894).toFixed(3)]);
    expect(lines).toContain('- The fastest window at padding 10 in int8 is 256² here; the best in the paper is 192².');
  });

  it('says that padding 10 is not exact, what fp16 is, and when scores say nothing', () => {
    const [good, bad] = [markdownOf(reportWith(5.1), machine), markdownOf(reportWith(7.2), machine)];
    expect(good).toMatch(/halo of 5 a side, which is less than the 13/);
    expect(good).toMatch(/\| fp16 .*not supported as such/);
    expect(good).not.toMatch(/the contest gives nothing/);
    expect(bad).toMatch(/the contest gives nothing/);
  });
});
