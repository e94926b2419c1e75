import type {
  EventName,
  EventPayload,
  InvokeAnswer,
  InvokeName,
  InvokePayload,
} from '../../preload/contract/channels.ts';
import type { ContractError, Outcome } from '../../preload/contract/errors.ts';

/** A payload, or nothing where a channel takes none. */
export type PayloadOf<N extends InvokeName> =
  InvokePayload<N> extends undefined ? readonly [] : readonly [payload: InvokePayload<N>];

/** All that the window can ask of the rest of the app. */
export interface Api {
  /** Asks the main process. Rejects with a `RefusedError` where it will not answer; expected failures are answers. */
  ask<N extends InvokeName>(name: N, ...payload: PayloadOf<N>): Promise<InvokeAnswer<N>>;
  listen<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void;
  /** The paths of dropped files. */
  pathsOf(files: readonly File[]): readonly string[];
  /** Where a thumbnail is. */
  thumbnailUrl(token: string): string;
  /** Where one tile of a picture is. */
  tileUrl(token: string, level: number, column: number, row: number): string;
}

/** The main process would not answer; carries its code. */
export class RefusedError extends Error {
  readonly code: string;
  readonly details: ContractError['details'];

  constructor(error: ContractError) {
    super(error.message);
    this.name = 'RefusedError';
    this.code = error.code;
    this.details = error.details;
  }
}

/** An answer, or why there is none: whoever waits for a refused one must not wait for ever. */
export async function outcomeOf<T>(answer: Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await answer;
  } catch (error) {
    return { ok: false, error: toContractError(error) };
  }
}

/** What was caught, with a sentence for people. */
export function toContractError(error: unknown): ContractError {
  const code = error instanceof RefusedError ? error.code : 'refused';
  return { code, message: error instanceof Error ? error.message : 'That did not work.' };
}
