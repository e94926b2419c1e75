import { randomBytes } from 'node:crypto';

/** A name that cannot be guessed, fit for addresses and for files. */
export function newToken(): string {
  return randomBytes(18).toString('base64url');
}
