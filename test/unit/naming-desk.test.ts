import { describe, expect, it } from 'vitest';
import { NamingDesk } from '../../main/desktop/naming-desk.ts';
import type { Entry } from '../../main/desktop/photo-list.ts';

function entry(path: string, realPath = path): Entry {
  const root = path.slice(0, path.lastIndexOf('/'));
  return { path, realPath, root, relativeFolder: '', claim: undefined } as unknown as Entry;
}

function desk(entries: readonly Entry[], outputFolder: string | null = '/results') {
  const names = new NamingDesk({
    entries: () => entries,
    membership: () => entries.length,
    outputFolder: () => outputFolder,
  });
  return (one: Entry, template = '{name}-x{scale}.{ext}'): string => {
    const namer = names.namerFor(one, template);
    if (!namer.ok) throw new Error(namer.error.message);
    const facts = { source: one.path, relativeFolder: '', format: 'jpeg', factor: 4, modelId: 'm', index: 1 } as const;
    const claimed = namer.value.claim({ ...facts, widthPx: 4, heightPx: 4 });
    return claimed.ok ? claimed.value : claimed.error.code;
  };
}

describe('the names of a window’s results', () => {
  it('differ by more than case, since some disks tell no difference', () => {
    const entries = [entry('/a/Sea.jpg'), entry('/b/sea.jpg'), entry('/c/SEA.jpg')];
    const nameOf = desk(entries);
    const names = ['/results/Sea-x4.jpg', '/results/sea-x4 (jpg).jpg', '/results/SEA-x4 (2).jpg'];
    expect(entries.map((one) => nameOf(one))).toEqual(names);
    // Asked again, each keeps its own.
    expect(entries.map((one) => nameOf(one))).toEqual(names);
  });

  it('are no photo’s, also of one that was reached by a link', () => {
    const one = entry('/links/sea.jpg', '/photos/sea.jpg');
    expect(desk([one], '/photos')(one, '{name}.{ext}')).toBe('output-is-source');
  });

  it('are not those of photos that came later, either', () => {
    const entries = [entry('/photos/sea.png')];
    const nameOf = desk(entries, '/photos');
    expect(nameOf(entries[0]!, '{name}.{ext}')).toBe('/photos/sea.jpg');
    entries.push(entry('/photos/lake.png'), entry('/photos/lake.jpg'));
    expect(nameOf(entries[1]!, '{name}.{ext}')).toBe('output-is-source');
  });
});
