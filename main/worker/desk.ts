/** A worker's desk: the arena, the models and the lanes that its tasks share. */
import { makePlan, type Plan } from '../engine/plan.ts';
import { Arena } from '../engine/arena.ts';
import { Lane, Slots } from '../engine/lane.ts';
import type { Result } from '../engine/errors.ts';
import { ModelShelf } from './model-shelf.ts';
import type { OpenPhoto, WorkerConfig } from './protocol.ts';

export class Desk {
  readonly config: WorkerConfig;
  readonly arena: Arena;
  readonly models: ModelShelf;
  /** One inference at a time: it has the source and tile regions to itself. */
  readonly inference = new Lane();
  /** The strip results that are not on disk yet: one is written while the next is inferred. */
  readonly outputs = new Slots<'output0' | 'output1'>(['output0', 'output1']);
  #lastPlan: { readonly photoId: string; readonly plan: Plan } | undefined;

  constructor(config: WorkerConfig) {
    this.config = config;
    this.arena = new Arena(config.layout, { reuse: config.reuseArena });
    this.models = new ModelShelf(config);
  }

  /** The plan of a photo; every worker computes the same one. */
  planOf(photo: OpenPhoto): Result<Plan> {
    if (this.#lastPlan?.photoId === photo.photoId) return { ok: true, value: this.#lastPlan.plan };
    const plan = makePlan({
      image: photo.image,
      scale: photo.scale,
      tiling: photo.spec.tiling,
      tilePx: photo.spec.tilePx,
      haloPx: photo.haloPx,
      bytesPerPixel: bytesPerPixel(photo.planes),
      budget: photo.budget,
    });
    if (plan.ok) this.#lastPlan = { photoId: photo.photoId, plan: plan.value };
    return plan;
  }
}

/** Bytes of one pixel, all planes together. */
export function bytesPerPixel(
  planes: readonly { readonly channels: number; readonly bytesPerSample: number }[],
): number {
  return planes.reduce((sum, plane) => sum + plane.channels * plane.bytesPerSample, 0);
}

/** A clock that all processes share, with fractions of a millisecond. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
