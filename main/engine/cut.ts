/** A photo cut into strips: what travels of that in messages, and the plan that everybody computes from it again. */
import { success, type Result } from './errors.ts';
import type { Size } from './geometry.ts';
import { makePlan, type Plan, type StripBudget, type Tiling } from './plan.ts';
import { bytesPerPixel } from './planes.ts';
import type { PlaneFormat } from './ports.ts';

/** What decides how a photo is cut. */
export interface CutRequest {
  /** The upright source. */
  readonly image: Size;
  /** The model's. */
  readonly scale: number;
  readonly spec: { readonly tiling: Tiling; readonly tilePx: number };
  /** What the wish for a halo comes to; see `haloOf`. */
  readonly haloPx: number;
  readonly budget: StripBudget;
  readonly planes: readonly Pick<PlaneFormat, 'channels' | 'bytesPerSample'>[];
  /** See `PlanRequest.rowUnitPx`. */
  readonly rowUnitPx?: number;
}

/** A request, and what came of it. */
export type Cut<Request extends CutRequest> = Request & {
  /** Where each strip's result goes: all planes interleaved and uncompressed, or its part of a JPEG. */
  readonly bandPaths: readonly string[];
  /** Tiles of each strip, all planes together. */
  readonly stripTiles: readonly number[];
};

/** The plan of a photo; whoever computes it gets the same. Fails as `makePlan` does. */
export function planOf(request: CutRequest): ReturnType<typeof makePlan> {
  const { image, scale, spec, haloPx, budget, planes, rowUnitPx = 1 } = request;
  const { tiling, tilePx } = spec;
  return makePlan({ image, scale, tiling, tilePx, haloPx, budget, bytesPerPixel: bytesPerPixel(planes), rowUnitPx });
}

/**
 * Cuts a photo into strips. Fails as `makePlan` does.
 *
 * @param bandPathOf where the result of a strip goes
 */
export function cutPhoto<Request extends CutRequest>(
  request: Request,
  bandPathOf: (stripIndex: number) => string,
): Result<Cut<Request>> {
  const plan = planOf(request);
  if (!plan.ok) return plan;
  const { strips, tileColumns }: Plan = plan.value;
  return success({
    ...request,
    bandPaths: strips.map(({ index }) => bandPathOf(index)),
    stripTiles: strips.map(({ tileRows }) => tileRows.length * tileColumns.length * request.planes.length),
  });
}
