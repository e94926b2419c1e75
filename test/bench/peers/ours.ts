import { join } from 'node:path';
import type { Result } from '../../../main/engine/errors.ts';
import { readMachine } from '../../../main/jobs/machine.ts';
import { DEFAULT_TILE_PX, defaultTileFor } from '../../../main/jobs/tile.ts';
import { childProcessTransport } from '../../../main/pool/child-process-transport.ts';
import { sizePool } from '../../../main/pool/sizing.ts';
import { findAndMeasureLimit } from '../../../main/tune/raw-limit.ts';
import type { EnhanceSpec, Precision } from '../../../main/worker/protocol.ts';
import { outcomeOf, testEnhancer, workerEntry } from '../../helpers/enhancer.ts';
import { copies, SCALE } from './photo.ts';
import type { TestPhoto } from './photo.ts';

/** A model and how it is run. */
export interface OwnContestant {
  readonly modelId: string;
  readonly precision: Precision;
  /** Its receptive field a side, by which the tile is chosen as for any photo. */
  readonly haloPx: number;
  /** Where imported models lie, for those that are. */
  readonly importedFolder?: string;
}

interface Place {
  readonly photo: TestPhoto;
  readonly folder: string;
  readonly workers: number;
}

/** How long a batch is to take, and how few and many photos it may have for that. */
const BATCH_MS = 3_000;
const FEWEST = 8;
const MOST = 240;

function specOf({ modelId, precision, haloPx }: OwnContestant): EnhanceSpec {
  const tilePx = defaultTileFor(haloPx);
  return { modelId, precision, tiling: 'dilated', tilePx, haloPx: 'auto', border: 'reflect' };
}

/** Enlarges the photo once, without loss; returns the result's path in `folder`. */
export async function enlarge(contestant: OwnContestant, { photo, folder }: Place): Promise<string> {
  const { importedFolder } = contestant;
  await using enhancer = await testEnhancer({
    workers: 1,
    spec: specOf(contestant),
    maxTilePx: defaultTileFor(contestant.haloPx),
    ...(importedFolder !== undefined && { importedFolder }),
    outFolder: join(folder, `${contestant.modelId}-${contestant.precision}`),
  });
  const [job] = await enhancer.run([photo.path]);
  return outcomeOf(job).assignment.output.path;
}

/**
 * Megapixels a second of a batch through queue, pool and workers, PNG in and JPEG out. Workers are started and their
 * sessions opened and warm before the time runs.
 */
export async function measurePipeline(contestant: OwnContestant, place: Place): Promise<number> {
  const { photo, folder, workers } = place;
  const { importedFolder } = contestant;
  await using enhancer = await testEnhancer({
    workers,
    format: 'jpeg',
    mayOverwrite: true,
    spec: specOf(contestant),
    maxTilePx: defaultTileFor(contestant.haloPx),
    ...(importedFolder !== undefined && { importedFolder }),
  });
  let added = 0;
  const batch = async (count: number): Promise<number> => {
    const paths = await copies(photo, join(folder, 'copies'), count);
    const startMs = performance.now();
    enhancer.queue.add(paths.map((source) => ({ id: String((added += 1)), source })));
    await enhancer.queue.settled();
    return performance.now() - startMs;
  };
  await batch(2 * workers);
  const guessMs = (await batch(2 * workers)) / (2 * workers);
  const count = Math.min(MOST, Math.max(FEWEST, Math.ceil(BATCH_MS / guessMs)));
  const elapsedMs = await batch(count);
  for (const job of enhancer.queue.jobs) outcomeOf(job);
  return (count * photo.megapixels) / elapsedMs / 1e-3;
}

/** Megapixels a second of `session.run` alone: blank tiles without halo, on all workers at once, at the best tile size. */
export async function measureRaw(contestant: OwnContestant, workers: number): Promise<number> {
  const { modelId, precision, importedFolder } = contestant;
  const wishes = { workers, threads: 1, memoryBytes: 'auto', tilePx: DEFAULT_TILE_PX, scale: SCALE } as const;
  const limit = await findAndMeasureLimit({
    start: childProcessTransport(workerEntry),
    size: sizePool(readMachine(), wishes),
    modelId,
    precision,
    ...(importedFolder !== undefined && { folders: { importedFolder } }),
  });
  return valueOf(limit).pixelsPerSecond / 1e6;
}

function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.message} (${result.error.code})`);
}
