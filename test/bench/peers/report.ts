import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { spread } from '../../../main/tune/efficiency.ts';

/** What one contestant came to. */
export interface Row {
  readonly id: string;
  readonly name: string;
  /** What its time is made of. */
  readonly timed: string;
  /** Megapixels of results a second, a run each. */
  readonly megapixels: readonly number[];
  /** Of `session.run` alone, where it is ours. */
  readonly rawMegapixels?: readonly number[];
  /** Against the original; none where there is no picture. */
  readonly psnrDb?: number;
}

/** A bar of the project: a figure and what it must reach. */
export interface Bar {
  readonly what: string;
  readonly value: number | undefined;
  readonly wanted: number;
  readonly atMost?: boolean;
  readonly unit: string;
}

export interface Report {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly photo: string;
  readonly rows: readonly Row[];
  readonly bars: readonly Bar[];
  /** Whatever else a reader must know. */
  readonly notes: readonly string[];
}

function rate(values: readonly number[] | undefined): string {
  if (values === undefined || values.length === 0) return '';
  const { median, min, max } = spread(values);
  const digits = median < 1 ? 4 : 2;
  const range = values.length === 1 ? '' : ` (${min.toFixed(digits)}…${max.toFixed(digits)})`;
  return `${median.toFixed(digits)}${range}`;
}

function barLine({ what, value, wanted, atMost = false, unit }: Bar): string {
  const reached = value === undefined ? 'not measured' : (atMost ? value <= wanted : value >= wanted) ? 'yes' : 'no';
  const sign = atMost ? '≤' : '≥';
  return `| ${what} | ${value === undefined ? '' : `${value.toFixed(2)}${unit}`} | ${sign} ${wanted}${unit} | ${reached} |`;
}

/** The report as Markdown. */
export function markdownOf({ machine, photo, rows, bars, notes }: Report): string {
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  return [
    '# Beside other programs\n',
    'Written by `npm run bench:peers -- --write`. Megapixels are those of the result, a second; the median, and the range',
    'over the runs. PSNR is on luma, against the original.\n',
    `Machine: ${facts.join(', ')}.\n`,
    `Photo: ${photo}.\n`,
    '| what | MP/s, end to end | MP/s, `session.run` alone | PSNR (Y) | what the time is made of |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(
      ({ name, megapixels, rawMegapixels, psnrDb, timed }) =>
        `| ${name} | ${rate(megapixels)} | ${rate(rawMegapixels)} | ${psnrDb?.toFixed(2) ?? ''} | ${timed} |`,
    ),
    '\n| bar | measured | wanted | reached |',
    '| --- | --- | --- | --- |',
    ...bars.map(barLine),
    '',
    ...notes.map((note) => `- ${note}`),
    '',
  ].join('\n');
}

/** Writes the report beside the other measurements. */
export async function writeReport(folder: string, report: Report): Promise<void> {
  await mkdir(folder, { recursive: true });
  const style = await resolveConfig(join(folder, 'peers.json'));
  await writeFile(join(folder, 'peers.md'), await format(markdownOf(report), { ...style, parser: 'markdown' }));
  await writeFile(join(folder, 'peers.json'), await format(JSON.stringify(report), { ...style, parser: 'json' }));
}
