import {
  appendFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ListJournal } from '../../main/desktop/list-journal.ts';
import { PhotoList, type Entry } from '../../main/desktop/photo-list.ts';

let folder: string;
let path: string;
let failures: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tessera-journal-'));
  path = join(folder, 'list.jsonl');
  failures = [];
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const openJournal = () => ListJournal.open(path, ({ message }) => failures.push(message));

/** What the next start would find, and how it would say that each came out. */
async function listLeft(): Promise<string[]> {
  await using next = await openJournal();
  return next.left.map(({ path: photo, end }) => (end === null ? photo : `${photo} ${end.state.kind}`));
}

/** The class that files are of, which Node does not export. */
async function fileHandle(): Promise<{ prototype: FileHandle }> {
  const file = await open(folder);
  await file.close();
  return file.constructor;
}

function entryOf(id: number, photo: string): Entry {
  const view = {
    id,
    name: photo,
    folder: '/photos',
    bytes: 10 * id,
    source: null,
    result: null,
    model: '',
    overrides: null,
    thumbnail: '',
    state: { kind: 'queued' },
  } as const;
  const origin = { path: photo, realPath: `/real${photo}`, root: '/photos', relativeFolder: 'sub' };
  return { id, ...origin, view, info: undefined, runId: undefined, claim: undefined };
}

