import { SpoolReader, writeSpoolRows } from '../engine/adapters/spool-file.ts';
import { fillStrip, meanPixel, paddedStripBytes, type BorderFill, type PaddedStrip } from '../engine/border.ts';
import { success, type Result } from '../engine/errors.ts';
import { spanLength } from '../engine/geometry.ts';
import { inferStrip } from '../engine/pipeline.ts';
import type { Plan, Strip } from '../engine/plan.ts';
import type { PlaneFormat } from '../engine/ports.ts';
import { averageOverlaps, keepInterior, outputStripBytes, type OutputStrip } from '../engine/tiles.ts';
import { nowMs, type Desk } from './desk.ts';
import { resultFormat } from './open-task.ts';
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
  /** The strip's result, a view a plane. */
  readonly outputs: readonly Uint8Array[];
  readonly precision: Precision;
  readonly runMs: number;
}

/** Infers one strip of an opened photo and writes it to its place in the result's spool files. */
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
  const region = await timed(stages, 'wait', () => desk.outputs.acquire());
  try {
    const work = { desk, photo, plan, strip, region, signal, onTile };
    const inferred = await desk.inference.run(() => timed(stages, 'infer', () => inferPlanes(work)));
    if (!inferred.ok) return inferred;
    await timed(stages, 'write', () => writeResult(work, inferred.value.outputs));
    const tiles = strip.tileRows.length * plan.tileColumns.length * photo.planes.length;
    return success({ precision: inferred.value.precision, runMs: inferred.value.runMs, tiles, stages });
  } finally {
    desk.outputs.release(region);
  }
}

async function timed<T>(stages: StageTime[], stage: StageTime['stage'], work: () => Promise<T>): Promise<T> {
  const startMs = nowMs();
  const value = await work();
  stages.push({ stage, startMs, endMs: nowMs() });
  return value;
}

async function writeResult({ photo, strip }: Work, outputs: readonly Uint8Array[]): Promise<void> {
  const firstRow = strip.rows.start * photo.scale;
  for (const [index, plane] of photo.planes.entries()) {
    await writeSpoolRows(plane.resultPath, resultFormat(photo, plane), firstRow, outputs[index]!);
  }
}

/** One plane after the other: they share the arena's source and tile regions, and lie side by side in the output's. */
async function inferPlanes(work: Work): Promise<Result<Inferred>> {
  const { desk, photo, plan, strip, region } = work;
  const sizes = photo.planes.map((plane) => outputStripBytes(plan, strip, bytesPerPixelOf(plane)));
  const totalBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const whole = desk.arena.view(region, totalBytes);
  if (!whole.ok) return whole;
  const outputs: Uint8Array[] = [];
  let { precision } = photo.spec;
  let runMs = 0;
  let at = 0;
  for (const [index, plane] of photo.planes.entries()) {
    const bytes = whole.value.subarray(at, (at += sizes[index]!));
    const done = await inferPlane(work, plane, { bytes, bytesPerPixel: bytesPerPixelOf(plane), rows: strip.rows });
    if (!done.ok) return done;
    ({ precision } = done.value);
    runMs += done.value.runMs;
    outputs.push(bytes);
  }
  return success({ outputs, precision, runMs });
}

async function inferPlane(
  work: Work,
  plane: PlaneFiles,
  output: OutputStrip,
): Promise<Result<Pick<Inferred, 'precision' | 'runMs'>>> {
  const { desk, photo, plan, strip, signal, onTile } = work;
  const found = await desk.models.model(photo.spec, plane, photo.haloPx);
  if (!found.ok) return found;
  const { model, precision } = found.value;
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
  return ran.ok ? success({ precision, runMs: ran.value }) : ran;
}

function readSource({ desk, photo, plan, strip }: Work, plane: PlaneFiles): Result<PaddedStrip> {
  const bytesPerPixel = bytesPerPixelOf(plane);
  const bytes = desk.arena.view('source', paddedStripBytes(strip.sourceRows, plan.sourceColumns, bytesPerPixel));
  if (!bytes.ok) return bytes;
  const source = {
    bytes: bytes.value,
    strideBytes: spanLength(plan.sourceColumns) * bytesPerPixel,
    bytesPerPixel,
    rows: strip.sourceRows,
    columns: plan.sourceColumns,
  };
  using reader = new SpoolReader(plane.sourcePath, { ...photo.image, bytesPerPixel });
  fillStrip(source, photo.image, fillOf(photo, plane), (rows, into) => {
    reader.readRows(rows, into);
  });
  return success(source);
}

function fillOf(photo: OpenPhoto, plane: PlaneFormat): BorderFill {
  // The plain tiling of the dilated-tiling paper fills its ragged windows with zeros.
  if (photo.spec.tiling === 'plain') return { kind: 'constant', pixel: new Uint8Array(bytesPerPixelOf(plane)) };
  if (photo.spec.border === 'mean') {
    return { kind: 'constant', pixel: meanPixel(plane.channels, plane.bytesPerSample) };
  }
  return { kind: photo.spec.border };
}

function bytesPerPixelOf(plane: PlaneFormat): number {
  return plane.channels * plane.bytesPerSample;
}
