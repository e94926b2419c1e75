import { writeJpegPart } from '../engine/adapters/jpeg-parts.ts';
import { SpoolReader, writeBand } from '../engine/adapters/spool-file.ts';
import { fillStrip, meanPixel, paddedStripBytes, type BorderFill, type PaddedStrip } from '../engine/border.ts';
import { failure, success, type Result } from '../engine/errors.ts';
import { keepFlatAlpha } from '../engine/flat-alpha.ts';
import { spanLength } from '../engine/geometry.ts';
import { inferStrip } from '../engine/pipeline.ts';
import type { Plan, Strip } from '../engine/plan.ts';
import { bytesPerPixel } from '../engine/planes.ts';
import type { PlaneFormat, Provider } from '../engine/ports.ts';
import { averageOverlaps, keepInterior, outputStripBytes, type OutputStrip } from '../engine/tiles.ts';
import { nowMs, type Desk } from './desk.ts';
import type { OpenPhoto, PlaneFiles, Precision, StageTime, TaskOf, TaskValues } from './protocol.ts';

/** What the inference of one strip works with. */
interface Work {
  readonly desk: Desk;
  readonly photo: OpenPhoto;
  readonly plan: Plan;
  readonly strip: Strip;
  readonly region: 'output0' | 'output1';
  readonly signal: AbortSignal;
  readonly onTile: () => void;
}

interface Inferred {
  /** The strip's result, all planes. */
  readonly output: Uint8Array;
  readonly provider: Provider;
  readonly precision: Precision;
  readonly runMs: number;
}

const CANCELLED: Result<never> = failure('cancelled', 'Cancelled.');

/** Infers one strip of an opened photo and writes it: as a band of the result, or as a part of a JPEG. */
export async function inferPhotoStrip(
  desk: Desk,
  { photo, stripIndex }: TaskOf<'infer'>,
  signal: AbortSignal,
  onTile: () => void,
): Promise<Result<TaskValues['infer']>> {
  const planned = desk.planOf(photo);
  if (!planned.ok) return planned;
  const plan = planned.value;
  const strip = plan.strips[stripIndex];
  if (strip === undefined) throw new Error(`Strip ${stripIndex} is not in the plan.`);
  const stages: StageTime[] = [];
  const region = await timed(stages, 'wait', () => desk.outputs.acquire(signal));
  if (region === undefined) return CANCELLED;
  try {
    const work = { desk, photo, plan, strip, region, signal, onTile };
    const inferred = await desk.inference.run(() => timed(stages, 'infer', () => inferPlanes(work)), {
      signal,
      value: CANCELLED,
    });
    if (!inferred.ok) return inferred;
    const stage = photo.jpeg === undefined ? 'write' : 'encode';
    const written = await timed(stages, stage, () => writeResult(work, inferred.value.output));
    if (!written.ok) return written;
    const tiles = strip.tileRows.length * plan.tileColumns.length * photo.planes.length;
    const { provider, precision, runMs } = inferred.value;
    return success({ provider, precision, runMs, tiles, stages });
  } finally {
    desk.outputs.release(region);
  }
}

async function timed<T>(stages: StageTime[], stage: StageTime['stage'], work: () => Promise<T>): Promise<T> {
  const startMs = nowMs();
  const value = await work();
  stages.push({ stage, worker: process.pid, startMs, endMs: nowMs() });
  return value;
}

/** Stores a strip's result: as a part of a JPEG, or uncompressed. */
async function writeResult({ photo, strip }: Work, output: Uint8Array): Promise<Result<void>> {
  const { image, scale, planes, bandPaths, info, jpeg } = photo;
  const plane = planes[0]!;
  const path = bandPaths[strip.index]!;
  const source = { path: plane.sourcePath, format: { ...image, bytesPerPixel: bytesPerPixel([plane]) } };
  const large = { widthPx: image.widthPx * scale, heightPx: image.heightPx * scale };
  const rows = { start: strip.rows.start * scale, end: strip.rows.end * scale };
  if (jpeg !== undefined) return writeJpegPart({ ...large, jpeg, info, source, plane }, rows, output, path);
  const band = {
    path,
    widthPx: large.widthPx,
    heightPx: spanLength(rows),
    topPx: rows.start,
    result: { heightPx: large.heightPx, path: bandPaths[0]! },
    channels: planes.reduce((sum, { channels }) => sum + channels, 0),
    carriesMetadata: strip.index === 0,
  };
  await writeBand(source, band, output);
  return success(undefined);
}

