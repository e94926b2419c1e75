/**
 * Claims: which file was about to get a result's name, written down before it does. By its claim a result is known
 * again as this batch's own, by the worker that tries once more and by the queue that clears away.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';

/** Writes down that this file is about to get its final name. */
export function writeClaim(claimPath: string, temporaryPath: string): void {
  writeFileSync(claimPath, identityOf(temporaryPath) ?? '');
}

/**
 * Whether the file under a result's name is the very one that was claimed for it, unchanged since.
 *
 * @returns false also where that cannot be told: what is not provably ours is somebody else's
 */
export function isClaimed(path: string, claimPath: string): boolean {
  try {
    const identity = identityOf(path);
    return identity !== undefined && readFileSync(claimPath, 'utf8') === identity;
  } catch {
    return false;
  }
}

/** A file on its disk, as it is now; undefined on network drives that do not number their files. */
function identityOf(path: string): string | undefined {
  const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
  return ino === 0n ? undefined : `${dev}:${ino}:${size}:${mtimeNs}`;
}
