import { describe, expect, it } from 'vitest';
import { lookOf, type DisplayStream } from '../../main/command/display.ts';
import { parseCommand } from '../../main/command/options.ts';
import { heatMapLines, tableLines, verdictLines } from '../../main/command/tune-view.ts';
import type { CellReport, TuneReport } from '../../main/tune/report.ts';

function cellOf(tilePx: number, workers: number, threads: number, megapixels?: number): CellReport {
  return {
    cell: { provider: 'cpu', precision: 'int8', tilePx, workers, threads },
    tile: { widthPx: tilePx, heightPx: tilePx },
    rounds: megapixels === undefined ? 0 : 3,
    batches: 0,
    ...(megapixels === undefined ? { out: 'slow-crew' as const } : { pixelsPerSecond: megapixels * 1e6 }),
  };
}

const standard = { ...cellOf(352, 2, 1, 20), batches: 3 };
const best = { ...cellOf(256, 2, 1, 22), batches: 3 };
const report: TuneReport = {
  photo: { widthPx: 1633, heightPx: 1225 },
  elapsedMs: 51_000,
  cells: [standard, best, cellOf(128, 2, 1, 17), cellOf(352, 1, 2, 9), cellOf(256, 1, 2)],
  best,
  standard,
  gain: 1.1,
};
const plain = { unicode: true, paint: (_: unknown, text: string) => text };

describe('the heat map', () => {
  it('has a line a tile and a column a crew, hotter where it is faster', () => {
    expect(heatMapLines(report, plain).slice(1, -1)).toEqual([
      '  tile px     2×1         1×2',
      '      128    17.0 ▒▒        –',
      '      256    22.0 ██ *      –',
      '      352    20.0 ▓▓ d    9.0 ░░',
    ]);
  });

  it('says which device it is of, where that is not the processor', () => {
    const on = (one: CellReport): CellReport => ({
      ...one,
      cell: { ...one.cell, provider: 'webgpu', precision: 'fp32' },
    });
    const onDevice: TuneReport = { ...report, cells: report.cells.map(on), best: on(best), standard: on(standard) };
    expect(heatMapLines(onDevice, plain)[0]).toContain('on webgpu');
    expect(verdictLines(onDevice, 'quicksrnet-l-x4')[0]).toMatch(/^quicksrnet-l-x4 fp32 on webgpu: /);
    expect(heatMapLines(report, plain)[0]).not.toContain(' on ');
  });

  it('does not call the default the fastest beyond doubt where cells were left out for want of time', () => {
    const unmeasured: CellReport = { ...cellOf(128, 2, 1), out: 'no-time' };
    const alone = { ...cellOf(352, 2, 1, 20) };
    const hasty: TuneReport = { ...report, cells: [alone, unmeasured], best: alone, standard: alone, gain: 1 };
    expect(verdictLines(hasty, 'quicksrnet-l-x4').join(' ')).toContain('no time for whole batches');
    expect(verdictLines({ ...hasty, cells: [alone] }, 'quicksrnet-l-x4')).toHaveLength(1);
  });

  it('is drawn in ASCII where a terminal has no more, and says what the signs mean', () => {
    const lines = heatMapLines(report, { ...plain, unicode: false });
    expect(lines[3]).toContain('22.0 ## *');
    expect(lines.at(-1)).toContain('# >= 97 %');
  });

  it('has colours on a terminal that wants them, and none with NO_COLOR', () => {
    const terminal = { isTTY: true, columns: 80, rows: 24, hasColors: () => true } as unknown as DisplayStream;
    const coloured = heatMapLines(report, lookOf(terminal, { environment: { TERM: 'xterm' } }));
    const bare = heatMapLines(report, lookOf(terminal, { environment: { TERM: 'xterm', NO_COLOR: '1' } }));
    expect(coloured.join('\n')).toContain('\u001b[32m');
    expect(bare.join('\n')).not.toContain('\u001b');
    expect(bare).toHaveLength(coloured.length);
  });
});

describe('the table', () => {
  it('ranks what was measured, and marks the best and the default', () => {
    const lines = tableLines(report, plain);
    expect(lines).toHaveLength(5);
    expect(lines[1]).toMatch(/256 +2 +1 +22\.0 +×1\.10 +3 batches {2}best$/);
    expect(lines[2]).toMatch(/352 +2 +1 +20\.0 +×1\.00 +3 batches {2}default$/);
    expect(lines[4]).toMatch(/352 +1 +2 +9\.0 +×0\.45 +tiles$/);
  });

  it('always shows the default, however slow', () => {
    expect(tableLines({ ...report, best: { ...best } }, plain, 1).join()).toContain('default');
  });
});

describe('the verdict', () => {
  it('says what is fastest, and by how much', () => {
    expect(verdictLines(report, 'model-x')).toEqual([
      'model-x int8: fastest here with tiles of 256 px, 2 workers × 1 thread, 10 % faster than the defaults. ' +
        '4 of 5 settings were measured in 51 s.',
    ]);
  });

  it('says so where the defaults are, and where no whole batch was run', () => {
    expect(verdictLines({ ...report, best: standard, gain: 1 }, 'm')[0]).toContain('the defaults are the fastest');
    expect(verdictLines({ ...report, best: cellOf(256, 2, 1, 22) }, 'm')[1]).toContain('--budget');
  });
});

describe('the command line of tune', () => {
  const parse = (...argv: string[]) => parseCommand(['tune', ...argv], { version: '1' });

  it('takes a photo, a model, a budget and one or both precisions', () => {
    expect(parse()).toMatchObject({
      ok: true,
      value: { kind: 'tune', photo: undefined, precisions: ['int8'], budgetMs: 60_000, dryRun: false, forget: false },
    });
    expect(parse('a.jpg', '--model', 'photo', '--precision', 'both', '--budget', '90', '-n', '--json')).toMatchObject({
      value: {
        photo: 'a.jpg',
        precisions: ['int8', 'fp32'],
        budgetMs: 90_000,
        dryRun: true,
        json: true,
        settings: { model: 'photo' },
      },
    });
  });

  it('takes a device by name, or all that were found right', () => {
    expect(parse()).toMatchObject({ value: { everyDevice: false, settings: { device: 'auto' } } });
    expect(parse('--device', 'webgpu')).toMatchObject({
      value: { everyDevice: false, settings: { device: 'webgpu' } },
    });
    expect(parse('--device', 'all')).toMatchObject({ value: { everyDevice: true, settings: { device: 'auto' } } });
  });

  it.each([
    [['--device', 'npu'], /cuda or all/],
    [['--budget', '2'], /5 to 3600/],
    [['--precision', 'fp16'], /int8, fp32 or both/],
    [['--forget', '--dry-run'], /cannot be used with/],
  ])('refuses %j with a sentence', (argv, sentence) => {
    const parsed = parse(...argv);
    expect(parsed).toMatchObject({ ok: false, error: { code: 'usage' } });
    expect(parsed.ok ? '' : parsed.error.message).toMatch(sentence);
    expect(parsed.ok ? '' : parsed.error.message).toContain('tessera tune --help');
  });
});
