/** What is measured when, within the budget. */
import { success, type Result } from '../engine/errors.ts';
import { sizePool } from '../pool/sizing.ts';
import { openBatchRig, type BatchRig } from './batch-rig.ts';
import type { TuneClock } from './events.ts';
import { orderOf, survivors } from './halving.ts';
import { endsTuning, medianTileMs, type Entrant, type Race } from './race.ts';
import { openRawRig, type RawRig } from './raw-rig.ts';
import { RigShelf } from './rig-shelf.ts';
import { poolSizeFor, type Crew, type SpaceRequest } from './space.ts';
import { specOfCell, type TuneOptions } from './tune.ts';

export interface Stages {
  readonly options: TuneOptions;
  readonly request: SpaceRequest;
  readonly race: Race;
  readonly clock: TuneClock;
  /** For results and spool files. */
  readonly folder: string;
  readonly photos: readonly string[];
}

/** Of one tile in the first round; later rounds, of fewer cells, measure longer. */
const FIRST_MEASURE_MS = 200;
const LONGEST_MEASURE_MS = 800;
const GROWTH = 1.5;
/** Crews slower than this beside the fastest, at the same tile, have no tile that makes up for it. */
const SLOW_CREW = 1.25;
/** A tile that takes longer keeps a person waiting who cancels. */
const SLOW_TILE_MS = 700;
/** How many cells end in whole batches. */
const FINALISTS = 4;
const [FEWEST_ROUNDS, MOST_ROUNDS, MOST_TURNS] = [3, 6, 5];
/** Shares of the budget by whose end the tiles are through, and one photo may be enhanced to learn what it costs. */
const [TILES_SHARE, COSTS_SHARE] = [0.55, 0.12];
/** A batch is to last about this long, that its beginning and end weigh little. */
const BATCH_MS = 2_500;
const MOST_PHOTOS = 4;
/** What a measurement takes beside the time that it measures. */
const OVERHEAD_MS = 40;

/** Runs all stages. Fails only with what the whole tuning ends with. */
export async function runStages(stages: Stages): Promise<Result<void>> {
  const { request, options } = stages;
  const { signal, start, model, precision, provider } = options;
  const alive = mostWorkers(request);
  const common = { start, provider, ...(signal && { signal }) };
  const raw = new RigShelf<RawRig>(alive, (crew) =>
    openRawRig({ ...common, size: poolSizeFor(request, crew), modelId: model.id, precision, padding: 'valid' }),
  );
  try {
    const compared = await compareCrews(stages, raw);
    if (!compared.ok) return compared;
    const learned = await learnCosts(stages);
    if (!learned.ok) return learned;
    const halved = await halveTiles(stages, raw);
    if (!halved.ok) return halved;
  } finally {
    await raw[Symbol.asyncDispose]();
  }
  return runBatches(stages, alive);
}

/** How many workers may be alive at once, whether they work or wait. */
function mostWorkers({ machine, memoryBytes, scale, standardTilePx }: SpaceRequest): number {
  const wishes = { workers: 'auto', threads: 1, memoryBytes, tilePx: standardTilePx, scale } as const;
  return sizePool({ ...machine, cores: 1024 }, wishes).workers;
}

/** Every crew at one tile, there and back; the slow ones go. */
async function compareCrews({ race, clock }: Stages, raw: RigShelf<RawRig>): Promise<Result<void>> {
  const { tilePx } = race.standard.cell;
  const field = race.crews.flatMap(
    (crew) => race.alive.find((one) => isOf(one, crew) && one.cell.tilePx === tilePx) ?? [],
  );
  clock.emit({ kind: 'phase', phase: 'crews', cells: field.length });
  for (const turn of [0, 1]) {
    for (const entrant of orderOf(field, turn)) {
      if (entrant.out !== undefined || (entrant !== race.standard && !clock.hasRoom(0, TILES_SHARE / 2))) continue;
      const tileMs = await timeTile(race, clock, raw, entrant, FIRST_MEASURE_MS);
      if (!tileMs.ok) return tileMs;
      if (tileMs.value !== undefined) entrant.crewTileMs.push(tileMs.value);
    }
  }
  dropCrews(race, clock, field);
  return success(undefined);
}

