/** Why something did not work: a code for programs, a sentence for people. */
export interface ContractError {
  readonly code: string;
  /** One or two sentences in plain words: what happened and what to do. */
  readonly message: string;
  readonly details?: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** An expected outcome: a value, or the reason why there is none. */
export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ContractError };

/**
 * What every invoke carries back over the wire.
 *
 * A refusal (a stranger's frame, a payload that does not fit, a bug in a handler) is not an outcome: the window's client
 * turns it into a rejection that carries the code.
 */
export type Envelope<T> =
  { readonly kind: 'value'; readonly value: T } | { readonly kind: 'refused'; readonly error: ContractError };

/** The codes of refusals. */
export const refusals = {
  sender: 'sender-refused',
  payload: 'payload-refused',
  handler: 'handler-failed',
} as const;
