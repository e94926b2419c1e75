import type { Outcome } from '../../preload/contract/errors.ts';
import { toContractError } from '../desktop/job-view.ts';
import type { Result } from '../engine/errors.ts';

/** A result as it crosses to the window. */
export function outcome<T>(result: Result<T>): Outcome<T> {
  return result.ok ? result : { ok: false, error: toContractError(result.error) };
}