function dropCrews(race: Race, clock: TuneClock, field: readonly Entrant[]): void {
  const measured = field.filter(({ crewTileMs }) => crewTileMs.length > 0);
  const timeOf = (entrant: Entrant): number => race.forecastMs(entrant, medianTileMs(entrant));
  const bestMs = Math.min(...measured.map(timeOf));
  for (const entrant of race.alive) {
    const head = measured.find((one) => isOf(entrant, one.cell));
    if (entrant === race.standard) continue;
    if (head === undefined || timeOf(head) > bestMs * SLOW_CREW) entrant.out = 'slow-crew';
    else if (areaOf(entrant) * (Math.min(...head.crewTileMs) / areaOf(head)) > SLOW_TILE_MS) entrant.out = 'slow-tile';
  }
  tellDropped(clock, race.entrants);
}

/** Enhances one photo, to learn what it costs beside its tiles; where that takes too long, nothing is assumed. */
async function learnCosts({ options, request, race, clock, folder, photos }: Stages): Promise<Result<void>> {
  const { signal, start, model, provider } = options;
  const { standard } = race;
  if (!clock.hasRoom(race.forecastMs(standard, medianTileMs(standard), 1), COSTS_SHARE + 0.1))
    return success(undefined);
  const size = poolSizeFor(request, standard.cell);
  const rig = await openBatchRig({ start, provider, size, scale: model.scale, folder, ...(signal && { signal }) });
  try {
    const ran = await rig.run(specOfCell(standard.cell, model.id), photos.slice(0, 1));
    if (!ran.ok) return ran;
    const { inferMs, runMs, codecMs } = ran.value;
    race.costs = { copyMs: Math.max(0, inferMs - runMs), codecMs };
    return success(undefined);
  } finally {
    await rig[Symbol.asyncDispose]();
  }
}

/** All tiles of the crews that are left, in rounds, of which each has fewer cells and measures longer. */
async function halveTiles({ race, clock }: Stages, raw: RigShelf<RawRig>): Promise<Result<void>> {
  clock.emit({ kind: 'phase', phase: 'tiles', cells: race.alive.length });
  let measureMs = FIRST_MEASURE_MS;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    if (round > 0 && !clock.hasRoom(roundCost(race.alive, measureMs), TILES_SHARE)) break;
    const times = new Map<Entrant, number>();
    for (const entrant of orderOf(race.alive, round)) {
      if (entrant !== race.standard && !clock.hasRoom(0, TILES_SHARE)) continue;
      const tileMs = await timeTile(race, clock, raw, entrant, measureMs);
      if (!tileMs.ok) return tileMs;
      if (tileMs.value !== undefined) times.set(entrant, tileMs.value);
    }
    // Cells that the first round had no time for are out; a later round that was cut short does not count.
    if (round > 0 && race.alive.some((entrant) => !times.has(entrant))) break;
    for (const entrant of race.alive) if (!times.has(entrant)) entrant.out = 'slow';
    for (const [entrant, ms] of times) if (entrant.out === undefined) entrant.roundTileMs.push(ms);
    const keys = race.alive.map(({ key }) => key);
    const kept = survivors(race.samples(), keys, { keep: [race.standard.key], least: FINALISTS });
    for (const entrant of race.alive) if (!kept.includes(entrant.key)) entrant.out = 'slow';
    tellDropped(
      clock,
      race.entrants.filter(({ key }) => keys.includes(key)),
    );
    if (round + 1 >= FEWEST_ROUNDS && race.alive.length <= FINALISTS + 1) break;
    measureMs = Math.min(LONGEST_MEASURE_MS, measureMs * GROWTH);
  }
  return success(undefined);
}

function roundCost(entrants: readonly Entrant[], measureMs: number): number {
  return entrants.reduce((sum, one) => sum + Math.max(measureMs, medianTileMs(one)) + OVERHEAD_MS, 0);
}

