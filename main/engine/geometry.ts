/** A width and a height in pixels. */
export interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A half-open run of rows or columns: `start` is inside, `end` is not. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** ⌈numerator ÷ denominator⌉ for whole numbers. */
export function ceilDivide(numerator: number, denominator: number): number {
  return Math.ceil(numerator / denominator);
}

/** `value`, held between `low` and `high`, both inside. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** How many rows or columns a span holds. */
export function spanLength(span: Span): number {
  return span.end - span.start;
}

/** The part of `span` inside `[0, limit)`. */
export function clipSpan(span: Span, limit: number): Span {
  const start = clamp(span.start, 0, limit);
  return { start, end: clamp(span.end, start, limit) };
}

/**
 * Where an index outside `[0, length)` falls when the line is mirrored about its end samples, which are not repeated:
 * −1 ↦ 1, length ↦ length − 2. On a line shorter than the way outside it folds repeatedly, on one sample it stays there.
 */
export function reflectIndex(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const folded = ((index % period) + period) % period;
  return folded < length ? folded : period - folded;
}
