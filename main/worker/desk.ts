/** A worker's desk: the arena, the models and the lanes that its tasks share. */
import { planOf } from '../engine/cut.ts';
import type { Plan } from '../engine/plan.ts';
import { Arena } from '../engine/arena.ts';
import { Lane, Slots } from '../engine/lane.ts';
import { success, type Failure, type Result } from '../engine/errors.ts';
import type { BoundTile, TileModel, TileShape } from '../engine/ports.ts';
import { warmUp } from '../engine/warm-up.ts';
import { COLOUR, ModelShelf } from './model-shelf.ts';
import type { OpenPhoto, WorkerConfig } from './protocol.ts';

/** A model that is bound to the arena. */
export interface DeskTile {
  readonly bound: BoundTile;
  readonly input: Uint8Array;
  readonly output: Uint8Array;
}

/** What the tasks of a worker share. */
export class Desk {
  readonly config: WorkerConfig;
  readonly arena: Arena;
  readonly models: ModelShelf;
  /** One inference at a time: it has the source and tile regions to itself. */
  readonly inference = new Lane();
  /** The strip results that are not on disk yet: one is written while the next is inferred. */
  readonly outputs = new Slots<'output0' | 'output1'>(['output0', 'output1']);
  readonly #warm = new WeakSet<TileModel>();
  #lastPlan: { readonly opened: string; readonly plan: Plan } | undefined;

  constructor(config: WorkerConfig, onNotice: (notice: Failure) => void) {
    this.config = config;
    this.arena = new Arena(config.layout, { reuse: config.reuseArena });
    this.models = new ModelShelf(config, onNotice);
  }

  /**
   * Runs blank tiles through a session that has not run yet, until its time settles; the first runs of a session are
   * slow. Only inside the inference lane: it uses the tile regions.
   */
  async warm(model: TileModel, tile: DeskTile): Promise<Result<void>> {
    if (this.#warm.has(model) || this.config.trial?.warmUp === false) return success(undefined);
    this.#warm.add(model);
    const runs = await warmUp(tile.bound, nowMs);
    return runs.ok ? success(undefined) : runs;
  }

  /** Opens and warms the session that the first photo will most likely ask for. Its failures wait for that photo. */
  async preload({
    modelId,
    precision,
    tilePx,
    padding = 'valid',
  }: NonNullable<WorkerConfig['preload']>): Promise<void> {
    await this.inference.run(async () => {
      const found = await this.models.open(modelId, precision, COLOUR, padding);
      if (!found.ok) return;
      const tile = this.bindTile(found.value.model, { heightPx: tilePx, widthPx: tilePx });
      if (tile.ok) await this.warm(found.value.model, tile.value);
    });
  }

  /** A model over the arena's tile regions, for one tile shape. */
  bindTile(model: TileModel, shape: TileShape): Result<DeskTile> {
    const bytesPerPixel = model.channels * model.bytesPerSample;
    const input = this.arena.view('tileInput', shape.heightPx * shape.widthPx * bytesPerPixel);
    if (!input.ok) return input;
    const grown = (px: number): number => (px - 2 * model.marginPx) * model.scale;
    const output = this.arena.view('tileOutput', grown(shape.heightPx) * grown(shape.widthPx) * bytesPerPixel);
    if (!output.ok) return output;
    return success({
      bound: model.bind(shape, input.value, output.value),
      input: input.value,
      output: output.value,
    });
  }

  /** The plan of a photo; every worker computes the same one. */
  planOf(photo: OpenPhoto): Result<Plan> {
    // A photo that is opened again, perhaps with other settings, has another spool file.
    const opened = photo.planes[0]!.sourcePath;
    if (this.#lastPlan?.opened === opened) return success(this.#lastPlan.plan);
    const plan = planOf(photo);
    if (plan.ok) this.#lastPlan = { opened, plan: plan.value };
    return plan;
  }
}

/** A clock that all processes share, with fractions of a millisecond. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
