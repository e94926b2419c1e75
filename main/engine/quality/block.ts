/**
 * What NIQE measures of one block: 96 × 96 pixels, and the same block at half the size.
 *
 * A block is like a tile: it is computed from itself and a *halo*, and whatever else there is of the picture does not
 * matter. So blocks can come one row at a time.
 */
import type { Size } from '../geometry.ts';
import { fitGeneralisedGaussian, type GeneralisedGaussian } from './generalised-gaussian.ts';

export const BLOCK_PX = 96;
/** The half-size window reaches 3 px, which are 6 here, and each of its pixels was made of 3 more. */
export const HALO_PX = 9;
/** Shape and width of the block, and shape, mean and two widths of four products of neighbours; at two sizes. */
export const FEATURE_COUNT = 36;

const WINDOW_REACH = 3;
const WINDOW = normalised(
  Array.from({ length: 2 * WINDOW_REACH + 1 }, (_, at) => Math.exp(-((at - WINDOW_REACH) ** 2) / (2 * (7 / 6) ** 2))),
);
/** MATLAB's `imresize(0.5)`: the bicubic kernel (a = −½), twice as wide, over eight pixels. */
const HALVING = normalised(Array.from({ length: 8 }, (_, at) => cubic(Math.abs(at - 3.5) / 2)));
/** Down, right: the neighbours whose products are fitted. */
const NEIGHBOURS: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 0],
  [1, 1],
  [1, -1],
];
/** A flat area leaves rounding errors of some 1e-14; the least contrast of 8 bits leaves 1e-4. */
const ROUNDING = 1e-9;

/** Rounded luma, 16…235: some rows of a picture. */
export interface LumaRows {
  readonly values: Uint8Array;
  /** From row to row; the picture's width, or more. */
  readonly rowLength: number;
  /** Of the first row, in the picture. */
  readonly topPx: number;
  /** Of the picture, which ends with whole blocks: what is beyond them is not looked at. */
  readonly picture: Size;
}

export interface BlockMeasure {
  /** Valid until the next block is measured. */
  readonly features: Float64Array;
  /** Mean local deviation at full size; pristine pictures are judged by their sharpest blocks. */
  readonly sharpness: number;
}

/** Measures blocks, one after the other, in memory of its own. */
export class BlockMeter {
  readonly #features = new Float64Array(FEATURE_COUNT);
  readonly #patch = new Float64Array((BLOCK_PX + 2 * WINDOW_REACH) ** 2);
  readonly #halved = new Float64Array((BLOCK_PX / 2 + 2 * WINDOW_REACH) * (BLOCK_PX + 2 * HALO_PX));
  readonly #means = new Float64Array((BLOCK_PX + 2 * WINDOW_REACH) * BLOCK_PX);
  readonly #squares = new Float64Array((BLOCK_PX + 2 * WINDOW_REACH) * BLOCK_PX);
  readonly #structure = new Float64Array(BLOCK_PX ** 2);

