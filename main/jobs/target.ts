/** How large a result is to be, which model makes it, and whether its format can hold it. Pure. */
import type { Failure, Result } from '../engine/errors.ts';
import { assertNever, failure, success } from '../engine/errors.ts';
import type { Size } from '../engine/geometry.ts';
import type { OutputFormat } from '../engine/ports.ts';
import { maximumFactor } from '../settings/schema.ts';
import type { FormatChoice, Target } from '../settings/schema.ts';

/** What choosing among models needs to know of one. */
export interface ModelChoice {
  readonly id: string;
  /** How many times larger its result is. */
  readonly scale: number;
  /** What it was trained for, such as `faithful`. */
  readonly training: string;
  /** `S`, `M` or `L`; compared by that order. */
  readonly size: string;
  /** Its receptive field a side. */
  readonly haloPx: number;
}

/** What becomes of one photo's size. */
export interface TargetPlan<M extends ModelChoice = ModelChoice> extends Size {
  readonly model: M;
  /** What the model gives, before it is resized to the size that was asked for. */
  readonly modelSize: Size;
  /** Result ÷ source, along the width. */
  readonly factor: number;
  /** Lanczos after the model: none where its own scale was asked for. */
  readonly resize: 'none' | 'down' | 'up';
  /** Something that the person may not expect of what they asked for. */
  readonly notice?: Failure<'target-beyond-model' | 'target-shrinks'>;
}

const sizeOrder = ['S', 'M', 'L'];
// Half a pixel in a side of a million: factors closer than this give the same size.
const tolerance = 1e-6;

/**
 * The models that a setting means: the one with this id, or all scales of a training in its largest size
 * (`faithful`), or in a named one (`faithful-s`).
 *
 * @returns at least one model, or a `model-unknown` failure that names what there is
 */
export function selectModels<M extends ModelChoice>(reference: string, models: readonly M[]): Result<readonly M[]> {
  const exact = models.filter(({ id }) => id === reference);
  if (exact.length > 0) return success(exact);
  const sized = models.filter(({ training, size }) => `${training}-${size.toLowerCase()}` === reference);
  if (sized.length > 0) return success(sized);
  const trained = models.filter(({ training }) => training === reference);
  const largest = Math.max(...trained.map(({ size }) => sizeOrder.indexOf(size)));
  const best = trained.filter(({ size }) => sizeOrder.indexOf(size) === largest);
  if (best.length > 0) return success(best);
  const known = [...new Set(models.flatMap(({ training, id }) => [training, id]))].join(', ');
  return failure('model-unknown', `There is no model or training "${reference}". There are: ${known}.`);
}

/**
 * Decides a photo's final size and the model that makes it: the nearest scale at or above the factor, then Lanczos down.
 * Beyond the largest scale the rest is enlarged by Lanczos too, with a notice, so that the size is always the one asked
 * for.
 *
 * @param source the photo, upright
 * @param models at least one, of one training and size
 * @returns the plan, or `target-too-large` beyond ×16
 */
export function planTarget<M extends ModelChoice>(
  source: Size,
  target: Target,
  models: readonly M[],
): Result<TargetPlan<M>> {
  const size = finalSize(source, target);
  // A side that rounding moved says less about the factor than the longer one.
  const factor =
    target.kind === 'scale'
      ? target.factor
      : source.widthPx >= source.heightPx
        ? size.widthPx / source.widthPx
        : size.heightPx / source.heightPx;
  if (factor > maximumFactor + tolerance) {
    return failure(
      'target-too-large',
      `This photo of ${text(source)} would have to become ${decimals(factor)} times larger; ${maximumFactor} is the most. ` +
        'Ask for a smaller size.',
      { factor, maximumFactor },
    );
  }
  const model = nearest(models, factor);
  const modelSize = { widthPx: source.widthPx * model.scale, heightPx: source.heightPx * model.scale };
  const notice = noticeOf(factor, model.scale, source, size);
  const plan = { ...size, model, modelSize, factor, resize: resizeOf(size, modelSize) };
  return success(notice === undefined ? plan : { ...plan, notice });
}

