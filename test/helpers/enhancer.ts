/** Starts the real queue, pool and workers over a folder of its own, and collects what happens. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Failure } from '../../main/engine/errors.ts';
import type { OutputFormat } from '../../main/engine/ports.ts';
import { startEnhancer, type Enhancer } from '../../main/jobs/enhancer.ts';
import type { Job, JobEvent, Outcome } from '../../main/jobs/job.ts';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import { sizePool } from '../../main/pool/sizing.ts';
import type { StartProcess } from '../../main/pool/transport.ts';
import type { EnhanceSpec } from '../../main/worker/protocol.ts';
import { findModel } from '../../models/catalog.ts';
import { findImported } from '../../models/import/imported-models.ts';

export const workerEntry = fileURLToPath(new URL('../../main/worker/index.ts', import.meta.url));

export interface TestEnhancerOptions {
  readonly workers?: number;
  readonly format?: OutputFormat;
  readonly spec?: Partial<EnhanceSpec>;
  readonly start?: StartProcess;
  readonly mayOverwrite?: boolean;
  /** What the arena has room for. */
  readonly maxTilePx?: number;
  readonly onJob?: (job: Job, event: JobEvent) => void;
  /** Where imported models lie. */
  readonly importedFolder?: string;
  /** Where results go; left out, beside the spool files, and gone with them. */
  readonly outFolder?: string;
}

export interface TestEnhancer extends AsyncDisposable, Pick<Enhancer, 'queue' | 'pool' | 'scratchFolder'> {
  readonly folder: string;
  readonly outFolder: string;
  readonly events: { readonly job: Job; readonly event: JobEvent; readonly atMs: number }[];
  readonly notices: Failure[];
  /** Where the result of a source goes. */
  outputOf(source: string): string;
  /** Adds photos by path (the id is the place in the list), and waits until all are through. */
  run(sources: readonly string[]): Promise<Job[]>;
}

/** A folder that goes when its scope ends. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tessera-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export async function testEnhancer(options: TestEnhancerOptions = {}): Promise<TestEnhancer> {
  const { workers = 2, format = 'png', mayOverwrite = false, maxTilePx = 256 } = options;
  const folder = await temporaryFolder();
  const outFolder = options.outFolder ?? join(folder.path, 'out');
  const spec: EnhanceSpec = {
    modelId: 'quicksrnet-l-x4',
    precision: 'int8',
    tiling: 'dilated',
    tilePx: 96,
    haloPx: 'auto',
    border: 'reflect',
    ...options.spec,
  };
  const { importedFolder } = options;
  const model = findModel(spec.modelId) ?? findImported(importedFolder!, spec.modelId);
  const { scale } = model!;
  const outputOf = (source: string): string =>
    join(outFolder, `${basename(source, extname(source))}-x${scale}.${format}`);
  const events: TestEnhancer['events'] = [];
  const notices: Failure[] = [];
  const enhancer = await startEnhancer({
    size: sizePool(
      { cores: workers, memoryBytes: 16e9 },
      { workers, threads: 1, memoryBytes: 'auto', tilePx: maxTilePx, scale: 4 },
    ),
    start: options.start ?? childProcessTransport(workerEntry, ['--expose-gc']),
    provider: 'cpu',
    scratchBase: folder.path,
    ...(importedFolder !== undefined && { importedFolder }),
    resolve: (job, info) => {
      const size = { widthPx: info.widthPx * scale, heightPx: info.heightPx * scale };
      const output = { path: outputOf(job.source), format, quality: 92, mayOverwrite, ...size };
      return Promise.resolve({ ok: true, value: { info, spec, output } });
    },
    listener: {
      onJob: (job, event) => {
        events.push({ job, event, atMs: performance.timeOrigin + performance.now() });
        options.onJob?.(job, event);
      },
      onNotice: (notice) => notices.push(notice),
    },
  });
  const { queue, pool, scratchFolder } = enhancer;
  return {
    queue,
    pool,
    scratchFolder,
    folder: folder.path,
    outFolder,
    events,
    notices,
    outputOf,
    run: async (sources) => {
      queue.add(sources.map((source, index) => ({ id: String(index), source })));
      await queue.settled();
      return [...queue.jobs];
    },
    async [Symbol.asyncDispose]() {
      await enhancer[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The outcome of a photo that is done; throws with its failure otherwise. */
export function outcomeOf(job: Job | undefined): Outcome {
  if (job?.state.kind === 'done') return job.state.outcome;
  throw new Error(`Expected a photo that is done but it is ${JSON.stringify(job?.state)}`);
}
