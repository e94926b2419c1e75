/** The window's batch without anybody who works on it: its list, names and settings alone. */
import { catalog } from '../../models/catalog.ts';
import { Batch } from '../../main/desktop/batch.ts';
import { settingsDefaults } from '../../main/desktop/settings-book.ts';
import { PictureBook } from '../../main/previews/picture-book.ts';
import type { SettingsPatch } from '../../preload/contract/dto.ts';

/** @param folder for pictures, of which none is made */
export function idleBatch(folder: string, changed: SettingsPatch = {}): Batch {
  const nobody = (): Promise<never> => Promise.reject(new Error('Nobody works here.'));
  const settings = { ...settingsDefaults, ...changed } as typeof settingsDefaults;
  return new Batch({
    settings: () => settings,
    models: catalog,
    book: new PictureBook(folder, nobody),
    wantedSize: () => {
      throw new Error('Nobody works here.');
    },
    openRunner: nobody,
    onDirty: () => undefined,
    onRun: () => undefined,
    onEnd: () => undefined,
  });
}
