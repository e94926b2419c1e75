/** Measures batches through the real queue, pool and workers, and the raw speed of the sessions beside them. */
import { success, type Result } from '../engine/errors.ts';
import type { TileShape } from '../engine/ports.ts';
import type { EnhanceSpec } from '../worker/protocol.ts';
import { openBatchRig, type BatchFigures, type BatchRigOptions } from './batch-rig.ts';
import { openRawRig, type RawFigures, type RawRigOptions } from './raw-rig.ts';

export type { BatchFigures } from './batch-rig.ts';
export type { RawFigures } from './raw-rig.ts';

/** What is to be measured. */
export interface BatchMeasurement extends Omit<BatchRigOptions, 'preload'> {
  readonly spec: EnhanceSpec;
  readonly photos: readonly string[];
}

/** Runs a batch once. The workers' start and warm-up are outside the measured time. */
export async function measureBatch({ spec, photos, ...options }: BatchMeasurement): Promise<Result<BatchFigures>> {
  const { modelId, precision, tilePx } = spec;
  const rig = await openBatchRig({ ...options, preload: { modelId, precision, tilePx } });
  try {
    return await rig.run(spec, photos);
  } finally {
    await rig[Symbol.asyncDispose]();
  }
}

export interface RawMeasurement extends RawRigOptions {
  readonly tiles: readonly TileShape[];
  readonly durationMs: number;
}

/** Runs each tile shape on all workers at once, blank tiles and nothing else. */
export async function measureRaw({ tiles, durationMs, ...options }: RawMeasurement): Promise<Result<RawFigures[]>> {
  const rig = await openRawRig(options);
  if (!rig.ok) return rig;
  try {
    const figures: RawFigures[] = [];
    for (const tile of tiles) {
      const measured = await rig.value.run(tile, durationMs);
      if (!measured.ok) return measured;
      figures.push(measured.value);
    }
    return success(figures);
  } finally {
    await rig.value[Symbol.asyncDispose]();
  }
}
