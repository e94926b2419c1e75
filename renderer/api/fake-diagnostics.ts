import type { BatchTimes, Diagnostics, PhotoTimes, StageTimes } from '../../preload/contract/diagnostics.ts';
import type { Job } from '../../preload/contract/dto.ts';
import type { FakeQueue } from './fake-queue.ts';

const mostShown = 100;
const workers = 2;

/** Times with the shape that real ones have: larger photos take longer, and each waits for those before it. */
function timesOf({ id, name, source, result }: Job): PhotoTimes {
  const megapixels = (source!.widthPx * source!.heightPx) / 1e6;
  const infer = megapixels * (900 + ((id * 37) % 200));
  const stages: StageTimes = {
    decode: megapixels * 14,
    wait: 120 + ((id * 53) % 500),
    infer,
    stitch: infer * 0.04,
    write: megapixels * 22,
    encode: megapixels * (90 + ((id * 29) % 60)),
    store: 6 + (id % 5),
  };
  const whole = Object.values(stages).reduce((sum, ms) => sum + ms, 0);
  return { job: id, name, source: source!, result: result!, format: 'jpeg', elapsedMs: whole * 0.96, stages };
}

/** Diagnostics of the queue's photos that are done, as if it had two workers. */
export function fakeDiagnostics(queue: FakeQueue): Diagnostics {
  return {
    batch: batchOf(queue),
    facts: {
      tessera: '0.1.0',
      onnxRuntime: '1.30.0',
      codec: { sharp: '0.35.5', libvips: '8.18.7', build: 'native' },
      electron: null,
      node: '24.21.0',
      system: 'Linux 6.1.0 x64',
      processor: 'A computer of no consequence',
      cores: 8,
      memoryBytes: 16 * 1024 ** 3,
    },
  };
}

function batchOf(queue: FakeQueue): BatchTimes | null {
  const photos = queue.jobs.filter(({ state }) => state.kind === 'done').map(timesOf);
  if (photos.length === 0 && queue.run.kind === 'idle') return null;
  const sum = (stage: keyof StageTimes): number => photos.reduce((total, { stages }) => total + stages[stage], 0);
  const infer = sum('infer');
  const elapsedMs = infer / workers / 0.93;
  return {
    run: queue.run.kind === 'idle' ? 'ended' : queue.run.kind,
    startedAt: new Date().toISOString(),
    elapsedMs,
    pausedMs: 0,
    photos: photos.length,
    failed: queue.totals().failed,
    totals: {
      decode: sum('decode'),
      wait: sum('wait'),
      infer,
      stitch: sum('stitch'),
      write: sum('write'),
      encode: sum('encode'),
      store: sum('store'),
    },
    slowest: photos.toSorted((one, other) => other.elapsedMs - one.elapsedMs).slice(0, mostShown),
    workers: Array.from({ length: photos.length === 0 ? 0 : workers }, (_, index) => ({
      worker: 4100 + index,
      inferMs: infer / workers,
      inUse: 0.93,
      codecMs: (sum('decode') + sum('encode') + sum('store')) / workers,
      alive: true,
      arena: { reservedBytes: 96 * 1024 ** 2, reused: 40 * photos.length, refused: 0, allocations: 1 },
      peakMemoryBytes: (410 + 30 * index) * 1024 ** 2,
    })),
    computed: photos.length === 0 ? [] : [{ device: 'cpu', precision: 'int8', photos: photos.length }],
    traceable: photos.length,
  };
}
