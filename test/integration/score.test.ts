import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../main/command/options.ts';
import { linesOf, tessera, type Ended } from '../helpers/command-line.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';
import { lumaOf, niqeOf } from '../helpers/niqe.ts';

const sample = (name: string): string => fileURLToPath(new URL(`../../resources/samples/${name}`, import.meta.url));

interface Line {
  readonly kind: string;
  readonly path: string;
  readonly niqe: number;
  readonly blocks: number;
  readonly psnrDb: number | null;
  readonly ssim: number;
  readonly failure: { readonly code: string };
}

/** Runs `tessera score` with temporary files in a folder of its own. */
function score(home: string, ...args: readonly string[]): Promise<Ended> {
  return tessera(['score', ...args], { home });
}

describe('tessera score', () => {
  it('gives what the picture in memory gives, in colour, grey and 16 bits, and leaves no file behind', async () => {
    await using folder = await temporaryFolder();
    const names = ['friends.jpg', 'mountains.jpg', 'sunset.png'];
    const ended = await score(folder.path, ...names.map(sample), '--json');
    expect(ended.stderr).toBe('');
    expect(ended.exitCode).toBe(0);
    for (const [at, line] of linesOf<Line>(ended).entries()) {
      expect(line).toMatchObject({ kind: 'picture-scored', path: sample(names[at]!) });
      expect(line.niqe).toBeCloseTo(niqeOf(await lumaOf(sharp(sample(names[at]!)))).niqe, 9);
    }
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('adds PSNR and SSIM where there is a reference, and says when pictures are equal', async () => {
    await using folder = await temporaryFolder();
    const photo = sample('friends.jpg');
    const worse = join(folder.path, 'worse.jpg');
    await sharp(photo).jpeg({ quality: 30 }).toFile(worse);
    const ended = await score(join(folder.path, 'tmp'), worse, photo, '--against', photo, '--json');
    const [first, second] = linesOf<Line>(ended);
    expect(first!.psnrDb).toBeGreaterThan(25);
    expect(first!.psnrDb).toBeLessThan(40);
    expect(first!.ssim).toBeLessThan(0.97);
    expect(second).toMatchObject({ psnrDb: null, ssim: 1 });
  });

  it('prints a table whose numbers are aligned', async () => {
    await using folder = await temporaryFolder();
    const ended = await score(
      folder.path,
      sample('friends.jpg'),
      sample('sunset.png'),
      '--against',
      sample('friends.jpg'),
    );
    // The reference has another size than the second.
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain('sizes-differ');
    const [head, row] = ended.stdout.split('\n');
    expect(head).toMatch(/^picture +size +NIQE +PSNR +SSIM$/);
    expect(row).toMatch(/friends\.jpg +480 × 640 +\d+\.\d\d +equal +1\.0000$/);
    expect(row).toHaveLength(head!.length);
  });

  it('names each file that it cannot measure, with a code, and measures the others', async () => {
    await using folder = await temporaryFolder();
    const path = (name: string): string => join(folder.path, name);
    await writeFile(path('notes.jpg'), 'no picture');
    await sharp(sample('friends.jpg')).resize(191, 300, { fit: 'fill' }).toFile(path('small.png'));
    await sharp({ create: { width: 300, height: 300, channels: 3, background: '#88aacc' } }).toFile(path('sky.png'));
    const inputs = [path('none.jpg'), path('notes.jpg'), path('small.png'), path('sky.png'), sample('friends.jpg')];
    const ended = await score(path('tmp'), ...inputs, '--json');
    expect(ended.exitCode).toBe(1);
    expect(linesOf<Line>(ended).map(({ kind, failure }) => (kind === 'picture-failed' ? failure.code : kind))).toEqual([
      'input-missing',
      'not-an-image',
      'too-small',
      'too-flat',
      'picture-scored',
    ]);
    expect(await readdir(path('tmp'))).toEqual([]);
  });

  it('ends with 130 when it is interrupted, in the middle of a picture, and leaves no file behind', async () => {
    await using folder = await temporaryFolder();
    const large = join(folder.path, 'large.jpg');
    await sharp(sample('friends.jpg')).resize(6000, 8000).toFile(large);
    const temporary = join(folder.path, 'tmp');
    const ended = await tessera(['score', sample('friends.jpg'), large, '--json'], {
      home: temporary,
      // The first is through, the second is being decoded or measured.
      interruptAt: 'picture-scored',
      interruptDelayMs: 500,
    });
    expect(ended.exitCode).toBe(130);
    expect(linesOf<Line>(ended).map(({ kind }) => kind)).toEqual(['picture-scored', 'interrupted']);
    expect(await readdir(temporary)).toEqual([]);
  });

  it('cannot be carried out without pictures', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, 'empty'));
    expect(await score(join(folder.path, 'tmp'), join(folder.path, 'empty'))).toMatchObject({ exitCode: 2 });
    expect(parseCommand(['score'], { version: '1' })).toMatchObject({ ok: false, error: { code: 'usage' } });
    expect(parseCommand(['score', 'a.jpg', '--against', 'b.jpg'], { version: '1' })).toEqual({
      ok: true,
      value: { kind: 'score', inputs: ['a.jpg'], against: 'b.jpg', json: false },
    });
  });
});
