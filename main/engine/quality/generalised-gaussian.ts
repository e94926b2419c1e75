/**
 * The asymmetric generalised Gaussian, fitted by its moments (Lasmar, Stitou, Berthoumieu 2009, as NIQE uses it): the
 * density falls as exp(−(|x| ÷ width)^shape), with a width of its own on each side of zero.
 */
import { gamma } from './gamma.ts';

/** What is summed up of the values. */
export interface SidedMoments {
  /** All of them, zeros too. */
  readonly count: number;
  readonly negativeCount: number;
  readonly negativeSquares: number;
  readonly positiveCount: number;
  readonly positiveSquares: number;
  /** Of their magnitudes. */
  readonly magnitudes: number;
}

export interface GeneralisedGaussian {
  readonly shape: number;
  readonly leftWidth: number;
  readonly rightWidth: number;
  /** The distribution's mean: where the sides differ it is not zero. */
  readonly mean: number;
}

/** Shapes that are tried: 0.2, 0.201 … 10, the grid of the published program. */
const LOWEST_SHAPE = 0.2;
const SHAPE_STEP = 0.001;
const SHAPE_COUNT = 9801;

interface ShapeTable {
  readonly shapes: Float64Array;
  /** (mean magnitude)² ÷ mean square of a symmetric one; it rises with the shape. */
  readonly ratios: Float64Array;
}

let made: ShapeTable | undefined;

/** Made when it is first asked for: most processes never do. */
function shapeTable(): ShapeTable {
  if (made !== undefined) return made;
  const shapes = Float64Array.from({ length: SHAPE_COUNT }, (_, at) => LOWEST_SHAPE + at * SHAPE_STEP);
  const ratios = shapes.map((shape) => gamma(2 / shape) ** 2 / (gamma(1 / shape) * gamma(3 / shape)));
  return (made = { shapes, ratios });
}

/**
 * Fits the distribution.
 *
 * @returns undefined where one side has no values: there is nothing to fit
 */
export function fitGeneralisedGaussian(moments: SidedMoments): GeneralisedGaussian | undefined {
  const { count, negativeCount, negativeSquares, positiveCount, positiveSquares, magnitudes } = moments;
  if (negativeCount === 0 || positiveCount === 0) return undefined;
  const left = Math.sqrt(negativeSquares / negativeCount);
  const right = Math.sqrt(positiveSquares / positiveCount);
  const gain = left / right;
  const ratio = (magnitudes / count) ** 2 / ((negativeSquares + positiveSquares) / count);
  const symmetric = (ratio * (gain ** 3 + 1) * (gain + 1)) / (gain ** 2 + 1) ** 2;
  const { shapes, ratios } = shapeTable();
  const shape = shapes[nearest(ratios, symmetric)]!;
  const widthOfDeviation = Math.sqrt(gamma(1 / shape) / gamma(3 / shape));
  const [leftWidth, rightWidth] = [left * widthOfDeviation, right * widthOfDeviation];
  return { shape, leftWidth, rightWidth, mean: ((rightWidth - leftWidth) * gamma(2 / shape)) / gamma(1 / shape) };
}

/** The place of the value that is nearest, in values that rise. */
function nearest(rising: Float64Array, value: number): number {
  let [low, high] = [0, rising.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (rising[middle]! < value) low = middle;
    else high = middle;
  }
  return value - rising[low]! <= rising[high]! - value ? low : high;
}
