import { SpoolReader, writeSpoolRows } from '../engine/adapters/spool-file.ts';
import { fillStrip, meanPixel, paddedStripBytes, type BorderFill, type PaddedStrip } from '../engine/border.ts';
import { success, type Result } from '../engine/errors.ts';
import { spanLength } from '../engine/geometry.ts';
import { inferStrip } from '../engine/pipeline.ts';
import type { Plan, Strip } from '../engine/plan.ts';
import type { PlaneFormat } from '../engine/ports.ts';
import { averageOverlaps, keepInterior, outputStripBytes } from '../engine/tiles.ts';
import { nowMs, type Desk } from './desk.ts';
import { resultFormat } from './open-task.ts';
import type { OpenPhoto, PlaneFiles, StageTime, TaskOf, TaskValues } from './protocol.ts';

/** Infers one strip of an opened photo and writes it to its place in the result's spool files. */
export async function inferPhotoStrip(
  desk: Desk,
  task: TaskOf<'infer'>,
  signal: AbortSignal,
  onTile: () => void,
): Promise<Result<TaskValues['infer']>> {
  const { photo } = task;
  const planned = desk.planOf(photo);
  if (!planned.ok) return planned;
  const plan = planned.value;
  const strip = plan.strips[task.stripIndex];
  if (strip === undefined) throw new Error(`Strip ${task.stripIndex} is not in the plan.`);
  const stages: StageTime[] = [];
  const waitedFrom = nowMs();
  const region = await desk.outputs.acquire();
  try {
    const inferred = await desk.inference.run(() => {
      stages.push({ stage: 'wait', startMs: waitedFrom, endMs: nowMs() });
      return inferPlanes(desk, photo, plan, strip, region, signal, onTile);
    });
    if (!inferred.ok) return inferred;
    stages.push(inferred.value.stage);
    const startMs = nowMs();
    for (const [index, plane] of photo.planes.entries()) {
      const firstRow = strip.rows.start * photo.scale;
      await writeSpoolRows(plane.resultPath, resultFormat(photo, plane), firstRow, inferred.value.outputs[index]!);
    }
    stages.push({ stage: 'write', startMs, endMs: nowMs() });
    const tiles = strip.tileRows.length * plan.tileColumns.length * photo.planes.length;
    return success({ precision: inferred.value.precision, tiles, stages });
  } finally {
    desk.outputs.release(region);
  }
}

interface InferredStrip {
  readonly outputs: readonly Uint8Array[];
  readonly precision: TaskValues['infer']['precision'];
  readonly stage: StageTime;
}

async function inferPlanes(
  desk: Desk,
  photo: OpenPhoto,
  plan: Plan,
  strip: Strip,
  region: 'output0' | 'output1',
  signal: AbortSignal,
  onTile: () => void,
): Promise<Result<InferredStrip>> {
  const startMs = nowMs();
  const sizes = photo.planes.map((plane) => outputStripBytes(plan, strip, plane.channels * plane.bytesPerSample));
  const whole = desk.arena.view(
    region,
    sizes.reduce((sum, bytes) => sum + bytes, 0),
  );
  if (!whole.ok) return whole;
  const outputs: Uint8Array[] = [];
  let precision: InferredStrip['precision'] = photo.spec.precision;
  let at = 0;
  for (const [index, plane] of photo.planes.entries()) {
    const output = whole.value.subarray(at, at + sizes[index]!);
    at += sizes[index]!;
    const done = await inferPlane(desk, photo, plan, strip, plane, output, signal, onTile);
    if (!done.ok) return done;
    precision = done.value;
    outputs.push(output);
  }
  return success({ outputs, precision, stage: { stage: 'infer', startMs, endMs: nowMs() } });
}

async function inferPlane(
  desk: Desk,
  photo: OpenPhoto,
  plan: Plan,
  strip: Strip,
  plane: PlaneFiles,
  output: Uint8Array,
  signal: AbortSignal,
  onTile: () => void,
): Promise<Result<InferredStrip['precision']>> {
  const found = await desk.models.model(photo.spec, plane, photo.haloPx);
  if (!found.ok) return found;
  const { model, precision } = found.value;
  const bytesPerPixel = plane.channels * plane.bytesPerSample;
  const tileInput = desk.arena.view('tileInput', plan.tile.heightPx * plan.tile.widthPx * bytesPerPixel);
  if (!tileInput.ok) return tileInput;
  const grown = (px: number): number => (px - 2 * model.marginPx) * plan.scale;
  const tileBytes = grown(plan.tile.heightPx) * grown(plan.tile.widthPx) * bytesPerPixel;
  const tileOutput = desk.arena.view('tileOutput', tileBytes);
  if (!tileOutput.ok) return tileOutput;
  const source = readSource(desk, photo, plan, strip, plane);
  if (!source.ok) return source;
  const result = { bytes: output, bytesPerPixel, rows: strip.rows };
  const ran = await inferStrip(
    {
      plan,
      strip,
      source: source.value,
      model: model.bind(plan.tile, tileInput.value, tileOutput.value),
      tileInput: tileInput.value,
      tileOutput: tileOutput.value,
      sink:
        plan.tiling === 'average'
          ? averageOverlaps(plan, result, plane.bytesPerSample)
          : keepInterior(plan, model.marginPx, result),
    },
    signal,
    onTile,
  );
  return ran.ok ? success(precision) : ran;
}

function readSource(desk: Desk, photo: OpenPhoto, plan: Plan, strip: Strip, plane: PlaneFiles): Result<PaddedStrip> {
  const bytesPerPixel = plane.channels * plane.bytesPerSample;
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
  // The plain tiling of the source paper fills its ragged windows with zeros.
  if (photo.spec.tiling === 'plain') {
    return { kind: 'constant', pixel: new Uint8Array(plane.channels * plane.bytesPerSample) };
  }
  if (photo.spec.border === 'mean') {
    return { kind: 'constant', pixel: meanPixel(plane.channels, plane.bytesPerSample) };
  }
  return { kind: photo.spec.border };
}