/** One tile's milliseconds; undefined for a cell that failed alone, which is then out. */
async function timeTile(
  race: Race,
  clock: TuneClock,
  raw: RigShelf<RawRig>,
  entrant: Entrant,
  measureMs: number,
): Promise<Result<number | undefined>> {
  const rig = await raw.of(entrant.cell);
  const ran = rig.ok ? await rig.value.run(entrant.plan.tile, measureMs) : rig;
  if (ran.ok) {
    const { tileMs } = ran.value;
    const pixelsPerSecond = race.rateOf(entrant, race.forecastMs(entrant, tileMs));
    clock.emit({ kind: 'measured', cell: entrant.cell, pixelsPerSecond });
    return success(tileMs);
  }
  await raw.drop(entrant.cell);
  if (endsTuning(ran) || entrant === race.standard) return ran;
  entrant.out = 'failed';
  return success(undefined);
}

/** Whole batches of the best few, in turns, as long as there is time. */
async function runBatches(stages: Stages, alive: number): Promise<Result<void>> {
  const { options, request, race, clock, folder } = stages;
  const { signal, start, model, provider } = options;
  const scores = race.scores();
  const ranked = [...race.alive].sort((one, other) => scores.get(one.key)! - scores.get(other.key)!);
  const photoMs = race.forecastMs(ranked[0]!, medianTileMs(ranked[0]!), 1);
  const count = Math.max(1, Math.min(MOST_PHOTOS, Math.round(BATCH_MS / photoMs)));
  const runMs = race.forecastMs(ranked[0]!, medianTileMs(ranked[0]!), count) + 6 * OVERHEAD_MS;
  const affordable = Math.floor(clock.leftMs / runMs);
  const finalists = new Set([race.standard, ...ranked].slice(0, Math.min(FINALISTS, Math.floor(affordable / 2))));
  for (const one of ranked) if (finalists.size < Math.min(FINALISTS, Math.floor(affordable / 2))) finalists.add(one);
  if (finalists.size < 2) return success(undefined);
  clock.emit({ kind: 'phase', phase: 'batches', cells: finalists.size });
  const rigs = new RigShelf<BatchRig>(alive, async (crew: Crew) => {
    const size = poolSizeFor(request, crew);
    const common = { start, provider, size, scale: model.scale, folder };
    return success(await openBatchRig({ ...common, ...(signal && { signal }) }));
  });
  try {
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      if (!clock.hasRoom(runMs * finalists.size)) break;
      const ran = await runTurn(stages, rigs, orderOf([...finalists], turn), count);
      if (!ran.ok) return ran;
    }
    return success(undefined);
  } finally {
    await rigs[Symbol.asyncDispose]();
  }
}

/** A batch of each finalist. A turn counts as a whole: batches are compared within turns. */
async function runTurn(
  { options, race, clock, photos }: Stages,
  rigs: RigShelf<BatchRig>,
  finalists: readonly Entrant[],
  count: number,
): Promise<Result<void>> {
  for (const entrant of finalists) {
    if (entrant.out !== undefined) continue;
    const rig = await rigs.of(entrant.cell);
    const batch = Array.from({ length: count }, (_, index) => photos[index % photos.length]!);
    const ran = rig.ok ? await rig.value.run(specOfCell(entrant.cell, options.model.id), batch) : rig;
    if (ran.ok) {
      const { elapsedMs } = ran.value;
      const forecastMs = race.forecastMs(entrant, medianTileMs(entrant), count);
      entrant.trials.push({ measuredMs: elapsedMs, forecastMs });
      clock.emit({ kind: 'measured', cell: entrant.cell, pixelsPerSecond: race.rateOf(entrant, elapsedMs, count) });
    } else if (endsTuning(ran) || entrant === race.standard) return ran;
    else {
      await rigs.drop(entrant.cell);
      entrant.out = 'failed';
    }
  }
  return success(undefined);
}

function tellDropped(clock: TuneClock, entrants: readonly Entrant[]): void {
  const cells = entrants.filter(({ out }) => out !== undefined).map(({ cell }) => cell);
  if (cells.length > 0) clock.emit({ kind: 'dropped', cells });
}

function isOf({ cell }: Entrant, { workers, threads }: Crew): boolean {
  return cell.workers === workers && cell.threads === threads;
}

function areaOf({ plan }: Entrant): number {
  return plan.tile.widthPx * plan.tile.heightPx;
}
