import { failure, success, type Failure, type Result } from './errors.ts';

/** How a worker's pixel memory is divided, in bytes. */
export interface ArenaLayout {
  /** The padded source of one strip. */
  readonly sourceBytes: number;
  /** The result of one strip; there are two, so that one is written while the next is inferred. */
  readonly outputBytes: number;
  readonly tileInputBytes: number;
  readonly tileOutputBytes: number;
}

/** What an arena did, for diagnostics. */
export interface ArenaCounters {
  readonly reservedBytes: number;
  /** Views handed out over memory that was already there. */
  readonly reused: number;
  /** Requests that did not fit their region. */
  readonly refused: number;
  /** Slabs allocated in all: 1 for an arena, one a request where reuse is switched off. */
  readonly allocations: number;
}

/** The regions of an arena. */
export type Region = 'source' | 'output0' | 'output1' | 'tileInput' | 'tileOutput';

/** Processors load whole cache lines, and tensors are fastest when they begin on one. */
const ALIGNMENT_BYTES = 64;

/**
 * One slab of pixel memory, reserved once a worker and handed out as views: no photo, strip or tile allocates.
 *
 * With `reuse: false` every request gets fresh memory instead; that is there to measure what the arena is worth.
 */
export class Arena {
  readonly #slab: ArrayBuffer;
  readonly #offsets = new Map<Region, { offset: number; bytes: number }>();
  readonly #reuse: boolean;
  #reused = 0;
  #refused = 0;
  #allocations = 1;

  constructor(layout: ArenaLayout, { reuse = true }: { readonly reuse?: boolean } = {}) {
    const regions: readonly (readonly [Region, number])[] = [
      ['source', layout.sourceBytes],
      ['output0', layout.outputBytes],
      ['output1', layout.outputBytes],
      ['tileInput', layout.tileInputBytes],
      ['tileOutput', layout.tileOutputBytes],
    ];
    let offset = 0;
    for (const [region, bytes] of regions) {
      this.#offsets.set(region, { offset, bytes });
      offset += Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    }
    this.#slab = new ArrayBuffer(reuse ? offset : 0);
    this.#reuse = reuse;
  }

  /**
   * A view of the first `bytes` of a region. Its contents are whatever was there.
   *
   * @returns the view, or `arena-too-small`
   */
  view(region: Region, bytes: number): Result<Uint8Array, Failure<'arena-too-small'>> {
    const place = this.#offsets.get(region)!;
    if (bytes > place.bytes) {
      this.#refused += 1;
      return failure('arena-too-small', 'This photo needs more memory than was set aside. Raise the memory limit.', {
        region,
        neededBytes: bytes,
        availableBytes: place.bytes,
      });
    }
    if (!this.#reuse) {
      this.#allocations += 1;
      return success(new Uint8Array(bytes));
    }
    this.#reused += 1;
    return success(new Uint8Array(this.#slab, place.offset, bytes));
  }

  /** The counters since the arena was made. */
  counters(): ArenaCounters {
    return {
      reservedBytes: this.#slab.byteLength,
      reused: this.#reused,
      refused: this.#refused,
      allocations: this.#allocations,
    };
  }
}
