/**
 * NIQE's features as the paper and its program state them, of a whole picture at once: two-dimensional windows, the
 * picture reduced as a whole, every shape of the grid tried, and Γ as a sum of logarithms. Slow and plain, to hold the
 * one that streams against.
 */
import type { Size } from '../../main/engine/geometry.ts';

type Read = (x: number, y: number) => number;

/** The 36 features of each block, row by row; the size is made of whole blocks. */
export function referenceFeatures(luma: Uint8Array, { widthPx, heightPx }: Size): number[][] {
  const full: Read = (x, y) => luma[y * widthPx + x]!;
  const half = halve(full, widthPx, heightPx);
  const one = describeBlocks(full, widthPx, heightPx, 96);
  const other = describeBlocks(half, widthPx / 2, heightPx / 2, 48);
  return one.map((features, at) => [...features, ...other[at]!]);
}

function halve(read: Read, width: number, height: number): Read {
  const kernel = (distance: number): number => {
    const d = Math.abs(distance);
    if (d <= 1) return 1.5 * d ** 3 - 2.5 * d ** 2 + 1;
    return d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0;
  };
  const mirror = (at: number, length: number): number => (at < 0 ? -at - 1 : at >= length ? 2 * length - at - 1 : at);
  const values = new Map<number, number>();
  return (x, y) => {
    const key = y * width + x;
    const known = values.get(key);
    if (known !== undefined) return known;
    let [sum, weights] = [0, 0];
    for (let sy = 2 * y - 3; sy <= 2 * y + 4; sy += 1) {
      for (let sx = 2 * x - 3; sx <= 2 * x + 4; sx += 1) {
        const weight = kernel((sx - 2 * x - 0.5) / 2) * kernel((sy - 2 * y - 0.5) / 2);
        sum += weight * read(mirror(sx, width), mirror(sy, height));
        weights += weight;
      }
    }
    values.set(key, sum / weights);
    return sum / weights;
  };
}

function describeBlocks(read: Read, width: number, height: number, side: number): number[][] {
  const at = (position: number, length: number): number => Math.min(length - 1, Math.max(0, position));
  const structure = new Float64Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let [mean, square, weights] = [0, 0, 0];
      for (let dy = -3; dy <= 3; dy += 1) {
        for (let dx = -3; dx <= 3; dx += 1) {
          const weight = Math.exp(-(dx * dx + dy * dy) / (2 * (7 / 6) ** 2));
          const value = read(at(x + dx, width), at(y + dy, height));
          mean += weight * value;
          square += weight * value * value;
          weights += weight;
        }
      }
      mean /= weights;
      structure[y * width + x] = (read(x, y) - mean) / (Math.sqrt(Math.abs(square / weights - mean * mean)) + 1);
    }
  }
  const blocks: number[][] = [];
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side) {
      const value = (x: number, y: number): number =>
        structure[(top + ((y + side) % side)) * width + left + ((x + side) % side)]!;
      const fits = [undefined, [1, 0], [0, 1], [1, 1], [-1, 1]].map((shift) => {
        const values: number[] = [];
        for (let y = 0; y < side; y += 1) {
          for (let x = 0; x < side; x += 1) {
            values.push(value(x, y) * (shift === undefined ? 1 : value(x - shift[0]!, y - shift[1]!)));
          }
        }
        return fit(values);
      });
      const [own, ...products] = fits;
      const { shape, left: leftWidth, right } = own!;
      blocks.push([
        shape,
        (leftWidth + right) / 2,
        ...products.flatMap((product) => [product.shape, product.mean, product.left, product.right]),
      ]);
    }
  }
  return blocks;
}

const grid = Array.from({ length: 9801 }, (_, at) => 0.2 + at / 1000).map((shape) => ({
  shape,
  ratio: Math.exp(2 * logGamma(2 / shape) - logGamma(1 / shape) - logGamma(3 / shape)),
}));

function fit(values: readonly number[]): { shape: number; left: number; right: number; mean: number } {
  const average = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  const left = Math.sqrt(average(values.filter((x) => x < 0).map((x) => x * x)));
  const right = Math.sqrt(average(values.filter((x) => x > 0).map((x) => x * x)));
  const gain = left / right;
  const ratio = average(values.map(Math.abs)) ** 2 / average(values.map((x) => x * x));
  const wanted = (ratio * (gain ** 3 + 1) * (gain + 1)) / (gain ** 2 + 1) ** 2;
  const { shape } = grid.reduce((best, other) =>
    Math.abs(other.ratio - wanted) < Math.abs(best.ratio - wanted) ? other : best,
  );
  const width = Math.exp((logGamma(1 / shape) - logGamma(3 / shape)) / 2);
  const mean = (right - left) * width * Math.exp(logGamma(2 / shape) - logGamma(1 / shape));
  return { shape, left: left * width, right: right * width, mean };
}

/** Stirling's series, far enough out. */
function logGamma(x: number): number {
  let [z, before] = [x, 0];
  while (z < 20) {
    before += Math.log(z);
    z += 1;
  }
  const series = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5);
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - before;
}