  /**
   * Measures the block whose first pixel is at (leftPx, topPx) of the picture.
   *
   * @param rows hold the block and its halo, where the picture has it
   * @returns undefined for a block that is flat, or changes to one side only: it has no statistics
   */
  measure(rows: LumaRows, topPx: number, leftPx: number): BlockMeasure | undefined {
    this.#gather(rows, topPx, leftPx);
    const sharpness = this.#normalise(BLOCK_PX);
    if (!this.#describe(BLOCK_PX, 0)) return undefined;
    this.#gatherHalf(rows, topPx / 2, leftPx / 2);
    this.#normalise(BLOCK_PX / 2);
    if (!this.#describe(BLOCK_PX / 2, FEATURE_COUNT / 2)) return undefined;
    return { features: this.#features, sharpness };
  }

  /** The block with the window's reach around it; beyond the picture its edge goes on. */
  #gather({ values, rowLength, topPx, picture }: LumaRows, top: number, left: number): void {
    const side = BLOCK_PX + 2 * WINDOW_REACH;
    for (let y = 0; y < side; y += 1) {
      const row = (clamp(top + y - WINDOW_REACH, picture.heightPx) - topPx) * rowLength;
      for (let x = 0; x < side; x += 1) {
        this.#patch[y * side + x] = values[row + clamp(left + x - WINDOW_REACH, picture.widthPx)]!;
      }
    }
  }

  /** The same at half the size: reduced with the picture mirrored beyond its edge, and then its edge goes on. */
  #gatherHalf({ values, rowLength, topPx, picture }: LumaRows, top: number, left: number): void {
    const side = BLOCK_PX / 2 + 2 * WINDOW_REACH;
    const { widthPx, heightPx } = picture;
    const firstColumn = Math.max(0, 2 * left - HALO_PX);
    const columns = Math.min(widthPx, 2 * left + BLOCK_PX + HALO_PX) - firstColumn;
    for (let y = 0; y < side; y += 1) {
      const from = 2 * clamp(top + y - WINDOW_REACH, heightPx / 2) - 3;
      this.#halved.fill(0, y * columns, (y + 1) * columns);
      for (const [tap, weight] of HALVING.entries()) {
        const row = (mirror(from + tap, heightPx) - topPx) * rowLength + firstColumn;
        for (let x = 0; x < columns; x += 1) this.#halved[y * columns + x]! += weight * values[row + x]!;
      }
    }
    for (let x = 0; x < side; x += 1) {
      const from = 2 * clamp(left + x - WINDOW_REACH, widthPx / 2) - 3;
      for (let y = 0; y < side; y += 1) {
        let sum = 0;
        for (let tap = 0; tap < 8; tap += 1) {
          sum += HALVING[tap]! * this.#halved[y * columns + mirror(from + tap, widthPx) - firstColumn]!;
        }
        this.#patch[y * side + x] = sum;
      }
    }
  }

  /** Fills `structure` with (value − local mean) ÷ (local deviation + 1); returns the mean deviation. */
  #normalise(size: number): number {
    const side = size + 2 * WINDOW_REACH;
    for (let y = 0; y < side; y += 1) {
      for (let x = 0; x < size; x += 1) {
        let [mean, square] = [0, 0];
        for (let tap = 0; tap < WINDOW.length; tap += 1) {
          const value = this.#patch[y * side + x + tap]!;
          const weighted = WINDOW[tap]! * value;
          mean += weighted;
          square += weighted * value;
        }
        this.#means[y * size + x] = mean;
        this.#squares[y * size + x] = square;
      }
    }
    let deviations = 0;
    for (let y = 0; y < size; y += 1) {
      for (let x = 0; x < size; x += 1) {
        let [mean, square] = [0, 0];
        for (let tap = 0; tap < WINDOW.length; tap += 1) {
          mean += WINDOW[tap]! * this.#means[(y + tap) * size + x]!;
          square += WINDOW[tap]! * this.#squares[(y + tap) * size + x]!;
        }
        const deviation = Math.sqrt(Math.abs(square - mean * mean));
        const difference = this.#patch[(y + WINDOW_REACH) * side + x + WINDOW_REACH]! - mean;
        this.#structure[y * size + x] = Math.abs(difference) < ROUNDING ? 0 : difference / (deviation + 1);
        deviations += deviation;
      }
    }
    return deviations / size ** 2;
  }

  /** Writes the 18 features of a size; false where there are none. */
  #describe(size: number, at: number): boolean {
    const own = this.#fit(size);
    if (own === undefined) return false;
    this.#features.set([own.shape, (own.leftWidth + own.rightWidth) / 2], at);
    for (const [index, neighbour] of NEIGHBOURS.entries()) {
      const fitted = this.#fit(size, neighbour);
      if (fitted === undefined) return false;
      const { shape, mean, leftWidth, rightWidth } = fitted;
      this.#features.set([shape, mean, leftWidth, rightWidth], at + 2 + 4 * index);
    }
    return true;
  }

  /** Fits the structure, or its products with a neighbour; beyond the block's edge stands its other side. */
  #fit(size: number, neighbour?: readonly [number, number]): GeneralisedGaussian | undefined {
    const structure = this.#structure;
    let [negativeCount, negativeSquares, positiveCount, positiveSquares, magnitudes] = [0, 0, 0, 0, 0];
    for (let y = 0; y < size; y += 1) {
      const other = neighbour === undefined ? 0 : ((y - neighbour[0] + size) % size) * size;
      for (let x = 0; x < size; x += 1) {
        let value = structure[y * size + x]!;
        if (neighbour !== undefined) value *= structure[other + ((x - neighbour[1] + size) % size)]!;
        if (value < 0) {
          negativeCount += 1;
          negativeSquares += value * value;
          magnitudes -= value;
        } else if (value > 0) {
          positiveCount += 1;
          positiveSquares += value * value;
          magnitudes += value;
        }
      }
    }
    const count = size ** 2;
    return fitGeneralisedGaussian({
      count,
      negativeCount,
      negativeSquares,
      positiveCount,
      positiveSquares,
      magnitudes,
    });
  }
}

function clamp(at: number, length: number): number {
  return at < 0 ? 0 : at >= length ? length - 1 : at;
}

/** −1 is 0, −2 is 1: the edge pixel stands twice. */
function mirror(at: number, length: number): number {
  return at < 0 ? -1 - at : at >= length ? 2 * length - 1 - at : at;
}

function cubic(distance: number): number {
  if (distance <= 1) return 1.5 * distance ** 3 - 2.5 * distance ** 2 + 1;
  return -0.5 * distance ** 3 + 2.5 * distance ** 2 - 4 * distance + 2;
}

function normalised(weights: readonly number[]): Float64Array {
  const sum = weights.reduce((one, other) => one + other, 0);
  return Float64Array.from(weights, (weight) => weight / sum);
}