/** One plane after the other: they share the arena's source and tile regions, and are interleaved in the output's. */
async function inferPlanes(work: Work): Promise<Result<Inferred>> {
  const { desk, photo, plan, strip, region } = work;
  const pixelStrideBytes = bytesPerPixel(photo.planes);
  const output = desk.arena.view(region, outputStripBytes(plan, strip, pixelStrideBytes));
  if (!output.ok) return output;
  let { precision } = photo.spec;
  let { provider } = desk.config;
  let runMs = 0;
  let offsetBytes = 0;
  for (const plane of photo.planes) {
    const own = bytesPerPixel([plane]);
    const place = { bytes: output.value, bytesPerPixel: own, pixelStrideBytes, offsetBytes, rows: strip.rows };
    const done = await inferPlane(work, plane, place);
    if (!done.ok) return done;
    ({ provider, precision } = done.value);
    runMs += done.value.runMs;
    offsetBytes += own;
  }
  return success({ output: output.value, provider, precision, runMs });
}

async function inferPlane(
  work: Work,
  plane: PlaneFiles,
  output: OutputStrip,
): Promise<Result<Omit<Inferred, 'output'>>> {
  const { desk, photo, plan, strip, signal, onTile } = work;
  const found = await desk.models.model(photo.spec, plane, photo.haloPx);
  if (!found.ok) return found;
  const { model, provider, precision } = found.value;
  const tile = desk.bindTile(model, plan.tile);
  if (!tile.ok) return tile;
  const warm = await desk.warm(model, tile.value);
  if (!warm.ok) return warm;
  const source = readSource(work, plane);
  if (!source.ok) return source;
  const sink =
    plan.tiling === 'average'
      ? averageOverlaps(plan, output, plane.bytesPerSample)
      : keepInterior(plan, model.marginPx, output);
  const ran = await inferStrip(
    {
      plan,
      strip,
      source: source.value,
      model: tile.value.bound,
      tileInput: tile.value.input,
      tileOutput: tile.value.output,
      sink,
      now: nowMs,
    },
    signal,
    onTile,
  );
  if (ran.ok) {
    if (plane.content === 'alpha') keepFlatAlpha(plan, source.value, output, plane.bytesPerSample);
    return success({ provider, precision, runMs: ran.value });
  }
  const isModel = ran.error.code === 'inference-failed' || ran.error.code === 'out-of-memory';
  if (!isModel || !(await desk.models.leaveDevice(photo.spec.modelId, ran.error))) return ran;
  return failure('device-left', 'The device failed on this photo. Try again: the processor goes on.', {
    reason: ran.error.message,
  });
}

function readSource({ desk, photo, plan, strip }: Work, plane: PlaneFiles): Result<PaddedStrip> {
  const pixelBytes = bytesPerPixel([plane]);
  const bytes = desk.arena.view('source', paddedStripBytes(strip.sourceRows, plan.sourceColumns, pixelBytes));
  if (!bytes.ok) return bytes;
  const source = {
    bytes: bytes.value,
    strideBytes: spanLength(plan.sourceColumns) * pixelBytes,
    bytesPerPixel: pixelBytes,
    rows: strip.sourceRows,
    columns: plan.sourceColumns,
  };
  const reader = new SpoolReader(plane.sourcePath, { ...photo.image, bytesPerPixel: pixelBytes });
  try {
    fillStrip(source, photo.image, fillOf(photo, plane), (rows, into) => {
      reader.readRows(rows, into);
    });
  } finally {
    reader.close();
  }
  return success(source);
}

function fillOf(photo: OpenPhoto, plane: PlaneFormat): BorderFill {
  // The plain tiling of the dilated-tiling paper fills its ragged windows with zeros.
  if (photo.spec.tiling === 'plain') return { kind: 'constant', pixel: new Uint8Array(bytesPerPixel([plane])) };
  if (photo.spec.border === 'mean') {
    return { kind: 'constant', pixel: meanPixel(plane.channels, plane.bytesPerSample) };
  }
  return { kind: photo.spec.border };
}
