/**
 * Where choosing by hand begins: at what was automatic, as far as that may be chosen. What a machine comes to by itself
 * may be less than a person may ask for.
 */
export function firstOwnValue(automatic: number, minimum: number, maximum: number): number {
  return Math.min(maximum, Math.max(minimum, automatic));
}
