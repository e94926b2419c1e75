import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Assignment } from '../../main/jobs/job.ts';
import { Roster } from '../../main/jobs/roster.ts';
import { removeStrayParts } from '../../main/jobs/stray-parts.ts';
import { writeClaim } from '../../main/worker/claim.ts';
import type { StorePaths } from '../../main/worker/protocol.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let out: string;
let target: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  out = join(folder.path, 'out');
  target = join(out, 'photo-x4.png');
  mkdirSync(out);
});
afterEach(() => folder[Symbol.asyncDispose]());

/** A photo that is cancelled while a worker stores its result, in the way given. */
async function cancelled(store: (paths: StorePaths) => void, mayOverwrite = false): Promise<void> {
  const roster = new Roster(1, { onJob: () => undefined, onNotice: () => undefined });
  const entry = roster.line({ id: '7', source: '/a.png', state: { kind: 'queued' }, deaths: 0, alone: false });
  roster.hold([entry]);
  const assignment = { output: { path: target, mayOverwrite } } as Assignment;
  store(entry.storePaths(folder.path, assignment));
  roster.settle(entry, { kind: 'cancelled' });
  await roster.release([entry]);
}

/** What a worker does. */
function storeResult({ temporaryPath, claimPath }: StorePaths): void {
  writeFileSync(temporaryPath, 'the result');
  writeClaim(claimPath, temporaryPath);
  rmSync(target, { force: true });
  linkSync(temporaryPath, target);
}

describe('a photo that is cancelled while its result is stored', () => {
  it('leaves neither the result nor a part of it', async () => {
    await cancelled(storeResult);
    expect(readdirSync(out)).toEqual([]);
    expect(readdirSync(folder.path)).toEqual(['out']);
  });

  it('leaves a file that somebody else put there, also of the same size and in place of the result', async () => {
    await cancelled((paths) => {
      storeResult(paths);
      rmSync(paths.temporaryPath);
      rmSync(target);
      writeFileSync(target, 'not result');
      utimesSync(target, 1, 1);
    });
    expect(readFileSync(target, 'utf8')).toBe('not result');
  });

  it('leaves a result that somebody changed since', async () => {
    await cancelled((paths) => {
      storeResult(paths);
      writeFileSync(target, 'retouched.');
      utimesSync(target, 5, 5);
    });
    expect(readFileSync(target, 'utf8')).toBe('retouched.');
  });

  it('leaves one that took another file’s place, since that is gone', async () => {
    writeFileSync(target, 'before');
    await cancelled(storeResult, true);
    expect(readFileSync(target, 'utf8')).toBe('the result');
  });
});

it('clears away what a process that is gone left half written an hour ago, and nothing else', async () => {
  const { pid: gone } = spawnSync(process.execPath, ['--version']);
  const nameOf = (pid: number, host = hostname()): string => `.tessera-spool-${host}-${pid}-aB3xYz-1-2.part`;
  const names = [
    nameOf(gone),
    nameOf(gone).replace('aB3', 'new'),
    nameOf(process.ppid),
    nameOf(gone, 'other'),
    'photo.part',
    '.holiday.part',
  ];
  for (const name of names) {
    writeFileSync(join(out, name), 'part');
    if (!name.includes('new')) utimesSync(join(out, name), 1, 1);
  }
  await removeStrayParts(out);
  expect(readdirSync(out).toSorted()).toEqual(names.slice(1).toSorted());
  await removeStrayParts(join(out, 'no folder'));
});
