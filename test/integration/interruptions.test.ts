import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { environmentIn, launcher, startTessera, tessera, type RunningTessera } from '../helpers/command-line.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';
import { writePicture } from '../helpers/photos.ts';
import { compactBin, compactParam, randomCompact } from '../helpers/reference-ncnn.ts';

const model = ['--model', 'quicksrnet-s-x4'];
/** Far longer than the test waits. */
const longBench = ['bench', ...model, '--photos', '2', '--photo-megapixels', '0.05', '--runs', '1000'];

/** Temporary folders of the program. */
async function scratchIn(home: string): Promise<string[]> {
  return (await readdir(home)).filter((name) => name.startsWith('tessera'));
}

/** Settles once a command line has begun its work, or has ended without. */
async function untilScratch(home: string, { ended }: RunningTessera): Promise<void> {
  const over = ended.then(() => true);
  while ((await scratchIn(home)).length === 0) {
    if (await Promise.race([over, setTimeout(5, false)])) return;
  }
}

describe('an interruption', () => {
  it.each([
    ['between its photos and its figures', longBench, 'ratio'],
    ['in the paper’s table', ['bench', '--paper', ...model, '--photos', '1', '--runs', '1'], 'ms an image'],
  ])('ends a benchmark, %s, with 130 and a sentence, and leaves no file behind', async (_, args, interruptAt) => {
    await using home = await temporaryFolder();
    const ended = await tessera(args, { home: home.path, interruptAt });
    expect(ended).toMatchObject({ exitCode: 130, stdout: '' });
    expect(ended.stderr).toMatch(/^Interrupted: nothing was changed\.\n$/m);
    expect(ended.endedAfterMs).toBeLessThan(5_000);
    expect(await scratchIn(home.path)).toEqual([]);
  });

  it.each([
    ['bench', longBench],
    ['bench --profile', ['bench', '--profile', ...model, '--photos', '50', '--photo-megapixels', '1']],
    ['tune', ['tune', ...model]],
    ['devices', ['devices', ...model]],
  ])('by SIGTERM ends %s as soon as it has begun, and leaves no file behind', async (_, args) => {
    await using home = await temporaryFolder();
    const running = await startTessera(args, { home: home.path });
    await untilScratch(home.path, running);
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ exitCode: 130, stderr: 'Interrupted: nothing was changed.\n' });
    expect(await scratchIn(home.path)).toEqual([]);
  });

  it('leaves the file for the trace as it was', async () => {
    await using home = await temporaryFolder();
    const kept = join(home.path, 'kept.json');
    await writeFile(kept, 'of yesterday');
    for (const trace of [kept, join(home.path, 'new.json')]) {
      const running = await startTessera(['bench', ...model, '--trace', trace], { home: home.path });
      await untilScratch(home.path, running);
      running.kill('SIGTERM');
      expect(await running.ended).toMatchObject({ exitCode: 130 });
    }
    expect(await readFile(kept, 'utf8')).toBe('of yesterday');
    expect(await readdir(home.path)).toEqual(['kept.json']);
  });

  it('of an import takes no model over, and leaves no file behind', async () => {
    await using home = await temporaryFolder();
    const compact = randomCompact({ scale: 2, channels: 6, seed: 5, half: true, residual: true, enlarged: true });
    const path = join(home.path, 'small.param');
    await writeFile(path, compactParam(compact));
    await writeFile(path.replace('.param', '.bin'), compactBin(compact));
    const running = await startTessera(['import', path], { home: home.path });
    await untilScratch(home.path, running);
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ exitCode: 130, stdout: '' });
    expect(await scratchIn(home.path)).toEqual([]);
    expect((await tessera(['models'], { home: home.path })).stdout).not.toContain('small');
  });

  it('that no program survives leaves a folder, which the next run removes', async () => {
    await using home = await temporaryFolder();
    const running = await startTessera(longBench, { home: home.path });
    await untilScratch(home.path, running);
    running.kill('SIGKILL');
    expect(await running.ended).toMatchObject({ exitCode: null });
    expect(await scratchIn(home.path)).toHaveLength(1);
    await tessera(['score', home.path], { home: home.path });
    expect(await scratchIn(home.path)).toEqual([]);
  });
});

/** Runs a command line whose standard output is a pipe to `reader`; the shell tells how it ended. */
async function piped(home: string, args: readonly string[], reader: string): Promise<string> {
  const script = `{ "$@"; echo "ended with $?" >&2; } | ${reader}`;
  const shell = spawn('sh', ['-c', script, 'sh', process.execPath, launcher, ...args], {
    env: environmentIn(home),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // All of them: the shell alone would leave the program to itself.
  onTestFinished(() => {
    if (shell.exitCode === null) process.kill(-shell.pid!, 'SIGKILL');
  });
  const [stderr] = await Promise.all([text(shell.stderr), once(shell, 'close')]);
  return stderr;
}

describe.skipIf(process.platform === 'win32')('a pipe whose reader has read enough', () => {
  it('is no error', async () => {
    await using home = await temporaryFolder();
    expect(await piped(home.path, ['models'], 'true')).toBe('ended with 0\n');
    expect(await piped(home.path, ['enhance', '--help'], 'true')).toBe('ended with 0\n');
  });

  it('ends what works for it alone, in order', async () => {
    await using home = await temporaryFolder();
    expect(await piped(home.path, ['tune', ...model, '--json'], 'head -1')).toBe('ended with 130\n');
    const photo = await writePicture(home.path, 'large.png', { widthPx: 1500, heightPx: 1500 });
    const args = ['enhance', photo, '--out', join(home.path, 'out'), '--json'];
    expect(await piped(home.path, args, 'head -1')).toBe('ended with 130\n');
    expect(await scratchIn(home.path)).toEqual([]);
  });
});
