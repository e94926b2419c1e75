/** The folder for spool files, which may hold gigabytes: on disk, one a process, gone when its process is. */
import { constants } from 'node:fs';
import { access, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** What Linux calls a file system that lives in memory. */
const TMPFS_MAGIC = 0x01021994;

/**
 * Where temporary files go: the system's folder, unless that lives in memory, where a large photo's gigabytes must not
 * go; then `/var/tmp`, where it can be written to.
 */
export async function scratchBase(): Promise<string> {
  const folder = tmpdir();
  if (process.env['TMPDIR'] !== undefined || process.platform !== 'linux') return folder;
  const { type } = await statfs(folder);
  if (type !== TMPFS_MAGIC) return folder;
  const onDisk = '/var/tmp';
  return access(onDisk, constants.W_OK).then(
    () => onDisk,
    () => folder,
  );
}

/** Makes this process's folder, and removes those of processes that ended without doing so. */
export async function makeScratchFolder(base: string): Promise<string> {
  // Process numbers mean something on one machine only, and several may share a folder.
  const prefix = `tessera-spool-${hostname()}-`;
  for (const name of await readdir(base)) {
    const owner = name.startsWith(prefix) ? /^\d+/.exec(name.slice(prefix.length))?.[0] : undefined;
    if (owner !== undefined && !isAlive(Number(owner))) {
      // Another user's folder, or one that is being removed already, is not ours to worry about.
      await rm(join(base, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
  return mkdtemp(join(base, `${prefix}${process.pid}-`));
}

/** Makes this process's folder for as long as something is done with it. */
export async function withScratchFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await makeScratchFolder(await scratchBase());
  try {
    return await use(folder);
  } finally {
    // On Windows a file cannot be removed before the worker that had it open is gone altogether.
    // What stays for all that is swept by the next start; it must not take the place of what was found.
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }).catch(() => undefined);
  }
}

/** Whether a process of this machine is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user cannot be asked, but is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
