import type { Picture } from '../../preload/contract/dto.ts';
import { levelFor, tilesIn, type Rectangle, type TilePlace } from './pyramid.ts';
import { toFrame, toPicture, type Extent, type View } from './viewport.ts';

/** A picture and where it lies on the source. */
export interface Layer {
  readonly picture: Picture;
  /** Where it lies, in source pixels. */
  readonly at: Rectangle;
  /** Small pictures of the same, from coarse to fine: shown until the first tile is there. */
  readonly underlays: readonly string[];
}

/** What is drawn, from where, on how dense a screen. */
export interface Scene {
  readonly layers: readonly Layer[];
  readonly view: View;
  readonly frame: Extent;
  /** Pixels of the finest picture of the comparison a source pixel, shown here or beside it. */
  readonly finest: number;
  /** Screen pixels a CSS pixel. */
  readonly ratio: number;
}

/** Where images come from; what is not there yet is undefined, and drawn when it comes. */
export interface ImageSource {
  readonly tile: (picture: Picture, tile: TilePlace, fetch: boolean) => CanvasImageSource | undefined;
  readonly underlay: (url: string) => CanvasImageSource | undefined;
}

/** From this many screen pixels a picture pixel on, pixels are shown as the squares that they are. */
const squareFrom = 4;
/**
 * So many tiles of a picture are drawn at most: 256 MB once decoded. A 4K stage needs 161 where it needs most, at a zoom
 * just above a level's own; there the next coarser level, which a larger stage gets, has nearly a pixel for each of its.
 */
const mostTiles = 256;

/** Draws layers from bottom to top; the coarsest level stands in for tiles that are still on their way. */
export function drawLayers(context: CanvasRenderingContext2D, scene: Scene, images: ImageSource): void {
  const { frame, ratio } = scene;
  context.clearRect(0, 0, frame.width * ratio, frame.height * ratio);
  for (const layer of scene.layers) drawLayer(context, scene, layer, images);
}

function drawLayer(context: CanvasRenderingContext2D, scene: Scene, layer: Layer, images: ImageSource): void {
  const { picture, at, underlays } = layer;
  const { view, frame, ratio } = scene;
  const perSource = picture.widthPx / (at.right - at.left);
  const screenPxPerPicturePx = (view.zoom * ratio) / perSource;
  context.imageSmoothingEnabled = (view.zoom * ratio) / scene.finest < squareFrom;
  context.imageSmoothingQuality = 'high';
  const area = visiblePart(scene, at, perSource);
  if (area === null) return;
  const toScreen = (x: number, y: number): readonly [number, number] => {
    const point = toFrame({ x: at.left + x / perSource, y: at.top + y / perSource }, view, frame);
    // Whole screen pixels, so that neighbours neither gap nor overlap.
    return [Math.round(point.x * ratio), Math.round(point.y * ratio)];
  };
  const draw = (image: CanvasImageSource, { left, top, width, height }: PixelBox): void => {
    const [x, y] = toScreen(left, top);
    const [right, bottom] = toScreen(left + width, top + height);
    context.drawImage(image, x, y, right - x, bottom - y);
  };
  const paint = (tile: TilePlace, fetch: boolean): void => {
    const image = images.tile(picture, tile, fetch);
    if (image !== undefined) draw(image, tile);
  };
  const level = levelWithin(picture, screenPxPerPicturePx, area);
  const coarsest = picture.levels - 1;
  const coarse = tilesIn(picture, coarsest, area);
  if (coarse.some((tile) => images.tile(picture, tile, true) === undefined)) {
    const whole = { left: 0, top: 0, width: picture.widthPx, height: picture.heightPx };
    for (const image of underlays.map(images.underlay)) if (image !== undefined) draw(image, whole);
  }
  for (const tile of coarse) paint(tile, true);
  // Levels between may be there from an earlier zoom: better than the coarsest, and they cost no request.
  for (let between = coarsest - 1; between > level; between -= 1) {
    for (const tile of tilesIn(picture, between, area)) paint(tile, false);
  }
  if (level < coarsest) for (const tile of tilesIn(picture, level, area)) paint(tile, true);
}

/** The finest level that the screen can show, or the next ones where that takes too many tiles. */
function levelWithin(picture: Picture, screenPxPerPicturePx: number, area: Rectangle): number {
  let level = levelFor(picture, screenPxPerPicturePx);
  while (level < picture.levels - 1 && tilesIn(picture, level, area).length > mostTiles) level += 1;
  return level;
}

type PixelBox = Pick<TilePlace, 'left' | 'top' | 'width' | 'height'>;

/** The part of a layer that the frame shows, in the layer's own pixels. */
function visiblePart({ view, frame }: Scene, at: Rectangle, perSource: number): Rectangle | null {
  const topLeft = toPicture({ x: 0, y: 0 }, view, frame);
  const bottomRight = toPicture({ x: frame.width, y: frame.height }, view, frame);
  const left = Math.max(at.left, topLeft.x);
  const top = Math.max(at.top, topLeft.y);
  const right = Math.min(at.right, bottomRight.x);
  const bottom = Math.min(at.bottom, bottomRight.y);
  if (left >= right || top >= bottom) return null;
  return {
    left: (left - at.left) * perSource,
    top: (top - at.top) * perSource,
    // A right or bottom edge that falls on a tile's border belongs to the tile before it.
    right: (right - at.left) * perSource - 1e-6,
    bottom: (bottom - at.top) * perSource - 1e-6,
  };
}
