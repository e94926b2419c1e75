/** How large tiles are where nobody says otherwise. Pure. */
import { haloOf } from '../engine/plan.ts';
import type { EnhanceSettings } from '../settings/schema.ts';

/** Side of a tile where the halo is small: the fastest of those measured, and small enough for any machine. */
export const DEFAULT_TILE_PX = 384;

/** For halos that cost more: our largest networks' own. Beyond it activations leave the caches sooner than halos shrink. */
const ROOMY_TILE_PX = 448;
/** Halos in the interior of such a tile: a VALID graph then computes at most 6 % more than the interior. */
const ROOMY_INTERIOR_HALOS = 32;

/** Side of the largest tile by itself: a network of 64 channels takes a third of a gigabyte for it. */
const LARGEST_TILE_PX = 640;
/** Halos in the interior of such a tile: a VALID graph then computes at most 18 % more than the interior. */
const INTERIOR_HALOS = 12;

const STEP_PX = 16;

/**
 * The side of a tile for a halo, in source pixels: small networks' halo of at most 7 px costs little at the usual size,
 * but that of an imported one may be most of a small tile. A halo of more than a quarter of the largest tile is left to
 * whoever sets it.
 */
export function defaultTileFor(haloPx: number): number {
  const sideFor = (interiorHalos: number): number => Math.ceil(((interiorHalos + 2) * haloPx) / STEP_PX) * STEP_PX;
  const roomyPx = Math.min(ROOMY_TILE_PX, sideFor(ROOMY_INTERIOR_HALOS));
  return Math.min(LARGEST_TILE_PX, Math.max(DEFAULT_TILE_PX, roomyPx, sideFor(INTERIOR_HALOS)));
}

/** The settings that decide a tile; the window's know no tiling but the dilated one. */
type TileWish = Pick<EnhanceSettings, 'tilePx' | 'haloPx'> & Partial<Pick<EnhanceSettings, 'tiling'>>;

/** The side of a tile for a model of that receptive field, in source pixels. */
export function tileOf({ tilePx, haloPx, tiling = 'dilated' }: TileWish, model: { readonly haloPx: number }): number {
  return tilePx === 'auto' ? defaultTileFor(haloOf({ haloPx, tiling }, model.haloPx)) : tilePx;
}

/** The side of the largest tile that these settings can come to with one of the models. */
export function largestTileOf(wish: TileWish, models: readonly { readonly haloPx: number }[]): number {
  return Math.max(DEFAULT_TILE_PX, ...models.map((model) => tileOf(wish, model)));
}
