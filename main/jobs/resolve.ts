/** From settings and a photo's header to what is to be done to it. */
import { stat } from 'node:fs/promises';
import { failure, success, type Failure, type Result } from '../engine/errors.ts';
import type { PhotoInfo } from '../engine/ports.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import type { EnhanceSpec } from '../worker/protocol.ts';
import type { Assignment, Job } from './job.ts';
import type { Namer } from './naming.ts';
import type { Resolve } from './queue.ts';
import {
  checkFormatLimit,
  planTarget,
  resolveFormat,
  selectModels,
  type ModelChoice,
  type TargetPlan,
} from './target.ts';

/** Side of a tile where nobody says otherwise: the fastest of those measured, and small enough for any machine. */
export const DEFAULT_TILE_PX = 384;

/** Where a photo stands in its batch. */
export interface PlaceInBatch {
  readonly relativeFolder: string;
  /** From 1. */
  readonly index: number;
}

export interface ResolverOptions {
  readonly settings: EnhanceSettings;
  readonly models: readonly ModelChoice[];
  readonly namer: Namer;
  readonly placeOf: (jobId: string) => PlaceInBatch;
  /** Told what a person may not expect of a photo's settings. */
  readonly onNotice: (job: Job, notice: Failure) => void;
}

/** Makes the function that a queue asks about every photo. */
export function createResolver(options: ResolverOptions): Resolve {
  const { settings, models, namer, placeOf, onNotice } = options;
  return async (job, info) => {
    const planned = planPhoto(info, settings, models);
    if (!planned.ok) return planned;
    const { target, spec, format } = planned.value;
    if (target.notice !== undefined) onNotice(job, target.notice);
    const { widthPx, heightPx, factor } = target;
    const facts = { source: job.source, format, widthPx, heightPx, factor, modelId: spec.modelId };
    const path = namer.claim({ ...facts, ...placeOf(job.id) });
    if (!path.ok) return path;
    if (settings.existing !== 'overwrite' && (await exists(path.value))) return existing(settings, path.value);
    const mayOverwrite = settings.existing === 'overwrite';
    const output = { path: path.value, format, quality: settings.quality, mayOverwrite, widthPx, heightPx };
    return success<Assignment>({ info, spec, output });
  };
}

/** What becomes of one photo, but for its name. */
export interface PhotoPlan {
  readonly target: TargetPlan;
  readonly spec: EnhanceSpec;
  readonly format: ReturnType<typeof resolveFormat>;
}

/** Decides a photo's model, size and format. Pure. */
export function planPhoto(
  info: PhotoInfo,
  settings: EnhanceSettings,
  models: readonly ModelChoice[],
): Result<PhotoPlan> {
  const selected = selectModels(settings.model, models);
  if (!selected.ok) return selected;
  const target = planTarget(info, settings.target, selected.value);
  if (!target.ok) return target;
  const format = resolveFormat(settings.format, info.format);
  const fits = checkFormatLimit(format, target.value);
  if (!fits.ok) return fits;
  return success({ target: target.value, format, spec: specOf(settings, target.value.model.id) });
}

/** The side of a tile, in source pixels. */
export function tileOf({ tilePx }: Pick<EnhanceSettings, 'tilePx'>): number {
  return tilePx === 'auto' ? DEFAULT_TILE_PX : tilePx;
}

/** The part of the settings that decides pixels. */
export function specOf(settings: EnhanceSettings, modelId: string): EnhanceSpec {
  const { precision, tiling, border, haloPx } = settings;
  return { modelId, precision, tiling, tilePx: tileOf(settings), haloPx, border };
}

/** What becomes of a photo whose result is there already. */
export function existing(settings: EnhanceSettings, path: string): Result<never> | { readonly skip: Failure } {
  const reason = failure('file-exists', 'A result of that name is there already.', { path });
  if (settings.existing === 'skip') return { skip: reason.error };
  return failure(
    'file-exists',
    `${reason.error.message} Choose to overwrite or to skip such files, or another folder.`,
    {
      path,
    },
  );
}

/** Whether something has this name. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