describe('the journal of the list', () => {
  let journal: ListJournal;
  let list: PhotoList;
  let entries: Entry[];

  /** A list of a, b, c and d. */
  beforeEach(async () => {
    journal = await openJournal();
    list = new PhotoList(() => undefined, journal);
    list.add([]);
    entries = ['/a', '/b', '/c', '/d'].map((photo, at) => entryOf(at + 1, photo));
    list.add(entries);
  });

  const end = () => journal[Symbol.asyncDispose]();

  it('brings back all that waits, with what differs for it', async () => {
    list.show(entries[1]!, { overrides: { quality: 70, target: { kind: 'scale', factor: 2 } } });
    await end();
    await using next = await openJournal();
    const origin = { realPath: '/real/b', root: '/photos', relativeFolder: 'sub', bytes: 20 };
    const overrides = { quality: 70, target: { kind: 'scale', factor: 2 } };
    expect(next.left).toHaveLength(4);
    expect(next.left[1]).toEqual({ path: '/b', ...origin, overrides, end: null });
    expect(next.left[2]?.overrides).toBeNull();
  });

  it('leaves out what was removed, and knows what is done', async () => {
    list.setState(entries[0]!, { kind: 'probing' });
    list.setState(entries[1]!, { kind: 'done', path: '/b-x4', bytes: 7, tookMs: 1000 });
    list.setState(entries[2]!, { kind: 'skipped', path: '/c-x4' });
    list.remove([entries[3]!]);
    await end();
    await using next = await openJournal();
    expect(next.left.map((photo) => photo.path)).toEqual(['/a', '/b', '/c']);
    expect(next.left[1]?.end).toEqual({
      state: { kind: 'done', path: '/b-x4', bytes: 7, tookMs: 1000 },
      result: null,
      model: '',
    });
    await expect(listLeft()).resolves.toEqual(['/a', '/b done', '/c skipped']);
  });

  it('brings back what failed or was cancelled: the drive may have been away, or the disk full', async () => {
    list.setState(entries[0]!, { kind: 'failed', error: { code: 'file-missing', message: '' } });
    list.setState(entries[1]!, { kind: 'cancelled' });
    list.setState(entries[2]!, { kind: 'skipped', path: '/c-x4' });
    list.setState(entries[2]!, { kind: 'queued' });
    await end();
    await expect(listLeft()).resolves.toEqual(['/a', '/b', '/c', '/d']);
  });

  it('holds nothing where nothing is left to do', async () => {
    for (const entry of entries) list.setState(entry, { kind: 'done', path: `${entry.path}-x4`, bytes: 7, tookMs: 1 });
    await end();
    await expect(listLeft()).resolves.toEqual([]);
  });

  it('keeps the order', async () => {
    list.setState(entries[1]!, { kind: 'skipped', path: '' });
    list.move([4], 2);
    list.move([1], null);
    list.setState(entries[1]!, { kind: 'queued' });
    await end();
    expect(list.entries.map((entry) => entry.path)).toEqual(['/d', '/b', '/c', '/a']);
    await expect(listLeft()).resolves.toEqual(['/d', '/b', '/c', '/a']);
  });

  it('takes a photo that was removed and added again where it is now', async () => {
    list.remove([entries[0]!]);
    list.add([entryOf(5, '/a')]);
    await end();
    await expect(listLeft()).resolves.toEqual(['/b', '/c', '/d', '/a']);
  });

  it('is read up to a line that was being written when the computer stopped', async () => {
    await end();
    await appendFile(path, '{"kind":"removed","paths":["/a"]}\n{"kind":"removed","paths":["/b');
    await expect(listLeft()).resolves.toEqual(['/b', '/c', '/d']);
  });

  it('holds nothing more once it was ended: photos that end with the app are begun anew', async () => {
    await end();
    list.remove(entries);
    await expect(listLeft()).resolves.toEqual(['/a', '/b', '/c', '/d']);
  });

  it('begins anew with what is left, so that it does not grow from start to start', async () => {
    list.remove(entries.slice(1));
    await end();
    for (let start = 0; start < 2; start += 1) {
      const next = await openJournal();
      new PhotoList(() => undefined, next).add([entryOf(1, '/a')], true);
      await next[Symbol.asyncDispose]();
    }
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(2);
  });

  it('takes a list of two hundred thousand at once', async () => {
    list.remove(entries);
    const many = Array.from({ length: 200_000 }, (_, at) => entryOf(at + 10, `/many/${at}`));
    list.add(many);
    list.move([15], null);
    await end();
    await using next = await openJournal();
    expect(next.left).toHaveLength(many.length);
    expect(next.left.at(-1)?.path).toBe('/many/5');
  });

  it('keeps a photo whose own settings another version knew, without them', async () => {
    await end();
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"overrides":null', '"overrides":{"unheard":true}'));
    await expect(listLeft()).resolves.toEqual(['/a', '/b', '/c', '/d']);
  });

  it('believes no line with a path that is none', async () => {
    await end();
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"root":"/photos"', '"root":""'));
    await expect(listLeft()).resolves.toEqual(['/b', '/c', '/d']);
  });

  it('of another version is kept under another name, and that is said', async () => {
    await end();
    const text = (await readFile(path, 'utf8')).replace('"version":1', '"version":2');
    await writeFile(path, text);
    await expect(listLeft()).resolves.toEqual([]);
    const kept = (await readdir(folder)).find((name) => name.includes('.unread-'))!;
    await expect(readFile(join(folder, kept), 'utf8')).resolves.toBe(text);
    expect(failures).toEqual([expect.stringContaining(kept)]);
  });

  it('tries again with the next change what it could not write, and says so once', async () => {
    const { prototype } = await fileHandle();
    const full = vi.spyOn(prototype, 'appendFile').mockRejectedValue(Object.assign(new Error(), { code: 'ENOSPC' }));
    list.remove([entries[0]!]);
    await vi.waitFor(() => {
      expect(failures).toEqual([expect.stringContaining('ENOSPC')]);
    });
    list.remove([entries[1]!]);
    full.mockRestore();
    list.remove([entries[2]!]);
    await end();
    expect(failures).toHaveLength(1);
    await expect(listLeft()).resolves.toEqual(['/d']);
  });
});

it('is not written anew at a start where nothing changed', async () => {
  await listLeft();
  const { ino } = await stat(path);
  await listLeft();
  expect((await stat(path)).ino).toBe(ino);
});

it('that cannot be read is left as it is, and that is said', async () => {
  await mkdir(path);
  await using journal = await openJournal();
  expect(journal.left).toEqual([]);
  expect(failures).toEqual([expect.stringContaining('EISDIR')]);
  await expect(readdir(folder)).resolves.toEqual(['list.jsonl']);
});

it('that cannot be written says so once, and the list goes on', async () => {
  await writeFile(join(folder, 'file'), '');
  path = join(folder, 'file', 'list.jsonl');
  await using journal = await openJournal();
  const list = new PhotoList(() => undefined, journal);
  list.add([entryOf(1, '/a')]);
  list.remove([...list.entries]);
  expect(failures).toEqual([expect.stringContaining('may not be there at the next start')]);
});
