/**
 * Expected failures are values: a code that programs match on and a sentence that tells a person what to do.
 * Bugs throw.
 */
export interface Failure<Code extends string = string> {
  readonly code: Code;
  /** One or two sentences in plain words: what happened and what to do. */
  readonly message: string;
  /** Numbers, paths and the like; serialisable. */
  readonly details?: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** Either a value or the reason why there is none. */
export type Result<T, F extends Failure = Failure> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: F };

/** Wraps a value as a success. */
export function success<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** Builds a failure from its code, its sentence and optional details. */
export function failure<Code extends string>(
  code: Code,
  message: string,
  details?: Failure['details'],
): { readonly ok: false; readonly error: Failure<Code> } {
  return { ok: false, error: details === undefined ? { code, message } : { code, message, details } };
}

/** Marks code that a discriminated union makes unreachable. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
