/** What a tuning may choose among. Pure. */
import { makePlan, type Plan } from '../engine/plan.ts';
import type { Size } from '../engine/geometry.ts';
import { sizePool, type Machine, type PoolSize } from '../pool/sizing.ts';
import type { EnhanceSpec, Precision, WorkerConfig } from '../worker/protocol.ts';

/** Processes side by side, and the threads of each one's session. */
export interface Crew {
  readonly workers: number;
  readonly threads: number;
}

/** One setting of all that is tuned. */
export interface Cell extends Crew {
  readonly provider: WorkerConfig['provider'];
  readonly precision: Precision;
  /** Side of the window that is fed to the model, halo included, in source pixels. */
  readonly tilePx: number;
}

/** A cell and how it cuts the photo that is measured. */
export interface Candidate {
  readonly cell: Cell;
  readonly plan: Plan;
}

export interface SpaceRequest {
  readonly machine: Machine;
  readonly memoryBytes: number | 'auto';
  readonly provider: WorkerConfig['provider'];
  readonly precision: Precision;
  readonly scale: number;
  /** The model's receptive field a side, which is the halo. */
  readonly fieldPx: number;
  /** The photo that is measured. */
  readonly photo: Size;
  /** The tile that is used where nothing is tuned; always part of the space. */
  readonly standardTilePx: number;
  /** Sides to choose among in place of the usual ones. */
  readonly tilesPx?: readonly number[];
  readonly crews?: readonly Crew[];
}

/** The source paper searches 100 to 512; a step is a quarter to a third. */
const TILES_PX = [96, 128, 160, 192, 224, 256, 320, 384, 448, 512];
/** For halos that cost much even at the largest of those. */
const TILES_OF_LARGE_HALOS_PX = [640];
const LARGE_HALO_COST = 1.1;
/** A graphics device has more to do at once in a larger tile, and less to wait for. */
const TILES_OF_DEVICES_PX = [640, 768];

/** A tile whose halo costs more than this can be beaten only by a larger one. */
const MAX_HALO_COST = 1.4;

/**
 * How much more a tile computes than its interior, as a factor. Each layer of a VALID graph needs a frame that shrinks
 * from the whole halo to nothing, so the cost is the mean of (i + 2ux)² ÷ i² over u from 0 to 1, where x is the halo.
 */
export function haloCost(tilePx: number, haloPx: number): number {
  const share = haloPx / (tilePx - 2 * haloPx);
  return 1 + 2 * share + (4 / 3) * share ** 2;
}

/** Sides of tiles that are worth measuring for a receptive field. */
export function candidateTiles({ provider, fieldPx, standardTilePx, tilesPx }: SpaceRequest): readonly number[] {
  if (tilesPx !== undefined) return tilesPx;
  const usual = TILES_PX.at(-1)!;
  const isLarge = usual <= 2 * fieldPx || haloCost(usual, fieldPx) > LARGE_HALO_COST;
  const larger = provider !== 'cpu' ? TILES_OF_DEVICES_PX : isLarge ? TILES_OF_LARGE_HALOS_PX : [];
  const worth = [...TILES_PX, ...larger].filter(
    (tilePx) => tilePx > 2 * fieldPx && haloCost(tilePx, fieldPx) <= MAX_HALO_COST,
  );
  return [...new Set([standardTilePx, ...worth])].sort((one, other) => one - other);
}

/**
 * Workers × threads that are worth measuring: all cores divided every way in powers of two, one core left to the codec,
 * and half the cores, since two hardware threads of one core may get in each other's way. On a graphics device one worker
 * of one thread: it runs one tile at a time, whoever asks.
 */
export function candidateCrews(request: SpaceRequest): readonly Crew[] {
  if (request.crews !== undefined) return request.crews;
  if (request.provider !== 'cpu') return [{ workers: 1, threads: 1 }];
  const { cores } = request.machine;
  const crews: Crew[] = [];
  const add = (wish: Crew): void => {
    const { workers, threads } = wish;
    if (workers < 1 || workers > mostWorkers(request, threads)) return;
    if (crews.some((crew) => crew.workers === workers && crew.threads === threads)) return;
    crews.push(wish);
  };
  add(standardCrew(request));
  for (const used of new Set([cores, Math.ceil(cores / 2)])) {
    for (let threads = 1; threads < used; threads *= 2) add({ workers: Math.floor(used / threads), threads });
    add({ workers: 1, threads: used });
  }
  add({ workers: cores - 1, threads: 1 });
  return crews;
}

function mostWorkers({ machine, memoryBytes, scale, standardTilePx }: SpaceRequest, threads: number): number {
  return sizePool(machine, { workers: 'auto', threads, memoryBytes, tilePx: standardTilePx, scale }).workers;
}

function standardCrew(request: SpaceRequest): Crew {
  return { workers: mostWorkers(request, 1), threads: 1 };
}

/**
 * All cells, the one first that is used where nothing is tuned. Two tiles that cut the photo alike are one: the
 * standard tile where it is among them, else the smaller.
 */
export function searchSpace(request: SpaceRequest): readonly Candidate[] {
  const { provider, precision, standardTilePx } = request;
  const candidates: Candidate[] = [];
  for (const crew of candidateCrews(request)) {
    const { budget } = poolSizeFor(request, crew);
    const seen = new Set<string>();
    const tiles = [...candidateTiles(request)].sort((one, other) => rank(one) - rank(other));
    for (const tilePx of tiles) {
      const plan = cut(request, tilePx, budget);
      if (plan === undefined || seen.has(shapeOf(plan))) continue;
      seen.add(shapeOf(plan));
      candidates.push({ cell: { provider, precision, ...crew, tilePx }, plan });
    }
  }
  return candidates;

  function rank(tilePx: number): number {
    return tilePx === standardTilePx ? 0 : tilePx;
  }
}

function cut(request: SpaceRequest, tilePx: number, budget: PoolSize['budget']): Plan | undefined {
  const { photo, scale, fieldPx } = request;
  const plan = makePlan({
    image: photo,
    scale,
    tiling: 'dilated',
    tilePx,
    haloPx: fieldPx,
    bytesPerPixel: 3,
    budget,
  });
  return plan.ok ? plan.value : undefined;
}

function shapeOf({ tile, tileCount }: Plan): string {
  return `${tile.widthPx}×${tile.heightPx}×${tileCount}`;
}

/** The pool of a crew, with room for the largest tile, so that its workers need no other arena for another tile. */
export function poolSizeFor(request: SpaceRequest, { workers, threads }: Crew): PoolSize {
  const { machine, memoryBytes, scale, provider } = request;
  const tilePx = Math.max(...candidateTiles(request));
  return sizePool(machine, { provider, workers, threads, memoryBytes, tilePx, scale });
}

/** One name a cell. */
export function cellKey({ provider, precision, workers, threads, tilePx }: Cell): string {
  return `${provider}/${precision}/${workers}×${threads}/${tilePx}`;
}

/** How a cell enhances. */
export function specOfCell({ precision, tilePx }: Cell, modelId: string): EnhanceSpec {
  return { modelId, precision, tiling: 'dilated', tilePx, haloPx: 'auto', border: 'reflect' };
}
