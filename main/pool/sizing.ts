import type { ArenaLayout } from '../engine/arena.ts';
import type { StripBudget } from '../engine/plan.ts';
import type { Provider } from '../engine/ports.ts';

const MIB = 1024 ** 2;

/** What a machine offers. */
export interface Machine {
  /** Cores that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** Which build of the codec its workers use; native where left out. */
  readonly codec?: 'native' | 'wasm';
}

/** What a person may have fixed; `auto` leaves it to the machine. */
export interface SizingWishes {
  readonly workers: number | 'auto';
  readonly threads: number | 'auto';
  /** For the pixel memory of all workers together. */
  readonly memoryBytes: number | 'auto';
  /** Side of the largest tile. */
  readonly tilePx: number;
  readonly scale: number;
  /** What the models run on; the processor where left out. */
  readonly provider?: Provider;
}

export interface PoolSize {
  readonly provider: Provider;
  readonly workers: number;
  /** Intra-op threads of each worker's session. */
  readonly threads: number;
  readonly layout: ArenaLayout;
  readonly budget: StripBudget;
}

/** Pixel memory of one worker where nobody says otherwise. */
const DEFAULT_WORKER_BYTES = 192 * MIB;
/** Less than this, and strips get so thin that most of the work is halo. */
const MIN_WORKER_BYTES = 48 * MIB;
/** What a worker takes beside its pixels: the runtime, libvips, the session. */
const WORKER_OVERHEAD_BYTES = 200 * MIB;
/**
 * What the codec's own thread takes where it is WebAssembly: a heap that grows with the photo, up to 2 GB, and never
 * shrinks while the thread lives; 150 to 300 MB for most photos.
 */
const WASM_CODEC_BYTES = 300 * MIB;
/** Of the machine's memory, how much the workers may take together by themselves. */
const MEMORY_SHARE = 0.5;

/** RGB at 16 bits, the widest pixel of one plane. */
const MAX_PIXEL_BYTES = 6;

/**
 * Workers × threads and the arena of each.
 *
 * One worker a core with one thread each gives the best throughput on a batch: sessions then never wait for each other
 * inside an operator. Fewer where memory is short. On a graphics device one worker with one thread: such a device runs
 * one tile at a time, whoever asks, and a second worker would only hold its memory twice.
 */
export function sizePool(machine: Machine, wishes: SizingWishes): PoolSize {
  const { provider = 'cpu' } = wishes;
  const threads = wishes.threads === 'auto' ? 1 : wishes.threads;
  const byCores = provider === 'cpu' ? Math.max(1, Math.floor(machine.cores / threads)) : 1;
  const workerBytes = DEFAULT_WORKER_BYTES + workerOverheadBytes(machine);
  const byMemory = Math.floor((machine.memoryBytes * MEMORY_SHARE) / workerBytes);
  const byWish = wishes.memoryBytes === 'auto' ? Infinity : Math.floor(wishes.memoryBytes / MIN_WORKER_BYTES);
  const workers = wishes.workers === 'auto' ? Math.max(1, Math.min(byCores, byMemory, byWish)) : wishes.workers;
  const perWorker =
    wishes.memoryBytes === 'auto'
      ? DEFAULT_WORKER_BYTES
      : Math.max(MIN_WORKER_BYTES, Math.floor(wishes.memoryBytes / workers));
  return { provider, workers, threads, ...divide(perWorker, wishes.tilePx, wishes.scale) };
}

/** What a worker takes beside its pixels. */
export function workerOverheadBytes({ codec }: Pick<Machine, 'codec'>): number {
  return WORKER_OVERHEAD_BYTES + (codec === 'wasm' ? WASM_CODEC_BYTES : 0);
}

/** Divides one worker's memory: tiles as large as they must be, the rest two parts a result strip, one the source. */
function divide(bytes: number, tilePx: number, scale: number): Pick<PoolSize, 'layout' | 'budget'> {
  const tileInputBytes = tilePx ** 2 * MAX_PIXEL_BYTES;
  const tileOutputBytes = tileInputBytes * scale ** 2;
  const rest = Math.max(MIN_WORKER_BYTES / 2, bytes - tileInputBytes - tileOutputBytes);
  const sourceBytes = Math.floor(rest / 5);
  const outputBytes = Math.floor((rest - sourceBytes) / 2);
  return {
    layout: { sourceBytes, outputBytes, tileInputBytes, tileOutputBytes },
    budget: { sourceBytes, outputBytes },
  };
}
