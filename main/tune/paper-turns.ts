/** Measures ways in turn, round by round, so that a machine that slows down slows all of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { success, type Result } from '../engine/errors.ts';
import type { TileShape } from '../engine/ports.ts';
import { makePlan, haloOf } from '../engine/plan.ts';
import { sizePool, type Machine, type PoolSize } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import { openBatchRig, type BatchFigures, type BatchRig } from './batch-rig.ts';
import { orderOf } from './halving.ts';
import type { PaperPhoto, Quality } from './paper-photo.ts';
import type { Way } from './paper-ways.ts';

export interface TurnOptions {
  readonly start: StartProcess;
  readonly machine: Machine;
  /** For the pixel memory of all workers together. */
  readonly memoryBytes: number | 'auto';
  readonly fieldPx: number;
  readonly photo: PaperPhoto;
  /** Photos of a batch. */
  readonly photos: number;
  /** Existing folder for results and spool files. */
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly onMeasured?: (measured: { readonly round: number; readonly way: Way; readonly imageMs: number }) => void;
}

/** What a way came to. */
export interface Measured {
  /** Milliseconds an image: a batch's time by its photos, one a round. */
  readonly imageMs: number[];
  /** What the model was really fed: plans balance their tiles within the window. */
  readonly tile: TileShape;
  /** Of the first result of the first round. */
  readonly quality: Quality;
}

/** By the ways' ids. */
export type Turns = ReadonlyMap<string, Measured>;

/**
 * Runs every way once a round.
 *
 * Ways that need the same workers stand side by side and share them; the rounds go to and fro over the list.
 *
 * @returns the figures; or the first failure, or `cancelled`
 */
export async function measureInTurns(
  ways: readonly Way[],
  rounds: number,
  options: TurnOptions,
): Promise<Result<Turns>> {
  const different = [...new Map(ways.map((way) => [way.id, way])).values()];
  const grouped = different.toSorted((one, other) => rigKey(one).localeCompare(rigKey(other)));
  const turns = new Map<string, Measured>();
  const shelf = new OneRig(options);
  const judge = new Judge(options.photo);
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const way of orderOf(grouped, round)) {
        const ran = await shelf.run(way);
        if (!ran.ok) return ran;
        const known = turns.get(way.id) ?? (await firstOf(way, ran.value, judge, options));
        if ('ok' in known) return known;
        turns.set(way.id, known);
        const imageMs = ran.value.elapsedMs / options.photos;
        known.imageMs.push(imageMs);
        options.onMeasured?.({ round, way, imageMs });
      }
      // A cold way must meet no workers that another round left behind.
      await shelf.close();
    }
    return success(turns);
  } finally {
    await shelf.close();
  }
}

async function firstOf(
  way: Way,
  { outcomes }: BatchFigures,
  judge: Judge,
  { photo, fieldPx, machine, memoryBytes }: TurnOptions,
): Promise<Measured | Extract<Result<never>, { readonly ok: false }>> {
  const quality = await judge.of(way, outcomes[0]!.assignment.output.path);
  if (!quality.ok) return quality;
  const { spec } = way;
  const plan = makePlan({
    image: photo.size,
    scale: photo.scale,
    tiling: spec.tiling,
    tilePx: spec.tilePx,
    haloPx: haloOf(spec, fieldPx),
    bytesPerPixel: 3,
    budget: poolSizeOf(way, machine, memoryBytes, photo.scale).budget,
  });
  return plan.ok ? { imageMs: [], tile: plan.value.tile, quality: quality.value } : plan;
}

interface OpenRig {
  readonly key: string;
  readonly rig: BatchRig;
  readonly folder: string;
}

/** Remembers how good the pictures are: the number of workers makes no other one. */
class Judge {
  readonly #photo: PaperPhoto;
  readonly #known = new Map<string, Result<Quality>>();

  constructor(photo: PaperPhoto) {
    this.#photo = photo;
  }

  async of({ spec, trial }: Way, path: string): Promise<Result<Quality>> {
    const key = JSON.stringify([spec, trial?.graph]);
    const quality = this.#known.get(key) ?? (await this.#photo.judge(path));
    this.#known.set(key, quality);
    return quality;
  }
}

/** The workers of one way at a time: as many as all ways' workers together would not fit every machine. */
class OneRig {
  readonly #options: TurnOptions;
  #open: OpenRig | undefined;

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  async run(way: Way): Promise<Result<BatchFigures>> {
    const key = rigKey(way);
    if (this.#open?.key !== key || way.cold === true) {
      await this.close();
      this.#open = await this.#openFor(way, key);
    }
    const { photos, photo } = this.#options;
    return this.#open.rig.run(
      way.spec,
      Array.from({ length: photos }, () => photo.reducedPath),
    );
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.rig[Symbol.asyncDispose]();
    if (open !== undefined) await rm(open.folder, { recursive: true, force: true });
  }

  async #openFor(way: Way, key: string): Promise<OpenRig> {
    const { start, machine, memoryBytes, photo, signal } = this.#options;
    const { modelId, precision, tilePx } = way.spec;
    const folder = await mkdtemp(join(this.#options.folder, 'way-'));
    const rig = await openBatchRig({
      start,
      size: poolSizeOf(way, machine, memoryBytes, photo.scale),
      scale: photo.scale,
      folder,
      provider: 'cpu',
      ...(way.reuseArena !== undefined && { reuseArena: way.reuseArena }),
      ...(way.trial && { trial: way.trial }),
      ...(way.cold !== true && { preload: { modelId, precision, tilePx, padding: paddingOf(way) } }),
      ...(signal && { signal }),
    });
    return { key, rig, folder };
  }
}

/** The largest window of the table, which most ways have room for, so that they can share their workers. */
const LARGEST_TILE_PX = 512;

function poolSizeOf({ crew, spec }: Way, machine: Machine, memoryBytes: number | 'auto', scale: number): PoolSize {
  return sizePool(machine, { ...crew, memoryBytes, tilePx: Math.max(LARGEST_TILE_PX, spec.tilePx), scale });
}

/** The graph that a way's tiles take, so that its session is opened beforehand. */
function paddingOf({ spec }: Way): 'same' | 'valid' {
  return spec.tiling === 'dilated' && spec.haloPx === 'auto' ? 'valid' : 'same';
}

/** Ways of one key can share their workers. */
function rigKey(way: Way): string {
  const { crew, spec, trial, reuseArena = true, cold = false } = way;
  const room = Math.max(LARGEST_TILE_PX, spec.tilePx);
  const form = [spec.precision, paddingOf(way), room, trial ?? {}];
  return JSON.stringify([crew.workers, crew.threads, ...form, reuseArena, cold]);
}
