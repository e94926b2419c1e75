import type { Picture } from '../../preload/contract/dto.ts';

/** One square of a picture, in pixels of its own level and of level 0. */
export interface TilePlace {
  readonly level: number;
  readonly column: number;
  readonly row: number;
  /** Its rectangle in pixels of level 0. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A rectangle in pixels of level 0. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The coarsest level that still has a pixel for every pixel of the screen. */
export function levelFor(picture: Picture, screenPxPerPicturePx: number): number {
  const wanted = Math.floor(Math.log2(1 / screenPxPerPicturePx));
  return Math.min(picture.levels - 1, Math.max(0, wanted));
}

/** The tiles of a level that a rectangle touches. */
export function tilesIn(picture: Picture, level: number, area: Rectangle): TilePlace[] {
  const span = picture.tilePx * 2 ** level;
  const lastColumn = Math.ceil(picture.widthPx / span) - 1;
  const lastRow = Math.ceil(picture.heightPx / span) - 1;
  const tiles: TilePlace[] = [];
  for (let row = clampIndex(area.top / span, lastRow); row <= clampIndex(area.bottom / span, lastRow); row += 1) {
    const first = clampIndex(area.left / span, lastColumn);
    for (let column = first; column <= clampIndex(area.right / span, lastColumn); column += 1) {
      tiles.push({
        level,
        column,
        row,
        left: column * span,
        top: row * span,
        width: Math.min(span, picture.widthPx - column * span),
        height: Math.min(span, picture.heightPx - row * span),
      });
    }
  }
  return tiles;
}

function clampIndex(value: number, last: number): number {
  return Math.min(last, Math.max(0, Math.floor(value)));
}
