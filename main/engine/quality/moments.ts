/** Mean and covariance of vectors that come one by one (Welford 1962), so that none must be kept. */
export class Moments {
  readonly length: number;
  readonly mean: Float64Array;
  readonly #products: Float64Array;
  readonly #before: Float64Array;
  #count = 0;

  constructor(length: number) {
    this.length = length;
    this.mean = new Float64Array(length);
    this.#products = new Float64Array(length * length);
    this.#before = new Float64Array(length);
  }

  get count(): number {
    return this.#count;
  }

  add(vector: Float64Array): void {
    const { length, mean } = this;
    this.#count += 1;
    for (let i = 0; i < length; i += 1) {
      this.#before[i] = vector[i]! - mean[i]!;
      mean[i]! += this.#before[i]! / this.#count;
    }
    for (let i = 0; i < length; i += 1) {
      const after = vector[i]! - mean[i]!;
      for (let j = 0; j < length; j += 1) this.#products[i * length + j]! += after * this.#before[j]!;
    }
  }

  /** length × length, row by row, unbiased (÷ (count − 1)); at least two vectors must have been added. */
  covariance(): Float64Array {
    if (this.#count < 2) throw new RangeError(`Expected two vectors or more but there are ${this.#count}`);
    return this.#products.map((product) => product / (this.#count - 1));
  }
}

/**
 * dᵀ C⁻¹ d, the squared distance of Mahalanobis.
 *
 * By a Cholesky factor L of C: with L y = d it is |y|². NIQE is usually written with a pseudo-inverse, for which one
 * would need an eigenvalue solver. Here C is the mean of the pristine covariance, which is positive definite, and another,
 * which has no negative eigenvalue; their mean is positive definite, and of such a matrix the pseudo-inverse is the
 * inverse.
 *
 * @param covariance symmetric, positive definite, length × length, row by row
 * @throws RangeError where it is not positive definite
 */
export function squaredDistance(covariance: Float64Array, difference: Float64Array): number {
  const { length } = difference;
  const factor = new Float64Array(length * length);
  const solved = new Float64Array(length);
  let sum = 0;
  for (let i = 0; i < length; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let rest = covariance[i * length + j]!;
      for (let k = 0; k < j; k += 1) rest -= factor[i * length + k]! * factor[j * length + k]!;
      if (j < i) factor[i * length + j] = rest / factor[j * length + j]!;
      else if (rest > 0) factor[i * length + i] = Math.sqrt(rest);
      else throw new RangeError('Expected a covariance that is positive definite.');
    }
    let rest = difference[i]!;
    for (let k = 0; k < i; k += 1) rest -= factor[i * length + k]! * solved[k]!;
    solved[i] = rest / factor[i * length + i]!;
    sum += solved[i]! ** 2;
  }
  return sum;
}
