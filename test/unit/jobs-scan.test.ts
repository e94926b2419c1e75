import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareNames } from '../../main/jobs/photo-files.ts';
import { scan } from '../../main/jobs/scan.ts';
import type { ScanEntry, ScanRequest } from '../../main/jobs/scan.ts';

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tessera-scan-')));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function files(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), '');
  }
}

async function found(request: Partial<ScanRequest> & Pick<ScanRequest, 'inputs'>): Promise<readonly ScanEntry[]> {
  return collect(scan({ recursive: false, cwd: folder, ...request }));
}

async function collect(entries: AsyncIterable<ScanEntry>): Promise<readonly ScanEntry[]> {
  const all: ScanEntry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

const short = (path: string) => relative(folder, path);
/** Photos as `relative folder | path`. */
const photos = (entries: readonly ScanEntry[]) =>
  entries.flatMap((entry) => (entry.kind === 'photo' ? [`${entry.relativeFolder}|${short(entry.path)}`] : []));
const passedOver = (entries: readonly ScanEntry[]) =>
  entries.flatMap((entry) => (entry.kind === 'passed-over' ? [`${entry.reason.code} ${short(entry.path)}`] : []));
const failures = (entries: readonly ScanEntry[]) =>
  entries.flatMap((entry) => (entry.kind === 'failed' ? [`${entry.failure.code} ${short(entry.path)}`] : []));

describe('a scan', () => {
  it('finds the photos of a folder in natural order, whatever the case of their extension', async () => {
    await files('p/10.jpg', 'p/2.JPG', 'p/1.Jpeg', 'p/b.png', 'p/ä.tif', 'p/日本.webp', 'p/z.avif');
    expect(photos(await found({ inputs: ['p'] }))).toEqual(
      ['1.Jpeg', '2.JPG', '10.jpg', 'ä.tif', 'b.png', 'z.avif', '日本.webp'].map((name) => `|${join('p', name)}`),
    );
  });

  it('says what it passes over', async () => {
    await files('p/a.jpg', 'p/notes.txt', 'p/raw.CR2', 'p/._a.jpg', 'p/.hidden/x.jpg', 'p/sub/b.jpg');
    const entries = await found({ inputs: ['p'] });
    expect(photos(entries)).toEqual([`|${join('p', 'a.jpg')}`]);
    expect(passedOver(entries)).toEqual(
      [
        'hidden p/._a.jpg',
        'not-a-photo p/notes.txt',
        'format-unsupported p/raw.CR2',
        'hidden p/.hidden',
        'folder-not-searched p/sub',
      ].map((line) => line.replaceAll('/', join('/'))),
    );
  });

  it('keeps the tree when it searches to the depths, files before folders', async () => {
    await files('p/z.jpg', 'p/a/b/c.jpg', 'p/a/d.jpg', 'p/m/e.jpg');
    expect(photos(await found({ inputs: ['p'], recursive: true }))).toEqual([
      '|p/z.jpg',
      'a|p/a/d.jpg',
      'a/b|p/a/b/c.jpg',
      'm|p/m/e.jpg',
    ]);
  });

  it('takes its own folder for results for no input, whatever leads to it', async () => {
    await files('p/a.jpg', 'p/out/a-x4.jpg');
    await symlink(join(folder, 'p/out'), join(folder, 'p/results'));
    const entries = await found({ inputs: ['p'], recursive: true, outFolder: join('p', 'results') });
    expect(photos(entries)).toEqual(['|p/a.jpg']);
    expect(passedOver(entries)).toEqual(['own-output p/out', 'own-output p/results']);
  });

  it('ends where links lead back, and gives a photo once', async () => {
    await files('p/a.jpg', 'p/sub/b.jpg');
    await symlink(join(folder, 'p'), join(folder, 'p/sub/up'));
    await symlink(join(folder, 'p/a.jpg'), join(folder, 'p/sub/again.jpg'));
    const entries = await found({ inputs: ['p', join('p', 'a.jpg')], recursive: true });
    expect(photos(entries)).toEqual(['|p/a.jpg', 'sub|p/sub/b.jpg']);
    expect(passedOver(entries)).toEqual(['duplicate p/sub/again.jpg', 'folder-seen p/sub/up', 'duplicate p/a.jpg']);
  });

  it('follows links to photos and folders elsewhere', async () => {
    await files('real/a.jpg', 'elsewhere/b.jpg', 'p/x.txt');
    await symlink(join(folder, 'real/a.jpg'), join(folder, 'p/link.jpg'));
    await symlink(join(folder, 'elsewhere'), join(folder, 'p/more'));
    const entries = await found({ inputs: ['p'], recursive: true });
    expect(photos(entries)).toEqual(['|p/link.jpg', 'more|p/more/b.jpg']);
    expect(entries.find((entry) => entry.kind === 'photo')).toMatchObject({ realPath: join(folder, 'real/a.jpg') });
  });

  it('names what is missing, broken or no file, and goes on', async () => {
    await files('p/a.jpg');
    await symlink(join(folder, 'gone'), join(folder, 'p/b.jpg'));
    const entries = await found({ inputs: ['nowhere.jpg', 'p', 'nosuch/*.jpg', join('p', '*.png')] });
    expect(photos(entries)).toEqual(['|p/a.jpg']);
    expect(failures(entries)).toEqual([
      'input-missing nowhere.jpg',
      'link-broken p/b.jpg',
      'input-missing nosuch',
      expect.stringContaining('input-empty') as unknown as string,
    ]);
  });

  it.skipIf(process.getuid?.() === 0)('names a folder that may not be read, and goes on', async () => {
    await files('p/a.jpg', 'p/locked/b.jpg', 'p/open/c.jpg');
    await chmod(join(folder, 'p/locked'), 0o000);
    const entries = await found({ inputs: ['p'], recursive: true });
    await chmod(join(folder, 'p/locked'), 0o700);
    expect(photos(entries)).toEqual(['|p/a.jpg', 'open|p/open/c.jpg']);
    expect(failures(entries)).toEqual(['unreadable p/locked']);
  });

  it('names a link that leads to itself', async () => {
    await symlink('loop', join(folder, 'loop'));
    await symlink('loop.jpg', join(folder, 'loop.jpg'));
    expect(failures(await found({ inputs: ['loop', '*.jpg'] }))).toEqual(['unreadable loop', 'link-broken loop.jpg']);
  });

  it('says that a folder holds no photos', async () => {
    await files('p/notes.txt');
    expect(passedOver(await found({ inputs: ['p'] }))).toEqual(['not-a-photo p/notes.txt', 'folder-empty p']);
  });

  it('gives a named file whatever it is called', async () => {
    await files('photo', '.hidden.jpg');
    expect(photos(await found({ inputs: ['photo', '.hidden.jpg'] }))).toEqual(['|photo', '|.hidden.jpg']);
  });

  it('expands globs from their fixed part, without regard to case', async () => {
    await files('s/a.TIF', 's/b.png', 's/d/e/c.tif', 's/.x/h.tif', 's/d/.h.tif');
    expect(photos(await found({ inputs: ['s/**/*.tif'] }))).toEqual(['|s/a.TIF', 'd/e|s/d/e/c.tif']);
    expect(photos(await found({ inputs: ['s/*.{png,tif}'] }))).toEqual(['|s/a.TIF', '|s/b.png']);
    expect(photos(await found({ inputs: [join(folder, 's/d/*/c.*')] }))).toEqual(['e|s/d/e/c.tif']);
  });

  it('searches folders that a glob names', async () => {
    await files('2024-05/a.jpg', '2024-06/b.jpg', '2025-01/c.jpg', '2024-06/deep/d.jpg');
    expect(photos(await found({ inputs: ['2024-*'] }))).toEqual(['|2024-05/a.jpg', '|2024-06/b.jpg']);
    expect(photos(await found({ inputs: ['2024-*'], recursive: true }))).toEqual([
      '|2024-05/a.jpg',
      '|2024-06/b.jpg',
      'deep|2024-06/deep/d.jpg',
    ]);
  });

  it('takes a name with brackets for a file where there is one', async () => {
    await files('p[1].jpg', 'p1.jpg');
    expect(photos(await found({ inputs: ['p[1].jpg'] }))).toEqual(['|p[1].jpg']);
  });

  it('gives the first photo before it has looked at the last folder', async () => {
    await files('p/a.jpg', 'p/late/b.jpg');
    const entries = scan({ inputs: ['p'], recursive: true, cwd: folder });
    const first = await entries.next();
    await files('p/late/new.jpg');
    const rest = await collect(entries);
    expect(first.value).toMatchObject({ kind: 'photo', path: join(folder, 'p/a.jpg') });
    expect(photos(rest)).toEqual(['late|p/late/b.jpg', 'late|p/late/new.jpg']);
  });
});

describe('natural order', () => {
  it('never takes two names for one', () => {
    expect(['é', 'e\u0301'].sort(compareNames)).toEqual(['e\u0301', 'é']);
    expect(compareNames('01.jpg', '1.jpg')).not.toBe(0);
  });
});
