/**
 * Bleeding of colour under transparency. Where a pixel is transparent its colour is whatever the last program left
 * there, often black; a network that looks at neighbours would draw that into the visible edge. So each transparent
 * pixel first gets the colour of the nearest visible one.
 */

/** Rows of a picture with alpha, colour and alpha apart, read and written one at a time. */
export interface BleedRows {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bytesPerPixel: number;
  readonly bytesPerSample: number;
  readColour(y: number, into: Uint8Array): void;
  writeColour(y: number, from: Uint8Array): void;
  readAlpha(y: number, into: Uint8Array): void;
}

/** Below this share of full opacity a pixel's colour cannot be seen, and was rounded beyond use where it was stored. */
const VISIBLE = 8 / 255;

/** Further from anything visible than this no network of ours looks; such pixels stay as they are. */
const MAX_DISTANCE_PX = 64;

/**
 * Fills transparent pixels with the nearest visible colour, in two sweeps over the rows (the chamfer distance
 * transform of Rosenfeld and Pfaltz, 1966, carrying colours along with distances).
 *
 * @returns a step function: each call does a part of the work and tells whether there is more, so that the caller can
 *   let other work through
 */
export function bleedColour(rows: BleedRows): () => boolean {
  const { widthPx, heightPx } = rows;
  const distances = new Uint8Array(widthPx * heightPx);
  const sweep = new Sweep(rows, distances);
  let done = 0;
  return () => {
    const y = done < heightPx ? done : 2 * heightPx - 1 - done;
    if (done < heightPx) sweep.down(y);
    else sweep.up(y);
    done += 1;
    return done < 2 * heightPx;
  };
}

class Sweep {
  readonly #rows: BleedRows;
  readonly #distances: Uint8Array;
  readonly #alpha: Uint8Array;
  #colour: Uint8Array;
  #neighbour: Uint8Array;

  constructor(rows: BleedRows, distances: Uint8Array) {
    this.#rows = rows;
    this.#distances = distances;
    const rowBytes = rows.widthPx * rows.bytesPerPixel;
    this.#alpha = new Uint8Array(rows.widthPx * rows.bytesPerSample);
    this.#colour = new Uint8Array(rowBytes);
    this.#neighbour = new Uint8Array(rowBytes);
  }

  /** From the row above, and from the left. */
  down(y: number): void {
    const { widthPx, bytesPerSample } = this.#rows;
    this.#rows.readColour(y, this.#colour);
    this.#rows.readAlpha(y, this.#alpha);
    const samples =
      bytesPerSample === 1 ? this.#alpha : new Uint16Array(this.#alpha.buffer, this.#alpha.byteOffset, widthPx);
    const least = VISIBLE * (bytesPerSample === 1 ? 255 : 65_535);
    const own = y * widthPx;
    for (let x = 0; x < widthPx; x += 1) {
      this.#distances[own + x] = samples[x]! >= least ? 0 : MAX_DISTANCE_PX;
    }
    for (let x = 0; x < widthPx; x += 1) this.#pull(y, x, -1, y > 0);
    this.#finish(y);
  }

  /** From the row below, and from the right. */
  up(y: number): void {
    this.#rows.readColour(y, this.#colour);
    for (let x = this.#rows.widthPx - 1; x >= 0; x -= 1) this.#pull(y, x, 1, y < this.#rows.heightPx - 1);
    this.#finish(y);
  }

  /** Takes the nearest of the four neighbours that this sweep has been to. */
  #pull(y: number, x: number, step: -1 | 1, hasRow: boolean): void {
    const { widthPx } = this.#rows;
    const at = y * widthPx + x;
    if (this.#distances[at] === 0) return;
    const beside = x + step;
    if (beside >= 0 && beside < widthPx) this.#take(at, x, at + step, beside, this.#colour);
    if (!hasRow) return;
    const row = at + step * widthPx;
    this.#take(at, x, row, x, this.#neighbour);
    if (x > 0) this.#take(at, x, row - 1, x - 1, this.#neighbour);
    if (x < widthPx - 1) this.#take(at, x, row + 1, x + 1, this.#neighbour);
  }

  #take(at: number, x: number, from: number, fromX: number, colours: Uint8Array): void {
    const distance = this.#distances[from]! + 1;
    if (distance >= this.#distances[at]!) return;
    this.#distances[at] = distance;
    const { bytesPerPixel } = this.#rows;
    for (let byte = 0; byte < bytesPerPixel; byte += 1) {
      this.#colour[x * bytesPerPixel + byte] = colours[fromX * bytesPerPixel + byte]!;
    }
  }

  #finish(y: number): void {
    this.#rows.writeColour(y, this.#colour);
    [this.#colour, this.#neighbour] = [this.#neighbour, this.#colour];
  }
}
