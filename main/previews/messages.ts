import type { Failure } from '../engine/errors.ts';

/** A rectangle of a picture, in its own upright pixels. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What the preview process is asked for. It reads and writes files; no pixel is in a message. */
export type PreviewRequest =
  /** A small JPEG of the whole picture. */
  | { readonly kind: 'thumbnail'; readonly source: string; readonly target: string; readonly sidePx: number }
  /** All tiles of all levels, under a folder. */
  | { readonly kind: 'pyramid'; readonly source: string; readonly target: string; readonly tilePx: number }
  /** A part of the picture, upright, its samples and profile as they are. */
  | { readonly kind: 'cut'; readonly source: string; readonly target: string; readonly part: Rectangle }
  /** A part of the picture for the screen: sRGB. */
  | { readonly kind: 'show'; readonly source: string; readonly target: string; readonly part: Rectangle };

export interface ToPreviewer {
  readonly id: number;
  readonly request: PreviewRequest;
}

export interface FromPreviewer {
  readonly id: number;
  readonly error?: Failure;
}
