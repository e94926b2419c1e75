import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, success, type Result } from '../engine/errors.ts';
import type { Size } from '../engine/geometry.ts';
import { startEnhancer } from '../jobs/enhancer.ts';
import type { PoolSize } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import type { EnhanceSpec, WorkerConfig } from '../worker/protocol.ts';
import { disposeEnhancer, unlessAborted } from './batch-rig.ts';

export interface BenchPhotosOptions {
  readonly start: StartProcess;
  readonly size: PoolSize;
  /** How the sample is enlarged. */
  readonly spec: EnhanceSpec;
  readonly sample: string;
  /** Existing folder for the photos. */
  readonly folder: string;
  readonly count: number;
  readonly megapixels: number;
  /** Where models lie, where that is not the source tree. */
  readonly folders?: Pick<WorkerConfig, 'weightsFolder' | 'importedFolder'>;
  readonly signal?: AbortSignal;
}

/** Equal photos of a wanted size, made of a sample by the program itself: real detail, JPEG, 3:2 or whatever it has. */
export async function makeBenchPhotos(
  options: BenchPhotosOptions,
): Promise<Result<{ readonly paths: readonly string[]; readonly photo: Size }>> {
  const { start, size, spec, sample, folder, count, megapixels, folders, signal } = options;
  const first = join(folder, 'photo-0.jpg');
  let photo: Size | undefined;
  const enhancer = await startEnhancer({
    size,
    start,
    provider: 'cpu',
    scratchBase: folder,
    ...folders,
    resolve: (_, info) => {
      const factor = Math.sqrt((megapixels * 1e6) / (info.widthPx * info.heightPx));
      photo = { widthPx: Math.round(info.widthPx * factor), heightPx: Math.round(info.heightPx * factor) };
      const output = { path: first, format: 'jpeg', quality: 92, mayOverwrite: false, ...photo } as const;
      return Promise.resolve(success({ info, spec, output }));
    },
    listener: { onJob: () => undefined, onNotice: () => undefined },
  });
  enhancer.queue.add([{ id: 'sample', source: sample }]);
  await unlessAborted(enhancer.queue.settled(), signal);
  const [job] = enhancer.queue.jobs;
  await disposeEnhancer(enhancer, signal);
  if (signal?.aborted === true) return failure('cancelled', 'The measurement was cancelled.');
  if (job?.state.kind === 'failed') return { ok: false, error: job.state.failure };
  if (photo === undefined) return failure('sample-missing', 'The sample photo could not be read.', { path: sample });
  const paths = [first];
  for (let index = 1; index < count; index += 1) {
    paths.push(join(folder, `photo-${index}.jpg`));
    await copyFile(first, paths.at(-1)!);
  }
  return success({ paths, photo });
}
