/** A tuning as lines of text: the heat map, the table and what came of it. Pure. */
import { isSure, type CellReport, type TuneReport } from '../tune/report.ts';
import type { Look, Tone } from './frame.ts';
import { formatDuration } from './format.ts';

/** How hot a rate is beside the best: its sign on a terminal that draws more than ASCII, on one that does not, its tone. */
const heat: readonly {
  readonly from: number;
  readonly unicode: string;
  readonly ascii: string;
  readonly tone: Tone;
}[] = [
  { from: 0.97, unicode: '█', ascii: '#', tone: 'good' },
  { from: 0.9, unicode: '▓', ascii: '+', tone: 'good' },
  { from: 0.75, unicode: '▒', ascii: '-', tone: 'warn' },
  { from: 0, unicode: '░', ascii: '.', tone: 'bad' },
];

type View = Pick<Look, 'unicode' | 'paint'>;

/** A line a tile, a column a crew: the rate in megapixels of result a second, hotter where it is higher. */
export function heatMapLines(report: TuneReport, look: View): readonly string[] {
  const crews = [...new Set(report.cells.map(crewOf))];
  const tiles = [...new Set(report.cells.map(({ cell }) => cell.tilePx))].sort((one, other) => one - other);
  const hottest = Math.max(...report.cells.map(({ pixelsPerSecond = 0 }) => pixelsPerSecond));
  const head = `${'tile px'.padStart(9)}  ${crews.map((crew) => crew.padStart(6).padEnd(COLUMN)).join('')}`.trimEnd();
  const lines = tiles.map((tilePx) => {
    const cells = crews.map((crew) => {
      const found = report.cells.find((one) => one.cell.tilePx === tilePx && crewOf(one) === crew);
      return heatCell(found, hottest, report, look);
    });
    return `${String(tilePx).padStart(9)}  ${cells.join('')}`.trimEnd();
  });
  const what = `workers×threads${placeOf(report.standard)}, MP of result a second`;
  return [look.paint('quiet', `${''.padEnd(11)}${what}`), head, ...lines, legend(look)];
}

const COLUMN = 12;

/** The processor goes without saying. */
function placeOf({ cell: { provider } }: CellReport): string {
  return provider === 'cpu' ? '' : ` on ${provider}`;
}

function heatCell(found: CellReport | undefined, hottest: number, report: TuneReport, look: View): string {
  if (found?.pixelsPerSecond === undefined) return look.paint('quiet', '–'.padStart(6).padEnd(COLUMN));
  const level = heat.find(({ from }) => found.pixelsPerSecond! / hottest >= from)!;
  const sign = (look.unicode ? level.unicode : level.ascii).repeat(2);
  const mark = found === report.best ? '*' : found === report.standard ? 'd' : ' ';
  const text = `${megapixels(found).padStart(6)} ${sign} ${mark}`;
  return `${look.paint(level.tone, text)}${' '.repeat(COLUMN - text.length)}`;
}

function legend({ unicode, paint }: View): string {
  const signs = heat.map(({ from, unicode: drawn, ascii }) => {
    const share = from === 0 ? 'less' : `≥ ${Math.round(from * 100)} %`;
    return `${unicode ? drawn : ascii} ${unicode ? share : share.replace('≥', '>=')}`;
  });
  return paint('quiet', `${''.padEnd(11)}* best  d default  ${signs.join('  ')} of the best`);
}

/** The fastest cells, and the default. */
export function tableLines(report: TuneReport, look: View, most = 8): readonly string[] {
  const measured = report.cells.filter(({ pixelsPerSecond }) => pixelsPerSecond !== undefined);
  const ranked = [...measured].sort((one, other) => rankOf(one, report) - rankOf(other, report));
  const shown = ranked.filter((one, rank) => rank < most || one === report.standard);
  const head = ['tile', 'workers', 'threads', 'MP/s', 'default', 'measured'];
  const rows = shown.map((one) => [
    `${one.cell.tilePx}`,
    `${one.cell.workers}`,
    `${one.cell.threads}`,
    megapixels(one),
    `×${(one.pixelsPerSecond! / report.standard.pixelsPerSecond!).toFixed(2)}`,
    one.batches > 0 ? `${one.batches} ${one.batches === 1 ? 'batch' : 'batches'}` : 'tiles',
  ]);
  const line = (cells: readonly string[]): string => cells.map((cell) => cell.padStart(11)).join('');
  const marked = rows.map((row, index) => {
    const one = shown[index]!;
    const note = one === report.best ? '  best' : one === report.standard ? '  default' : '';
    return one === report.best ? look.paint('strong', line(row) + note) : line(row) + note;
  });
  return [look.paint('quiet', line(head)), ...marked];
}

/** The best cell stands first, though one that ran no whole batches may seem faster. */
function rankOf(one: CellReport, { best }: TuneReport): number {
  return one === best ? -Infinity : -one.pixelsPerSecond!;
}

/** What came of it, in a sentence or two. */
export function verdictLines(report: TuneReport, modelId: string): readonly string[] {
  const { best, standard, gain, elapsedMs } = report;
  const { tilePx, workers, threads, precision } = best.cell;
  const subject = `${modelId} ${precision}${placeOf(best)}`;
  const setting = `tiles of ${tilePx} px, ${workers} ${workers === 1 ? 'worker' : 'workers'} × ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  const measured = report.cells.filter(({ pixelsPerSecond }) => pixelsPerSecond !== undefined).length;
  const effort = `${measured} of ${report.cells.length} settings were measured in ${formatDuration(elapsedMs)}`;
  const found =
    best === standard
      ? `${subject}: the defaults are the fastest here (${setting}).`
      : `${subject}: fastest here with ${setting}, ${((gain - 1) * 100).toFixed(0)} % faster than the defaults.`;
  const doubt = isSure(report)
    ? []
    : ['There was no time for whole batches: give a longer --budget, or a smaller photo, to be surer.'];
  return [`${found} ${effort}.`, ...doubt];
}

function crewOf({ cell }: CellReport): string {
  return `${cell.workers}×${cell.threads}`;
}

function megapixels({ pixelsPerSecond = 0 }: CellReport): string {
  return (pixelsPerSecond / 1e6).toFixed(1);
}
