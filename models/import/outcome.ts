/** Why a model of another program cannot be taken over. */
export type ImportFailureCode =
  /** The file is not there or cannot be read. */
  | 'model-unreadable'
  /** Not a `.param` file, or one whose lines contradict each other. */
  | 'model-malformed'
  /** A sound model that does something which is not built here. */
  | 'model-unsupported'
  /** The `.bin` file ends before the last weight. */
  | 'weights-truncated'
  /** The `.bin` file goes on after the last weight: it belongs to another `.param` file. */
  | 'weights-surplus'
  /** Weights in a packing other than float16 and float32. */
  | 'weights-packed'
  /** Not a number, or an infinite one. */
  | 'weights-not-finite'
  /** A file is not the one that was imported. */
  | 'weights-changed'
  /** The folder of imported models cannot be written to. */
  | 'models-unwritable';

/** An expected failure of an import: `code` is for programs, `message` for people. */
export interface ImportFailure {
  readonly code: ImportFailureCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** A value, or the reason why there is none. */
export type Imported<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ImportFailure };

/** Wraps a value. */
export function imported<T>(value: T): Imported<T> {
  return { ok: true, value };
}

/** Builds a failure; its sentences say what was found and what to do. */
export function refused(
  code: ImportFailureCode,
  message: string,
  details?: ImportFailure['details'],
): { readonly ok: false; readonly error: ImportFailure } {
  return { ok: false, error: details === undefined ? { code, message } : { code, message, details } };
}
