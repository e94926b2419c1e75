import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { catalog } from '../../models/catalog.ts';
import type { Batch } from '../../main/desktop/batch.ts';
import type { JournalPhoto } from '../../main/desktop/journal-lines.ts';
import { enhanceSettingsOf } from '../../main/desktop/look.ts';
import { settingsDefaults } from '../../main/desktop/settings-book.ts';
import type { PhotoInfo } from '../../main/engine/ports.ts';
import { idleBatch } from '../helpers/idle-batch.ts';

const facts = { widthPx: 40, heightPx: 30, format: 'jpeg', grey: false, alpha: false, bitsPerSample: 8 };
const info = { ...facts, convertsToSrgb: false, hasProfile: false, fileBytes: 1, modifiedMs: 1 } as PhotoInfo;

describe('a list that comes back', () => {
  let folder: string;
  let out: string;
  let batch: Batch;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-restore-'));
    out = join(folder, 'out');
    batch = idleBatch(folder, { outputFolder: out });
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const photo = (card: string, end: JournalPhoto['end']): JournalPhoto => {
    const path = join(folder, card, 'a.jpg');
    return { path, realPath: path, root: join(folder, card), relativeFolder: '', bytes: 1, overrides: null, end };
  };
  const done = (name: string): JournalPhoto['end'] => {
    const state = { kind: 'done', path: join(out, name), bytes: 9, tookMs: 1 } as const;
    return { state, result: { widthPx: 160, heightPx: 120 }, model: 'Faithful L ×4' };
  };

  /** What the second photo's result would be called. */
  async function planned(nameTemplate: string): Promise<unknown> {
    const entry = batch.list.entries[1]!;
    const settings = enhanceSettingsOf({ ...settingsDefaults, nameTemplate });
    if (!settings.ok) throw new Error(settings.error.message);
    return batch.names.plan(entry, info, settings.value, catalog);
  }

  it('shows what is done as such, and counts the rest', () => {
    expect(batch.restore([photo('one', done('a-x4.jpg')), photo('two', null), photo('three', null)])).toBe(2);
    const [first, second] = batch.list.entries.map(({ view }) => view);
    expect(first).toMatchObject({ state: { kind: 'done' }, result: { widthPx: 160 }, model: 'Faithful L ×4' });
    expect(second).toMatchObject({ state: { kind: 'queued' }, result: null });
    expect(batch.list.totals(0)).toMatchObject({ jobs: 3, waiting: 2, done: 1 });
  });

  it('calls no result as one is called that is there already', async () => {
    batch.restore([photo('one', done('a-x4.jpg')), photo('two', null)]);
    await expect(planned('{name}-x{scale}.{ext}')).resolves.not.toMatchObject({
      value: { path: join(out, 'a-x4.jpg') },
    });
    await expect(planned('{name}-x{scale}.{ext}')).resolves.toMatchObject({ ok: true });
  });

  it('numbers photos as before', async () => {
    batch.restore([photo('one', done('trip-1.jpg')), photo('two', null)]);
    await expect(planned('trip-{index}.{ext}')).resolves.toMatchObject({ value: { path: join(out, 'trip-2.jpg') } });
  });
});
