import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

/** What the next start would find. */
async function namesLeft(): Promise<string[]> {
  await using next = await openJournal();
  return next.left.map((photo) => photo.path);
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
    expect(next.left[1]).toEqual({ path: '/b', ...origin, overrides });
    expect(next.left[2]?.overrides).toBeNull();
  });

  it('leaves out what is through or was removed, and takes what is tried again', async () => {
    list.setState(entries[0]!, { kind: 'probing' });
    list.setState(entries[1]!, { kind: 'cancelled' });
    list.setState(entries[2]!, { kind: 'cancelled' });
    list.setState(entries[2]!, { kind: 'queued' });
    list.remove([entries[3]!]);
    await end();
    await expect(namesLeft()).resolves.toEqual(['/a', '/c']);
  });

  it('keeps the order, where photos went before one that is through too', async () => {
    list.setState(entries[1]!, { kind: 'cancelled' });
    list.move([4], 2);
    list.move([1], null);
    await end();
    expect(list.entries.map((entry) => entry.path)).toEqual(['/d', '/b', '/c', '/a']);
    await expect(namesLeft()).resolves.toEqual(['/d', '/c', '/a']);
  });

  it('is read up to a line that was being written when the computer stopped', async () => {
    await end();
    await appendFile(path, '{"gone":"/a"}\n{"gone":"/b');
    await expect(namesLeft()).resolves.toEqual(['/b', '/c', '/d']);
  });

  it('holds nothing more once it was ended: photos that end with the app are begun anew', async () => {
    await end();
    for (const entry of entries) list.setState(entry, { kind: 'cancelled' });
    await expect(namesLeft()).resolves.toEqual(['/a', '/b', '/c', '/d']);
  });

  it('begins anew with what is left, so that it does not grow from start to start', async () => {
    list.remove(entries.slice(1));
    await end();
    await namesLeft();
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(2);
  });
});

it('of another version says nothing', async () => {
  await writeFile(path, '{"tessera":"list","version":2}\n{"gone":"/a"}\n');
  await expect(namesLeft()).resolves.toEqual([]);
});

it('that cannot be written says so once, and the list goes on', async () => {
  await writeFile(join(folder, 'file'), '');
  path = join(folder, 'file', 'list.jsonl');
  await using journal = await openJournal();
  const list = new PhotoList(() => undefined, journal);
  list.add([entryOf(1, '/a')]);
  list.remove([...list.entries]);
  expect(failures).toEqual([expect.stringContaining('will not be in the list at the next start')]);
});
