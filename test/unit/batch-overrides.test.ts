import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch } from '../../main/desktop/batch.ts';
import { idleBatch } from '../helpers/idle-batch.ts';

describe('what differs for photos', () => {
  let folder: string;
  let batch: Batch;

  /** The window's list with photos a and b, which nobody reads. */
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-overrides-'));
    for (const name of ['a.jpg', 'b.jpg']) await writeFile(join(folder, name), '');
    batch = idleBatch(folder);
    await batch.add([folder]);
    expect(batch.list.entries.map(({ view }) => view.name)).toEqual(['a.jpg', 'b.jpg']);
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const own = () => batch.list.entries.map(({ view }) => view.overrides);

  it('stays when another setting is changed for several of them', () => {
    batch.override([1], { quality: 80, format: 'png' });
    batch.override([1, 2], { model: 'photo' });
    expect(own()).toEqual([{ quality: 80, format: 'png', model: 'photo' }, { model: 'photo' }]);
    expect(batch.settingsOf(batch.list.entries[0]!)).toMatchObject({ quality: 80, format: 'png', model: 'photo' });
  });

  it('goes back to the common setting, one by one or all together', () => {
    batch.override([1, 2], { quality: 80, format: 'png' });
    batch.override([1], { format: null });
    batch.override([2], { format: null, quality: null, model: undefined });
    expect(own()).toEqual([{ quality: 80 }, null]);
    batch.override([1, 2], null);
    expect(own()).toEqual([null, null]);
  });
});
