/**
 * NIQE (Mittal, Soundararajan, Bovik: Making a "Completely Blind" Image Quality Analyzer, 2013): how far the local
 * statistics of a picture are from those of pristine photos. No reference is needed; lower is better.
 *
 * Agrees with the published program, but for blocks without statistics (a clipped sky). It gives them the lowest shape and
 * counts that in the mean; or, by chance, fits their rounding errors. Here they are left out.
 */
import { failure, success, type Failure, type Result } from '../errors.ts';
import type { Size, Span } from '../geometry.ts';
import { BLOCK_PX, BlockMeter, FEATURE_COUNT, HALO_PX, type BlockMeasure } from './block.ts';
import { Moments, squaredDistance } from './moments.ts';

/** Fewer blocks say nothing of a picture. */
const MINIMUM_SIDE_PX = 2 * BLOCK_PX;

/** The statistics of pristine photos. */
export interface PristineModel {
  /** 36 values. */
  readonly mean: Float64Array;
  /** 36 × 36, row by row, positive definite. */
  readonly covariance: Float64Array;
}

export interface NiqeScore {
  readonly niqe: number;
  /** Blocks that were measured, and that were left out because they are flat. */
  readonly blocks: number;
  readonly flatBlocks: number;
}

export type NiqeFailure = Failure<'too-small' | 'too-flat'>;

/** Whether a picture is large enough to be judged. */
export function checkNiqeSize({ widthPx, heightPx }: Size): Result<void, NiqeFailure> {
  if (Math.min(widthPx, heightPx) >= MINIMUM_SIDE_PX) return success(undefined);
  return failure(
    'too-small',
    `This picture is ${widthPx} × ${heightPx}. NIQE needs ${MINIMUM_SIDE_PX} px or more each way.`,
    { widthPx, heightPx },
  );
}

/** Measures the blocks of one picture, a row of them at a time, so that memory does not grow with its height. */
export class NiqeMeter {
  /** Rows of blocks; part blocks at the right and at the bottom are left out. */
  readonly blockRows: number;
  readonly #picture: Size;
  readonly #columns: number;
  readonly #meter = new BlockMeter();
  readonly #moments = new Moments(FEATURE_COUNT);
  readonly #rowLength: number;
  #flatBlocks = 0;

  constructor(size: Size) {
    this.blockRows = Math.floor(size.heightPx / BLOCK_PX);
    this.#columns = Math.floor(size.widthPx / BLOCK_PX);
    this.#picture = { widthPx: this.#columns * BLOCK_PX, heightPx: this.blockRows * BLOCK_PX };
    this.#rowLength = size.widthPx;
  }

  /** The picture's rows that a row of blocks is made of. */
  rowsOf(blockRow: number): Span {
    const top = blockRow * BLOCK_PX;
    return {
      start: Math.max(0, top - HALO_PX),
      end: Math.min(this.#picture.heightPx, top + BLOCK_PX + HALO_PX),
    };
  }

  /**
   * Measures a row of blocks.
   *
   * @param luma rounded, 16…235: the rows of `rowsOf`, of the picture's full width
   * @param onBlock called with each block that has statistics
   */
  add(blockRow: number, luma: Uint8Array, onBlock?: (block: BlockMeasure) => void): void {
    const { start, end } = this.rowsOf(blockRow);
    if (luma.length !== (end - start) * this.#rowLength) {
      throw new RangeError(`Expected ${(end - start) * this.#rowLength} values but received ${luma.length}`);
    }
    const rows = { values: luma, rowLength: this.#rowLength, topPx: start, picture: this.#picture };
    for (let column = 0; column < this.#columns; column += 1) {
      const block = this.#meter.measure(rows, blockRow * BLOCK_PX, column * BLOCK_PX);
      if (block === undefined) {
        this.#flatBlocks += 1;
        continue;
      }
      this.#moments.add(block.features);
      onBlock?.(block);
    }
  }

  /** The picture's distance from the pristine model, once all rows were added. */
  score({ mean, covariance }: PristineModel): Result<NiqeScore, NiqeFailure> {
    const { count } = this.#moments;
    const flatBlocks = this.#flatBlocks;
    if (count < 2) {
      return failure('too-flat', 'This picture is flat almost everywhere: there is nothing that NIQE could measure.', {
        blocks: count,
        flatBlocks,
      });
    }
    const own = this.#moments.covariance();
    const between = covariance.map((value, at) => (value + own[at]!) / 2);
    const difference = mean.map((value, at) => value - this.#moments.mean[at]!);
    return success({ niqe: Math.sqrt(squaredDistance(between, difference)), blocks: count, flatBlocks });
  }
}
