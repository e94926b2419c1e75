import { FEATURE_COUNT } from './block.ts';
import type { PristineModel } from './niqe.ts';
import fitted from './pristine.json' with { type: 'json' };

/** The statistics of sharp photos that NIQE compares with; `models/training/fit-niqe.ts` made them. */
export const pristineModel: PristineModel = {
  mean: Float64Array.from(fitted.mean),
  covariance: fromTriangle(fitted.covariance),
};

/** A symmetric matrix from its lower triangle, row by row. */
function fromTriangle(triangle: readonly number[]): Float64Array {
  const matrix = new Float64Array(FEATURE_COUNT ** 2);
  for (let row = 0, at = 0; row < FEATURE_COUNT; row += 1) {
    for (let column = 0; column <= row; column += 1, at += 1) {
      matrix[row * FEATURE_COUNT + column] = triangle[at]!;
      matrix[column * FEATURE_COUNT + row] = triangle[at]!;
    }
  }
  return matrix;
}