/** The result's size in whole pixels, at least one each way; the shape is kept as well as rounding allows. */
export function finalSize({ widthPx, heightPx }: Size, target: Target): Size {
  const scaled = (factor: number): Size => ({ widthPx: side(widthPx * factor), heightPx: side(heightPx * factor) });
  const byWidth = (px: number): Size => ({ widthPx: px, heightPx: side((heightPx * px) / widthPx) });
  const byHeight = (px: number): Size => ({ widthPx: side((widthPx * px) / heightPx), heightPx: px });
  switch (target.kind) {
    case 'scale':
      return scaled(target.factor);
    case 'width':
      return byWidth(target.widthPx);
    case 'height':
      return byHeight(target.heightPx);
    case 'fit':
      return target.widthPx / widthPx <= target.heightPx / heightPx
        ? byWidth(target.widthPx)
        : byHeight(target.heightPx);
    case 'longEdge':
      return widthPx >= heightPx ? byWidth(target.longEdgePx) : byHeight(target.longEdgePx);
    case 'megapixels':
      return scaled(Math.sqrt((target.megapixels * 1e6) / (widthPx * heightPx)));
    default:
      return assertNever(target);
  }
}

/**
 * The format that a result is written in.
 *
 * @param sourceFormat the codec's name for the photo's own format
 */
export function resolveFormat(choice: FormatChoice, sourceFormat: string): OutputFormat {
  if (choice !== 'same') return choice;
  switch (sourceFormat) {
    case 'jpeg':
    case 'png':
    case 'webp':
    case 'tiff':
      return sourceFormat;
    // AVIF is what the codec reads of the HEIF family.
    case 'heif':
    case 'avif':
      return 'avif';
    default:
      return 'png';
  }
}

/**
 * The longest side that each encoder writes, in pixels. JPEG's format could hold 65,535, but libjpeg stops at 65,500;
 * AVIF's could hold 65,536, but libvips stops at 16,384; PNG and TIFF at the signed 32-bit numbers of libpng and
 * libvips.
 */
export const longestSidePx: Readonly<Record<OutputFormat, number>> = {
  jpeg: 65_500,
  png: 2 ** 31 - 1,
  webp: 16_383,
  tiff: 2 ** 31 - 1,
  avif: 16_384,
};

/** Whether a format can hold a result of this size; `format-limit` says what would. */
export function checkFormatLimit(format: OutputFormat, size: Size): Result<void, Failure<'format-limit'>> {
  const longest = Math.max(size.widthPx, size.heightPx);
  const limit = longestSidePx[format];
  if (longest <= limit) return success(undefined);
  const others = (['jpeg', 'png', 'tiff'] as const).filter((other) => longestSidePx[other] >= longest);
  const instead = others.length === 0 ? '' : `the format ${others.join(' or ')}, or `;
  return failure(
    'format-limit',
    `The result would be ${text(size)}, and ${formatNames[format]} holds at most ${limit} pixels a side. ` +
      `Choose ${instead}a smaller size.`,
    { format, limitPx: limit, widthPx: size.widthPx, heightPx: size.heightPx },
  );
}

const formatNames: Readonly<Record<OutputFormat, string>> = {
  jpeg: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  tiff: 'TIFF',
  avif: 'AVIF',
};

function nearest<M extends ModelChoice>(models: readonly M[], factor: number): M {
  const ordered = [...models].sort((a, b) => a.scale - b.scale);
  const model = ordered.find(({ scale }) => scale >= factor - tolerance) ?? ordered.at(-1);
  if (model === undefined) throw new Error('planTarget needs at least one model');
  return model;
}

function noticeOf(factor: number, scale: number, source: Size, size: Size): TargetPlan['notice'] {
  if (factor > scale + tolerance) {
    const message =
      `×${decimals(factor)} is beyond the model's ×${scale}: the rest, ×${decimals(factor / scale)}, is plain Lanczos ` +
      'enlargement, which adds no detail.';
    return { code: 'target-beyond-model', message, details: { factor, scale } };
  }
  if (factor < 1 - tolerance) {
    const message = `This photo of ${text(source)} is larger than the size asked for and becomes smaller: ${text(size)}.`;
    return { code: 'target-shrinks', message, details: { factor } };
  }
  return undefined;
}

function resizeOf(size: Size, modelSize: Size): TargetPlan['resize'] {
  if (size.widthPx === modelSize.widthPx && size.heightPx === modelSize.heightPx) return 'none';
  return size.widthPx > modelSize.widthPx || size.heightPx > modelSize.heightPx ? 'up' : 'down';
}

function side(px: number): number {
  return Math.max(1, Math.round(px));
}

function text({ widthPx, heightPx }: Size): string {
  return `${widthPx} × ${heightPx}`;
}

/** A factor for people: at most two decimals, none that are zero. */
export function decimals(value: number): string {
  return String(Math.round(value * 100) / 100);
}
