/** From settings and a photo's header to what is to be done to it. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failure, success, type Failure, type Result } from '../engine/errors.ts';
import { encodesInStrips } from '../engine/jpeg-strips.ts';
import type { PhotoInfo } from '../engine/ports.ts';
import { spoolBytes } from '../engine/spool-need.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import type { EnhanceSpec } from '../worker/protocol.ts';
import type { Assignment, Job } from './job.ts';
import { kindAt, realFolder } from './file-tree.ts';
import { outputIsSource, type Namer } from './naming.ts';
import type { Resolve } from './queue.ts';
import { tileOf } from './tile.ts';
import {
  checkFormatLimit,
  planTarget,
  resolveFormat,
  selectModels,
  type ModelChoice,
  type TargetPlan,
} from './target.ts';

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
    const folder = await realFolder(dirname(path.value));
    // A link below the folder for results may lead back to the photos.
    if (namer.isPhoto(join(folder, basename(path.value)))) return outputIsSource(path.value);
    const writable = await checkWritable(folder);
    if (!writable.ok) return writable;
    if (settings.existing !== 'overwrite' && (await exists(path.value))) return existing(settings, path.value);
    const mayOverwrite = settings.existing === 'overwrite';
    const output = { path: path.value, format, quality: settings.quality, mayOverwrite, widthPx, heightPx };
    // Whether its strips will be encoded one by one is known once a worker has opened it.
    return success<Assignment>({ info, spec, output, spoolBytes: spoolBytes(info, target.model.scale, format) });
  };
}

/** What becomes of one photo, but for its name. */
export interface PhotoPlan {
  readonly target: TargetPlan;
  readonly spec: EnhanceSpec;
  readonly format: ReturnType<typeof resolveFormat>;
  /** Of a JPEG whose strips are encoded one by one, which takes less disk; in the window on Linux none is. */
  readonly stripQuality?: number;
  /** What its temporary files then take on disk at most. */
  readonly spoolBytes: number;
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
  const spec = specOf(settings, target.value.model);
  const { scale } = target.value.model;
  const inStrips = encodesInStrips({ format, output: target.value, image: info, scale, tiling: spec.tiling });
  const stripQuality = inStrips ? settings.quality : undefined;
  const bytes = spoolBytes(info, scale, format, stripQuality);
  return success({ target: target.value, format, spec, ...(stripQuality && { stripQuality }), spoolBytes: bytes });
}

/** The part of the settings that decides pixels. */
export function specOf(settings: EnhanceSettings, model: Pick<ModelChoice, 'id' | 'haloPx'>): EnhanceSpec {
  const { precision, tiling, border, haloPx } = settings;
  return { modelId: model.id, precision, tiling, tilePx: tileOf(settings, model), haloPx, border };
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

/**
 * Whether files can be made in a folder, or the folder itself where it is not there yet: told before a photo is worked
 * on, and not after.
 */
export async function checkWritable(folder: string): Promise<Result<void, Failure<'not-writable'>>> {
  const kind = await kindAt(folder);
  if (!kind.ok && dirname(folder) !== folder) return checkWritable(dirname(folder));
  if (kind.ok && kind.value !== 'folder') {
    return failure('not-writable', 'A file stands where the folder for the results should be. Choose another.', {
      path: folder,
    });
  }
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => success(undefined),
    (error: unknown) =>
      failure('not-writable', 'The folder for the results cannot be written to. Choose another.', {
        path: folder,
        cause: error instanceof Error ? error.message : String(error),
      }),
  );
}
