/** The report on the paper's table, as Markdown and as JSON, in the form that the repository's formatter gives. Pure. */
import type { spread } from './efficiency.ts';
import type { PaperReport, TableFigures } from './paper.ts';

type Spread = ReturnType<typeof spread>;

/** The machine and the versions that figures belong to; see `describeMachine`. */
export type MachineFacts = Readonly<Record<string, string | number>>;

/** The row to which the paper's and our scores are held. */
function isReference({ inputPx, paddingPx, quantisation, paperThreads }: TableFigures): boolean {
  return inputPx === 192 && paddingPx === 10 && quantisation === 'int8 symmetric' && paperThreads === 16;
}

/** The report as Markdown. */
export function markdownOf(report: PaperReport, machine: MachineFacts): string {
  const { modelId, fieldPx, photo, photos, rounds, runs, ablations } = report;
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  return [
    '# The source paper’s table, from our software',
    '',
    'Written by `npm run bench:paper -- --write docs/benchmarks`. The figures are of this machine and of our photo, network',
    'and training: shapes can be compared with the paper’s, numbers cannot.',
    '',
    `Machine: ${facts.join(', ')}.`,
    '',
    `Model: ${modelId}. Photo: ${photo}; batches of ${photos}, JPEG out, through the whole pipeline. Times are milliseconds`,
    'an image of a warm batch: median, and range over the rounds, in which all ways take turns. NIQE is by our own pristine',
    `model, PSNR on luma against the original, both of the written file. ${originalLine(report)}`,
    '',
    `## Table (${plural(rounds, 'round')})`,
    '',
    ...tableLines(report),
    '',
    ...tableNotes(report).map((note) => `- ${note}`),
    `- Padding is total: the stride is the window less the padding. 10 is a halo of 5 a side, which is less than the ${fieldPx} that`,
    '  this network sees, so such tiles are not exact.',
    '- Plans balance their tiles within the window, so that none is ragged; “tile” is what the model was really fed.',
    '- Threads are the paper’s 8, 16 and 32 scaled to the cores at hand: half of them, all, and twice as many workers of one',
    '  thread each.',
    '- Score is the contest’s, √(7 − NIQE) ÷ seconds an image × 200, and 0 from NIQE 7 on. “Best” is the paper’s best row: 192²,',
    '  padding 10, int8, 16 threads. NIQE hardly changes between windows, so our speed beside that row’s can be read against',
    '  the paper’s score beside that row’s.',
    '',
    `## What is it worth? (${plural(runs, 'round')})`,
    '',
    ...ablations.flatMap(({ name, note, ways }) => [
      `### ${name}`,
      '',
      ...table(
        ['way', 'ms an image', 'time ÷ ours', 'NIQE', 'PSNR (Y)'],
        ways.map(({ name: way, imageMs, ratio, niqe, psnrDb }) => [
          way,
          ranged(imageMs, 0),
          ranged(ratio, 3),
          niqe?.toFixed(3) ?? '',
          psnrDb?.toFixed(3) ?? '',
        ]),
      ),
      '',
      ...(note === '' ? [] : [note, '']),
    ]),
  ].join('\n');
}

function tableLines({ table: rows }: PaperReport): string[] {
  const best = rows.find(isReference);
  const share = (value: number | null | undefined, of: number | null | undefined): string =>
    typeof value === 'number' && typeof of === 'number' ? (value / of).toFixed(3) : '';
  const head = [
    'input',
    'padding',
    'quantisation',
    'threads',
    'here',
    'tile',
    'ms an image',
    'MP out/s',
    'NIQE',
    'PSNR (Y)',
    'score',
    'speed ÷ best',
    'paper: score ÷ best',
    'note',
  ];
  return table(
    head,
    rows.map((row) => [
      `${row.inputPx}²`,
      String(row.paddingPx),
      row.quantisation,
      String(row.paperThreads ?? ''),
      `${row.workers} × ${row.threads}`,
      `${row.tile.widthPx} × ${row.tile.heightPx}`,
      ranged(row.imageMs, 0),
      ranged(row.megapixelsPerSecond, 2),
      row.niqe?.toFixed(3) ?? '',
      row.psnrDb?.toFixed(3) ?? '',
      row.score.toFixed(0),
      share(best?.imageMs.median, row.imageMs.median),
      share(row.paperScore, best?.paperScore),
      row.note,
    ]),
  );
}

function originalLine({ originalNiqe }: PaperReport): string {
  return originalNiqe === null ? '' : `The original has NIQE ${originalNiqe.toFixed(3)}.`;
}

/** What a reader looks for first: the best window, here and there. */
function tableNotes({ table: rows }: PaperReport): string[] {
  const windows = rows.filter(
    (row) => row.paddingPx === 10 && row.quantisation === 'int8 symmetric' && row.paperThreads === 16,
  );
  if (windows.length < 2) return [];
  const top = (score: (row: TableFigures) => number): TableFigures =>
    windows.reduce((one, other) => (score(other) > score(one) ? other : one));
  const [ours, theirs] = [top(({ imageMs }) => -imageMs.median), top(({ paperScore }) => paperScore ?? 0)];
  return [
    `The fastest window at padding 10 in int8 is ${ours.inputPx}² here; the best in the paper is ${theirs.inputPx}².`,
    ...(windows.every(({ score }) => score === 0)
      ? ['NIQE is 7 or more here, by our own pristine model and on our photo, for which the contest gives nothing.']
      : []),
  ];
}

function ranged({ median, min, max }: Spread, digits: number): string {
  const range = min === max ? '' : ` (${min.toFixed(digits)}…${max.toFixed(digits)})`;
  return median.toFixed(digits) + range;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** A table whose columns line up. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((name, column) => Math.max(3, name.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

/** The report as JSON; numbers are rounded to what was measured. */
export function jsonOf(report: PaperReport, machine: MachineFacts): string {
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? Number(value.toPrecision(6)) : value;
  return `${JSON.stringify({ machine, ...report }, rounded, 2)}\n`;
}
