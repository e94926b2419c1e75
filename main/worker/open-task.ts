import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { bleedSpool, type SpooledSource } from '../engine/adapters/spool-file.ts';
import { checkEncoder } from '../engine/adapters/codec-limits.ts';
import { takesRows } from '../engine/adapters/jpeg-parts.ts';
import { decodePlane } from '../engine/adapters/sharp-codec.ts';
import { cutPhoto, planOf, type Cut, type CutRequest } from '../engine/cut.ts';
import { failure, success, type Result } from '../engine/errors.ts';
import { encodesInStrips, intervalOf, rowUnitFor } from '../engine/jpeg-strips.ts';
import { haloOf } from '../engine/plan.ts';
import { bytesPerPixel, planesOf } from '../engine/planes.ts';
import { sourceSpoolBytes, spoolBytes } from '../engine/spool-need.ts';
import { nowMs, type Desk } from './desk.ts';
import type { OpenPhoto, PlaneFiles, TaskOf, TaskValues } from './protocol.ts';

/**
 * Decodes a photo into spool files and plans it.
 *
 * Quick calls are synchronous: each asynchronous step would wait for the tile that is being inferred.
 */
export async function openPhoto(
  desk: Desk,
  task: TaskOf<'open'>,
  signal: AbortSignal,
): Promise<Result<TaskValues['open']>> {
  const planes = planesOf(task.info, task.outputFormat).map((format, index): PlaneFiles => {
    const stem = join(task.scratchFolder, `${task.photoId}-${index}`);
    return { ...format, sourcePath: `${stem}-source.v` };
  });
  const opened = describe(desk, task, planes);
  if (!opened.ok) return opened;
  const encodes =
    task.output === undefined ? undefined : checkEncoder(task.outputFormat, task.output, planes.length > 1);
  if (encodes?.ok === false) return encodes;
  const neededBytes = neededFor(task, opened.value);
  const room = checkRoom(task, neededBytes);
  if (!room.ok) return room;
  const startMs = nowMs();
  for (const plane of planes) {
    if (signal.aborted) return failure('cancelled', 'Cancelled.');
    const decoded = await decodePlane(task.source, task.info, plane, plane.sourcePath);
    if (!decoded.ok) return decoded;
  }
  await bleed(opened.value);
  const stages = [{ stage: 'decode', worker: process.pid, startMs, endMs: nowMs() }] as const;
  return success({ photo: opened.value, spoolBytes: neededBytes, stages });
}

/** Of a photo without a result, only spots will be cut. */
function neededFor({ info, outputFormat, output }: TaskOf<'open'>, { scale, jpeg }: OpenPhoto): number {
  if (output === undefined) return sourceSpoolBytes(info, outputFormat);
  return spoolBytes(info, scale, outputFormat, jpeg?.quality);
}

/** Whether the disk has room for the photo's temporary files. */
function checkRoom(task: TaskOf<'open'>, neededBytes: number): Result<void> {
  mkdirSync(task.scratchFolder, { recursive: true });
  const { bavail, bsize } = statfsSync(task.scratchFolder);
  const freeBytes = Math.max(0, bavail * bsize - (task.reservedBytes ?? 0));
  if (neededBytes <= freeBytes) return success(undefined);
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  return failure(
    'disk-space',
    `This photo needs ${gigabytes(neededBytes)} for temporary files, and ${gigabytes(freeBytes)} are free. ` +
      'Free some space, or set TMPDIR to a folder on a larger disk.',
    { neededBytes, freeBytes, scratchFolder: task.scratchFolder },
  );
}

/** Keeps what is hidden under transparency from being drawn into the visible edge. */
async function bleed({ planes, image }: OpenPhoto): Promise<void> {
  const [colour, alpha] = planes;
  if (colour === undefined || alpha === undefined) return;
  const spoolOf = (plane: PlaneFiles): SpooledSource => ({
    path: plane.sourcePath,
    format: { ...image, bytesPerPixel: bytesPerPixel([plane]) },
  });
  await bleedSpool(spoolOf(colour), spoolOf(alpha), colour.bytesPerSample, () => setImmediate());
}

function describe(desk: Desk, task: TaskOf<'open'>, planes: readonly PlaneFiles[]): Result<OpenPhoto> {
  const { photoId, source, info, spec, budget, scratchFolder } = task;
  const traits = desk.models.traits(spec.modelId);
  if (!traits.ok) return traits;
  const image = { widthPx: info.widthPx, heightPx: info.heightPx };
  const haloPx = haloOf(spec, traits.value.haloPx);
  const request = { image, scale: traits.value.scale, spec, haloPx, budget, planes };
  const stem = join(scratchFolder, `${photoId}-band-`);
  const parts = cutForJpeg(task, request, stem);
  if (parts !== undefined) return success({ photoId, source, info, ...parts });
  const cut = cutPhoto(request, (strip) => `${stem}${strip}.v`);
  return cut.ok ? success({ photoId, source, info, ...cut.value }) : cut;
}

type Request = CutRequest & Pick<OpenPhoto, 'spec' | 'planes'>;

/**
 * A photo whose strips are encoded one by one: each is compressed as soon as it is there, and gigabytes need not be
 * stored. Undefined where its result is no such JPEG.
 */
function cutForJpeg(
  { outputFormat: format, output }: TaskOf<'open'>,
  request: Request,
  stem: string,
): (Cut<Request> & Pick<OpenPhoto, 'jpeg'>) | undefined {
  const { image, scale, planes, spec, haloPx } = request;
  if (output === undefined || !takesRows) return undefined;
  if (!encodesInStrips({ format, output, image, scale, tiling: spec.tiling })) return undefined;
  const { channels } = planes[0]!;
  const rowUnitPx = rowUnitFor(image.widthPx, scale, channels, spec.tilePx - 2 * haloPx);
  const cut = cutPhoto({ ...request, rowUnitPx }, (strip) => `${stem}${strip}.jpeg-part`);
  const plan = cut.ok ? planOf(cut.value) : cut;
  if (!cut.ok || !plan.ok) return undefined;
  const rows = plan.value.strips.map((strip) => ({ start: strip.rows.start * scale, end: strip.rows.end * scale }));
  const intervalPx = intervalOf(image.widthPx * scale, channels, rows);
  return intervalPx === undefined ? undefined : { ...cut.value, jpeg: { quality: output.quality, intervalPx } };
}
