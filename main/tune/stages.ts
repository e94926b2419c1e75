/** What is measured when, within the budget. */
import { success, type Result } from '../engine/errors.ts';
import type { TuneClock } from './events.ts';
import { orderOf, survivors } from './halving.ts';
import { FINALISTS, type Stages } from './instruments.ts';
import { endsTuning, isOf, medianTileMs, type Entrant, type Race } from './race.ts';
import type { RawRig } from './raw-rig.ts';
import { RigShelf } from './rig-shelf.ts';
import { specOfCell, type Crew } from './space.ts';
import { runBatches } from './whole-batches.ts';

/** Of one tile in the first round; later rounds, of fewer cells, measure longer. */
const FIRST_MEASURE_MS = 200;
const LONGEST_MEASURE_MS = 800;
const GROWTH = 1.5;
/** Crews slower than this beside the fastest, at the same tile, have no tile that makes up for it. */
const SLOW_CREW = 1.25;
/** A tile that takes longer keeps a person waiting who cancels; so does the standard one of a slow model, by a little. */
const SLOW_TILE_MS = 700;
const SLOWER_THAN_STANDARD = 1.25;
const [FEWEST_ROUNDS, MOST_ROUNDS] = [3, 6];
/** By this share of the budget the tiles are through, and the rest is for whole batches. */
const TILES_SHARE = 0.55;
/** By this share one photo has been enhanced, to learn what it costs. */
const COSTS_SHARE = 0.25;
/** What a measurement takes beside the time that it measures. */
const OVERHEAD_MS = 40;

/** Runs all stages. Fails only with what the whole tuning ends with. */
export async function runStages(stages: Stages): Promise<Result<void>> {
  const { openRaw, mostWorkers } = stages.instruments;
  const raw = new RigShelf<RawRig>(mostWorkers, openRaw);
  try {
    const compared = await compareCrews(stages, raw);
    if (!compared.ok) return compared;
    const learned = await learnCosts(stages);
    if (!learned.ok) return learned;
    // Only now: a crew that leaves a core to the codec may make up for it.
    dropCrews(stages, compared.value);
    const halved = await halveTiles(stages, raw);
    if (!halved.ok) return halved;
  } finally {
    await raw[Symbol.asyncDispose]();
  }
  return runBatches(stages);
}

/** Every crew at one tile, there and back. */
async function compareCrews({ race, clock }: Stages, raw: RigShelf<RawRig>): Promise<Result<readonly Entrant[]>> {
  const { tilePx } = race.standard.cell;
  const field = race.crews.flatMap(
    (crew) => race.alive.find((one) => isOf(one.cell, crew) && one.cell.tilePx === tilePx) ?? [],
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
  return success(field);
}

function dropCrews({ race, clock }: Stages, field: readonly Entrant[]): void {
  const measured = field.filter(({ crewTileMs }) => crewTileMs.length > 0);
  const timeOf = (entrant: Entrant): number => race.forecastMs(entrant, medianTileMs(entrant));
  const bestMs = Math.min(...measured.map(timeOf));
  const slowMs = Math.max(SLOW_TILE_MS, Math.min(...race.standard.crewTileMs) * SLOWER_THAN_STANDARD);
  for (const entrant of race.alive) {
    const head = measured.find((one) => isOf(entrant.cell, one.cell));
    if (entrant === race.standard) continue;
    if (head === undefined || timeOf(head) > bestMs * SLOW_CREW) entrant.out = 'slow-crew';
    else if (areaOf(entrant) * (Math.min(...head.crewTileMs) / areaOf(head)) > slowMs) entrant.out = 'slow-tile';
  }
  tellDropped(clock, race.entrants);
}

/**
 * Enhances one photo, to learn what it costs beside its tiles; where that takes too long, nothing is assumed.
 *
 * By one worker of one thread, whose inference then takes as much processor time as time: what the worker used beyond
 * that is the codec's. By the clock, decoding and encoding take longer than they cost, since their steps wait for tiles.
 */
async function learnCosts({ instruments, modelId, race, clock, photos }: Stages): Promise<Result<void>> {
  const lone = { ...race.standard, cell: { ...race.standard.cell, ...LONE } };
  if (!clock.hasRoom(race.forecastMs(lone, loneTileMs(race), 1), COSTS_SHARE)) return success(undefined);
  const rig = await instruments.openBatches(LONE);
  if (!rig.ok) return rig;
  try {
    const ran = await rig.value.run(specOfCell(lone.cell, modelId), photos.slice(0, 1));
    if (!ran.ok) return ran;
    const { inferMs, runMs, cpuMs } = ran.value;
    race.costs = { copyMs: Math.max(0, inferMs - runMs), codecMs: Math.max(0, cpuMs - inferMs) };
    return success(undefined);
  } finally {
    await rig.value[Symbol.asyncDispose]();
  }
}

const LONE: Crew = { workers: 1, threads: 1 };

/** What the standard tile takes that crew: as measured, or no less than this by the standard crew. */
function loneTileMs({ standard, entrants }: Race): number {
  const measured = entrants.find(
    ({ cell, crewTileMs }) => isOf(cell, LONE) && cell.tilePx === standard.cell.tilePx && crewTileMs.length > 0,
  );
  return measured === undefined ? medianTileMs(standard) * standard.cell.threads : medianTileMs(measured);
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
    for (const entrant of race.alive) if (!times.has(entrant)) entrant.out = 'no-time';
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

function tellDropped(clock: TuneClock, entrants: readonly Entrant[]): void {
  const cells = entrants.filter(({ out }) => out !== undefined).map(({ cell }) => cell);
  if (cells.length > 0) clock.emit({ kind: 'dropped', cells });
}

function areaOf({ plan }: Entrant): number {
  return plan.tile.widthPx * plan.tile.heightPx;
}
