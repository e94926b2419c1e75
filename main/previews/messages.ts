import type { Failure } from '../engine/errors.ts';

/** A rectangle of a picture, in its own upright pixels. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** An uncompressed picture on disk, as workers decode photos into. */
interface Spool {
  readonly path: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bytesPerPixel: number;
}

/** What the preview process is asked for. It reads and writes files; no pixel is in a message. */
export type PreviewRequest =
  /** A small JPEG of the whole picture. */
  | { readonly kind: 'thumbnail'; readonly source: string; readonly target: string; readonly sidePx: number }
  /** All tiles of all levels, under a folder. */
  | { readonly kind: 'pyramid'; readonly source: string; readonly target: string; readonly tilePx: number }
  /** The same part of each of a photo's planes, its samples and profile as they are. */
  | {
      readonly kind: 'cut';
      readonly cuts: readonly { readonly from: Spool; readonly target: string }[];
      readonly part: Rectangle;
    }
  /** A part of a result for the screen, as a PNG in sRGB; `bands` as the workers wrote them. */
  | {
      readonly kind: 'show';
      readonly bands: readonly string[];
      readonly channels: number;
      readonly target: string;
      readonly part: Rectangle;
    };

export interface ToPreviewer {
  readonly id: number;
  readonly request: PreviewRequest;
}

export type FromPreviewer =
  /** It is being worked on: what ends the process now may be this. */
  | { readonly kind: 'begun'; readonly id: number }
  | { readonly kind: 'ended'; readonly id: number; readonly error?: Failure };
