import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { decodePlane, probePhoto } from '../engine/adapters/sharp-codec.ts';
import { SpoolReader } from '../engine/adapters/spool-file.ts';
import { failure, success, type Failure, type Result } from '../engine/errors.ts';
import type { Size, Span } from '../engine/geometry.ts';
import { planesOf } from '../engine/planes.ts';
import type { PhotoInfo, PlaneFormat } from '../engine/ports.ts';
import { LikenessMeter, type Likeness } from '../engine/quality/likeness.ts';
import { readLuma } from '../engine/quality/luma.ts';
import { checkNiqeSize, NiqeMeter, type NiqeScore } from '../engine/quality/niqe.ts';
import { pristineModel } from '../engine/quality/pristine.ts';
import type { TaskOf, TaskValues } from './protocol.ts';

/** A few milliseconds of work. */
const ROWS_BETWEEN_PAUSES = 32;

/**
 * Measures how good a picture looks, and how like its reference it is. It is decoded to an uncompressed file first and
 * then read row by row, so that memory does not grow with it.
 *
 * Samples are taken as they stand in the file, 16 bits as 8, and transparency is left aside.
 *
 * @returns the codec's failures, `too-small`, `too-flat`, or `sizes-differ` where the reference has another size
 */
export async function scorePhoto(task: TaskOf<'score'>, signal: AbortSignal): Promise<Result<TaskValues['score']>> {
  const info = await probePhoto(task.path);
  if (!info.ok) return info;
  const fits = checkNiqeSize(info.value);
  if (!fits.ok) return fits;
  const reference = task.reference === undefined ? undefined : await probeReference(task.reference, info.value);
  if (reference?.ok === false) return reference;
  const photo = new DecodedLuma(info.value, join(task.scratchFolder, 'score-photo.v'));
  const other = reference && new DecodedLuma(reference.value, join(task.scratchFolder, 'score-reference.v'));
  try {
    const decoded = await photo.decode(task.path);
    if (!decoded.ok) return decoded;
    const niqe = await measureNiqe(photo, signal);
    if (!niqe.ok || other === undefined) return niqe.ok ? success({ size: photo.size, ...niqe.value }) : niqe;
    const also = await other.decode(task.reference!);
    if (!also.ok) return ofReference(also.error);
    const likeness = await measureLikeness(photo, other, signal);
    return likeness.ok ? success({ size: photo.size, ...niqe.value, likeness: likeness.value }) : likeness;
  } finally {
    photo.remove();
    other?.remove();
  }
}

async function probeReference(path: string, photo: Size): Promise<Result<PhotoInfo>> {
  const info = await probePhoto(path);
  if (!info.ok) return ofReference(info.error);
  const { widthPx, heightPx } = info.value;
  if (widthPx === photo.widthPx && heightPx === photo.heightPx) return info;
  return failure(
    'sizes-differ',
    `This picture is ${photo.widthPx} × ${photo.heightPx} and the reference ${widthPx} × ${heightPx}. ` +
      'Only pictures of the same size can be compared.',
    { widthPx: photo.widthPx, heightPx: photo.heightPx, referenceWidthPx: widthPx, referenceHeightPx: heightPx },
  );
}

function ofReference({ code, message, details }: Failure): Result<never> {
  return failure(code, `The reference: ${message}`, details);
}

async function measureNiqe(photo: DecodedLuma, signal: AbortSignal): Promise<Result<NiqeScore>> {
  const meter = new NiqeMeter(photo.size);
  for (let blockRow = 0; blockRow < meter.blockRows; blockRow += 1) {
    if (signal.aborted) return failure('cancelled', 'Cancelled.');
    const rows = meter.rowsOf(blockRow);
    const luma = new Uint8Array((rows.end - rows.start) * photo.size.widthPx);
    photo.read(rows, luma);
    meter.add(blockRow, luma);
    await setImmediate();
  }
  return meter.score(pristineModel);
}

async function measureLikeness(one: DecodedLuma, other: DecodedLuma, signal: AbortSignal): Promise<Result<Likeness>> {
  const { widthPx, heightPx } = one.size;
  const meter = new LikenessMeter(one.size);
  const rows = [new Float64Array(widthPx), new Float64Array(widthPx)] as const;
  for (let y = 0; y < heightPx; y += 1) {
    one.read({ start: y, end: y + 1 }, rows[0]);
    other.read({ start: y, end: y + 1 }, rows[1]);
    meter.add(...rows);
    if (y % ROWS_BETWEEN_PAUSES > 0) continue;
    if (signal.aborted) return failure('cancelled', 'Cancelled.');
    await setImmediate();
  }
  return success(meter.likeness());
}

/** A picture's luma, read from a spool file that goes with it. */
class DecodedLuma {
  readonly size: Size;
  readonly #info: PhotoInfo;
  readonly #path: string;
  readonly #plane: PlaneFormat;
  #reader: SpoolReader | undefined;
  #samples = new Uint8Array(0);

  constructor(info: PhotoInfo, path: string) {
    this.size = { widthPx: info.widthPx, heightPx: info.heightPx };
    this.#info = info;
    this.#path = path;
    // JPEG holds the colour alone, in 8 bits: the plane that luma is made of.
    this.#plane = planesOf(info, 'jpeg')[0]!;
  }

  async decode(source: string): Promise<Result<void>> {
    const decoded = await decodePlane(source, this.#info, this.#plane, this.#path);
    if (!decoded.ok) return decoded;
    this.#reader = new SpoolReader(this.#path, { ...this.size, bytesPerPixel: this.#plane.channels });
    return success(undefined);
  }

  /** Luma of some rows, rounded where it is asked for in bytes. */
  read(rows: Span, into: Uint8Array | Float64Array): void {
    const bytes = into.length * this.#plane.channels;
    if (this.#samples.length !== bytes) this.#samples = new Uint8Array(bytes);
    this.#reader!.readRows(rows, this.#samples);
    readLuma(this.#samples, this.#plane.channels, into);
  }

  remove(): void {
    this.#reader?.close();
    rmSync(this.#path, { force: true });
  }
}
