import type { ModelInfo, Settings, SettingsPatch } from '../../preload/contract/dto.ts';
import type { ModelChoice } from '../jobs/target.ts';
import { parseSettings, type EnhanceSettings } from '../settings/schema.ts';
import type { Failure, Result } from '../engine/errors.ts';
import type { CatalogEntry } from '../../models/catalog.ts';
import type { KnownModel } from '../../models/known.ts';
import type { ImportedModel } from '../../models/import/imported-models.ts';

/** The settings of the engine out of the window's; what the window does not offer keeps its default. */
export function enhanceSettingsOf(settings: Settings): Result<EnhanceSettings, Failure<'settings-invalid'>> {
  const ofTheWindow = ['theme', 'notifyWhenDone', 'outputFolder'];
  return parseSettings(Object.fromEntries(Object.entries(settings).filter(([key]) => !ofTheWindow.includes(key))));
}

/** Settings with a change; what a patch leaves undefined stays. */
export function patched(settings: Settings, patch: SettingsPatch): Settings {
  const changes = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return { ...settings, ...changes };
}

const purposes: Readonly<Record<CatalogEntry['training'], string>> = {
  faithful: 'Larger and true to the photo',
  photo: 'Larger, and cleaned of noise, blur and JPEG',
};
const titles: Readonly<Record<CatalogEntry['training'], string>> = { faithful: 'Faithful', photo: 'Photo' };
const sizes: Readonly<Record<string, string>> = { S: 'quickest', M: 'quick', L: 'best' };

/** What a model is called where there is little room; an imported one as it is chosen. */
export function modelName({ id, training, size, scale }: ModelChoice): string {
  const title = Object.entries(titles).find(([key]) => key === training)?.[1];
  return `${title === undefined ? id : `${title} ${size}`} ×${scale}`;
}

/** The models that can be chosen: the catalogue's, and after them those that a person imported. */
export function modelsOf(models: readonly KnownModel[]): ModelInfo[] {
  const own = models.filter((model) => model.family === 'imported');
  const ofTheCatalogue = models.filter((model) => model.family !== 'imported');
  return [...catalogueModels(ofTheCatalogue), ...own.map(importedModel)];
}

function importedModel({ id, name, family, scale, parameters, haloPx, licence }: ImportedModel): ModelInfo {
  return { id, family, title: name, purpose: `Imported; ×${scale}`, scale, parameters, haloPx, licence };
}

/** By training and size; the fitting scale of each is chosen for every photo. */
function catalogueModels(catalog: readonly CatalogEntry[]): ModelInfo[] {
  const groups = Map.groupBy(catalog, ({ training, size }) => `${training}-${size.toLowerCase()}`);
  const order = ['L', 'M', 'S'];
  const ordered = [...groups].sort(([, [a]], [, [b]]) => order.indexOf(a!.size) - order.indexOf(b!.size));
  const named = new Set<string>();
  return ordered.map(([id, entries]) => {
    const largest = entries.toSorted((a, b) => b.scale - a.scale)[0]!;
    const { training, size, family, scale, parameters, haloPx, licence } = largest;
    const title = `${titles[training]} ${size}`;
    const purpose = `${purposes[training]}; ${sizes[size] ?? size}`;
    // A training's own name stands for its largest model, as on the command line.
    const first = !named.has(training);
    named.add(training);
    return { id: first ? training : id, family, title, purpose, scale, parameters, haloPx, licence };
  });
}
