import { spawnSync } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeScratchFolder } from '../../main/jobs/scratch.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';

describe('the folder for spool files', () => {
  it('is made anew, after those of processes that are gone were removed, and no others', async () => {
    await using base = await temporaryFolder();
    const { pid: gone } = spawnSync(process.execPath, ['--version']);
    await mkdir(join(base.path, `tessera-spool-${hostname()}-${gone}-abc`, 'deep'), { recursive: true });
    await mkdir(join(base.path, `tessera-spool-${hostname()}-${process.ppid}-def`));
    await mkdir(join(base.path, 'holiday'));
    const made = await makeScratchFolder(base.path);
    expect((await readdir(base.path)).map((name) => join(base.path, name)).sort()).toEqual(
      [join(base.path, 'holiday'), join(base.path, `tessera-spool-${hostname()}-${process.ppid}-def`), made].sort(),
    );
  });
});
