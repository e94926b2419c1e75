/** The source paper's table and the claims that it makes, measured by our software on this machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { success, type Result } from '../engine/errors.ts';
import type { TileShape } from '../engine/ports.ts';
import { spread } from './efficiency.ts';
import { withPaperPhoto, type PaperPhoto, type PaperPhotoOptions, type Quality } from './paper-photo.ts';
import { measureInTurns, type Measured, type TurnOptions, type Turns } from './paper-turns.ts';
import { ablations, paperRows, type Ablation, type PaperRow, type Way } from './paper-ways.ts';

type Spread = ReturnType<typeof spread>;

export interface PaperOptions
  extends Omit<PaperPhotoOptions, 'folder'>, Omit<TurnOptions, 'photo' | 'folder' | 'onMeasured'> {
  readonly modelId: string;
  /** Of the ablations; the table, which is longer, has no more than three. */
  readonly runs: number;
  /** Where temporary files go. */
  readonly scratchBase: string;
  readonly onMeasured?: (what: 'table' | 'ablations', measured: MeasuredWay) => void;
  /** Those alone, by their ways' ids; for a quick look. */
  readonly only?: (way: Way) => boolean;
}

type MeasuredWay = Parameters<NonNullable<TurnOptions['onMeasured']>>[0];

/** A row of the table. Times are milliseconds an image. */
export interface TableFigures extends Quality {
  readonly inputPx: number;
  readonly paddingPx: number;
  readonly quantisation: string;
  readonly paperThreads: number | null;
  readonly workers: number;
  readonly threads: number;
  readonly tile: TileShape;
  readonly imageMs: Spread;
  readonly megapixelsPerSecond: Spread;
  /** √(7 − NIQE) ÷ seconds an image × 200. */
  readonly score: number;
  /** The paper's own, of another machine and other photos. */
  readonly paperScore: number | null;
  readonly note: string;
}

/** One way of an ablation. */
export interface AblationFigures extends Quality {
  readonly name: string;
  readonly imageMs: Spread;
  /** Its time ÷ that of the ablation's last way, round by round. */
  readonly ratio: Spread;
}

export interface PaperReport {
  readonly modelId: string;
  readonly fieldPx: number;
  readonly photo: string;
  /** Of the original, which no enlargement can be expected to beat; null where it is too small. */
  readonly originalNiqe: number | null;
  readonly photos: number;
  readonly rounds: number;
  readonly runs: number;
  readonly table: readonly TableFigures[];
  readonly ablations: readonly {
    readonly name: string;
    readonly note: string;
    readonly ways: readonly AblationFigures[];
  }[];
}

const MOST_ROUNDS = 3;

/** NIQE from which on the contest gives no points. */
const WORST_NIQE = 7;

/** The contest's score of an image that took so long: √(7 − NIQE) ÷ seconds × 200, and 0 from NIQE 7 on. */
export function contestScore(niqe: number, imageMs: number): number {
  return (Math.sqrt(Math.max(0, WORST_NIQE - niqe)) / (imageMs / 1000)) * 200;
}

/**
 * Measures the table, and then the ablations.
 *
 * @returns the report; or the first failure, or `cancelled`
 */
export async function measurePaper(options: PaperOptions): Promise<Result<PaperReport>> {
  const folder = await mkdtemp(join(options.scratchBase, 'tessera-paper-'));
  try {
    return await withPaperPhoto({ ...options, folder }, (photo) => measureOn(photo, folder, options));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

async function measureOn(photo: PaperPhoto, folder: string, options: PaperOptions): Promise<Result<PaperReport>> {
  const { modelId, fieldPx, machine, photos, runs, only = () => true } = options;
  const rounds = Math.min(runs, MOST_ROUNDS);
  const rows = paperRows(modelId, fieldPx, machine.cores, process.arch).filter(({ way }) => only(way));
  const claims = ablations(modelId, machine.cores).filter(({ ways }) => ways.every(({ way }) => only(way)));
  const natural = await photo.judge(photo.originalPath);
  if (!natural.ok) return natural;
  const table = await measureInTurns(waysOf(rows), rounds, turnsFor('table', options, photo, folder));
  if (!table.ok) return table;
  const each = claims.flatMap(({ ways }) => ways);
  const tried = await measureInTurns(waysOf(each), runs, turnsFor('ablations', options, photo, folder));
  if (!tried.ok) return tried;
  return success({
    modelId,
    fieldPx,
    photo: photo.description,
    originalNiqe: natural.value.niqe ?? null,
    photos,
    rounds,
    runs,
    table: rows.map((row) => tableFigures(row, table.value.get(row.way.id)!, photo)),
    ablations: claims.map((claim) => ablationFigures(claim, tried.value)),
  });
}

function waysOf(list: readonly { readonly way: Way }[]): readonly Way[] {
  return list.map(({ way }) => way);
}

function turnsFor(
  what: 'table' | 'ablations',
  { onMeasured, ...options }: PaperOptions,
  photo: PaperPhoto,
  folder: string,
): TurnOptions {
  return {
    ...options,
    photo,
    folder,
    ...(onMeasured && {
      onMeasured: (one) => {
        onMeasured(what, one);
      },
    }),
  };
}

function tableFigures(row: PaperRow, { imageMs, tile, quality }: Measured, { size, scale }: PaperPhoto): TableFigures {
  const { inputPx, paddingPx, quantisation, paperThreads = null, paperScore = null, way, note = '' } = row;
  const megapixels = (size.widthPx * size.heightPx * scale ** 2) / 1e6;
  const time = spread(imageMs);
  return {
    inputPx,
    paddingPx,
    quantisation,
    paperThreads,
    ...way.crew,
    tile,
    imageMs: time,
    megapixelsPerSecond: spread(imageMs.map((ms) => (megapixels / ms) * 1000)),
    ...quality,
    score: contestScore(quality.niqe ?? WORST_NIQE, time.median),
    paperScore,
    note,
  };
}

function ablationFigures({ name, ways, note = '' }: Ablation, turns: Turns): PaperReport['ablations'][number] {
  const ours = turns.get(ways.at(-1)!.way.id)!;
  return {
    name,
    note,
    ways: ways.map(({ name: way, way: { id } }) => {
      const { imageMs, quality } = turns.get(id)!;
      const ratio = spread(imageMs.map((ms, round) => ms / ours.imageMs[round]!));
      return { name: way, imageMs: spread(imageMs), ratio, ...quality };
    }),
  };
}
