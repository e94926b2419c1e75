import { dirname, join } from 'node:path';
import { settingsPath } from './store.ts';

/** Where imported models are kept: beside the settings. */
export function importedModelsFolder(): string {
  return join(dirname(settingsPath()), 'models');
}
