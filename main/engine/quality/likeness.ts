/** How alike two pictures of the same size are, on luma: PSNR, and SSIM (Wang, Bovik, Sheikh, Simoncelli 2004). */
import type { Size } from '../geometry.ts';

export interface Likeness {
  /** Peak 255; infinite where the pictures are equal. */
  readonly psnrDb: number;
  /** Mean over all positions of the window inside the picture; 1 where the pictures are equal. */
  readonly ssim: number;
}

/** A Gaussian of σ = 1.5 px. */
const WINDOW_PX = 11;
const WINDOW = gaussian(1.5);
const LUMINANCE_FLOOR = (0.01 * 255) ** 2;
const CONTRAST_FLOOR = (0.03 * 255) ** 2;

/** Compares two pictures row by row; it remembers eleven rows. */
export class LikenessMeter {
  readonly #size: Size;
  readonly #columns: number;
  /** Of the last eleven rows, blurred along the row: both, their squares and their product. */
  readonly #fields: readonly Fields[];
  #rows = 0;
  #squares = 0;
  #structure = 0;

  /** @throws RangeError for a picture that the window does not fit in */
  constructor(size: Size) {
    if (Math.min(size.widthPx, size.heightPx) < WINDOW_PX) {
      throw new RangeError(`Expected ${WINDOW_PX} px or more each way but received ${size.widthPx}×${size.heightPx}`);
    }
    this.#size = size;
    this.#columns = size.widthPx - WINDOW_PX + 1;
    const row = (): Float64Array => new Float64Array(this.#columns);
    this.#fields = Array.from({ length: WINDOW_PX }, () => [row(), row(), row(), row(), row()]);
  }

  /** Adds the next row of both: luma, 16…235, not rounded. */
  add(one: Float64Array, other: Float64Array): void {
    const { widthPx } = this.#size;
    if (one.length !== widthPx || other.length !== widthPx) {
      throw new RangeError(`Expected rows of ${widthPx} px but received ${one.length} and ${other.length}`);
    }
    for (let x = 0; x < widthPx; x += 1) this.#squares += (one[x]! - other[x]!) ** 2;
    this.#blurRow(one, other);
    this.#rows += 1;
    if (this.#rows >= WINDOW_PX) this.#compareRow();
  }

  /** Once all rows were added. */
  likeness(): Likeness {
    const { widthPx, heightPx } = this.#size;
    if (this.#rows !== heightPx) throw new RangeError(`Expected ${heightPx} rows but received ${this.#rows}`);
    return {
      psnrDb: 10 * Math.log10((255 ** 2 * widthPx * heightPx) / this.#squares),
      ssim: this.#structure / (this.#columns * (heightPx - WINDOW_PX + 1)),
    };
  }

  #blurRow(one: Float64Array, other: Float64Array): void {
    const [a, b, aa, bb, ab] = this.#fields[this.#rows % WINDOW_PX]!;
    for (let x = 0; x < this.#columns; x += 1) {
      let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
      for (let tap = 0; tap < WINDOW_PX; tap += 1) {
        const [weight, left, right] = [WINDOW[tap]!, one[x + tap]!, other[x + tap]!];
        sumA += weight * left;
        sumB += weight * right;
        sumAA += weight * left * left;
        sumBB += weight * right * right;
        sumAB += weight * left * right;
      }
      a[x] = sumA;
      b[x] = sumB;
      aa[x] = sumAA;
      bb[x] = sumBB;
      ab[x] = sumAB;
    }
  }

  #compareRow(): void {
    // The oldest row stands where the next one will go.
    const rows = WINDOW.map((_, tap) => (this.#rows + tap) % WINDOW_PX);
    for (let x = 0; x < this.#columns; x += 1) {
      let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
      for (let tap = 0; tap < WINDOW_PX; tap += 1) {
        const weight = WINDOW[tap]!;
        const fields = this.#fields[rows[tap]!]!;
        a += weight * fields[0][x]!;
        b += weight * fields[1][x]!;
        aa += weight * fields[2][x]!;
        bb += weight * fields[3][x]!;
        ab += weight * fields[4][x]!;
      }
      const luminance = (2 * a * b + LUMINANCE_FLOOR) / (a * a + b * b + LUMINANCE_FLOOR);
      const variances = aa - a * a + bb - b * b;
      this.#structure += (luminance * (2 * (ab - a * b) + CONTRAST_FLOOR)) / (variances + CONTRAST_FLOOR);
    }
  }
}

type Fields = readonly [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];

function gaussian(sigma: number): Float64Array {
  const middle = (WINDOW_PX - 1) / 2;
  const weights = Float64Array.from({ length: WINDOW_PX }, (_, at) =>
    Math.exp(-((at - middle) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((one, other) => one + other, 0);
  return weights.map((weight) => weight / sum);
}
