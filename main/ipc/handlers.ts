import { dialog, shell } from 'electron';
import type { Region, RegionPreview, Welcome } from '../../preload/contract/dto.ts';
import type { KnownModel } from '../../models/known.ts';
import { failure, type Result } from '../engine/errors.ts';
import type { Batch } from '../desktop/batch.ts';
import { enhanceSettingsOf, modelsOf, patched } from '../desktop/look.ts';
import type { DiagnosticsDesk } from '../desktop/diagnostics.ts';
import type { MachineBook } from '../desktop/machine-book.ts';
import type { MachineWork } from '../desktop/machine-work.ts';
import type { Entry } from '../desktop/photo-list.ts';
import { settingsDefaults, type SettingsBook } from '../desktop/settings-book.ts';
import type { SpotPhoto, Spots } from '../desktop/spot.ts';
import { estimateWork } from '../desktop/workers.ts';
import type { Machine } from '../pool/sizing.ts';
import type { PictureBook } from '../previews/picture-book.ts';
import { diagnosticsHandlers, type DiagnosticsChannels } from './diagnostics-handlers.ts';
import type { InvokeHandlers } from './dispatch.ts';
import { machineHandlers, type MachineChannels } from './machine-handlers.ts';
import { outcome } from './outcome.ts';

/** The parts that the window's questions are answered from. */
export interface HandlerParts {
  readonly version: string;
  readonly machine: Machine;
  readonly machineInfo: Welcome['machine'];
  readonly models: readonly KnownModel[];
  readonly machineBook: MachineBook;
  readonly machineWork: MachineWork;
  readonly diagnostics: DiagnosticsDesk;
  readonly batch: Batch;
  readonly settings: SettingsBook;
  readonly book: PictureBook;
  readonly spots: Spots;
  readonly onSettings: () => void;
}

/** Every channel's handler: parse, call, map. */
export function createHandlers(parts: HandlerParts): InvokeHandlers {
  return {
    ...queueHandlers(parts),
    ...previewHandlers(parts),
    ...settingsHandlers(parts),
    ...machineHandlers(parts.machineWork),
    ...diagnosticsHandlers(parts.diagnostics),
  };
}

type QueueChannels = Extract<keyof InvokeHandlers, `queue:${string}`>;
type PreviewChannels = Extract<keyof InvokeHandlers, `preview:${string}`>;

function queueHandlers({ batch, models, machineWork }: HandlerParts): Pick<InvokeHandlers, QueueChannels> {
  return {
    'queue:read': ({ from, count }) => batch.page(from, count),
    'queue:add': ({ paths }) => batch.add(paths),
    'queue:pick': async ({ kind }) => {
      const properties = kind === 'folder' ? (['openDirectory'] as const) : (['openFile'] as const);
      const { canceled, filePaths } = await dialog.showOpenDialog({ properties: [...properties, 'multiSelections'] });
      return canceled || filePaths.length === 0 ? null : batch.add(filePaths);
    },
    'queue:remove': ({ jobs }) => {
      batch.remove(jobs);
    },
    'queue:move': ({ jobs, before }) => {
      batch.move(jobs, before);
    },
    'queue:override': ({ jobs, overrides }) => {
      batch.override(jobs, overrides);
    },
    'queue:start': () => outcome(machineWork.isIdle ? batch.start() : measured()),
    'queue:pause': () => {
      batch.run.pause();
    },
    'queue:resume': () => {
      batch.run.resume();
    },
    'queue:cancel': ({ jobs }) => {
      batch.cancel(jobs);
    },
    'queue:retry': ({ jobs }) => {
      batch.retry(jobs);
    },
    'queue:plan': async ({ job, overrides }) => {
      const entry = batch.list.get(job);
      if (entry === undefined) return outcome(gone());
      if (entry.info === undefined) return outcome(failure('not-read', 'This photo has not been read yet.'));
      const settings = enhanceSettingsOf(batch.settingsOf(entry, overrides));
      if (!settings.ok) return outcome(settings);
      return outcome(await batch.names.plan(entry, entry.info, settings.value, models));
    },
    'queue:reveal': ({ job }) => {
      const state = batch.list.get(job)?.view.state;
      if (state?.kind !== 'done') return outcome(failure('not-done', 'This photo has no result yet.'));
      shell.showItemInFolder(state.path);
      return outcome({ ok: true, value: undefined });
    },
  };
}

function previewHandlers({ batch, book, spots }: HandlerParts): Pick<InvokeHandlers, PreviewChannels> {
  const spotPhoto = (entry: Entry, model: string | null): Result<SpotPhoto> => {
    const { path, info } = entry;
    if (info === undefined) return failure('not-read', 'This photo has not been read yet.');
    const settings = enhanceSettingsOf(patched(batch.settingsOf(entry), model === null ? {} : { model }));
    return settings.ok ? { ok: true, value: { path, info, settings: settings.value } } : settings;
  };
  const enhanceSpot = async (entry: Entry, region: Region, model: string | null): Promise<Result<RegionPreview>> => {
    if (entry.view.source === null) return gone();
    const { widthPx, heightPx } = entry.view.source;
    if (region.leftPx + region.widthPx > widthPx || region.topPx + region.heightPx > heightPx) {
      return failure('outside', 'This spot lies outside the photo.');
    }
    const photo = spotPhoto(entry, model);
    return photo.ok ? spots.enhance(photo.value, region) : photo;
  };
  return {
    'preview:compare': async ({ job }) => {
      const entry = batch.list.get(job);
      if (entry === undefined) return outcome(gone());
      const { source, result, state } = entry.view;
      if (state.kind === 'failed' && source === null) return { ok: false, error: state.error };
      if (source === null) return outcome(failure('not-read', 'Reading this photo…'));
      const after = state.kind === 'done' && result !== null ? await book.addPicture(state.path, result) : null;
      const photo = after === null && batch.run.kind === 'idle' ? spotPhoto(entry, null) : undefined;
      if (photo?.ok === true) spots.expect(photo.value);
      return outcome({ ok: true, value: { before: await book.addPicture(entry.path, source), after } });
    },
    'preview:region': async ({ job, region, model }) => {
      const entry = batch.list.get(job);
      if (entry === undefined) return outcome(gone());
      const enhanced = await enhanceSpot(entry, region, model);
      if (enhanced.ok || enhanced.error.code !== 'source-changed') return outcome(enhanced);
      // Somebody worked on the photo since it was added: what is known of it is read anew.
      await batch.headers.read([entry]);
      return outcome(await enhanceSpot(entry, region, model));
    },
    'preview:close': ({ tokens }) => {
      for (const token of tokens) book.close(token);
    },
  };
}

function settingsHandlers(
  parts: HandlerParts,
): Omit<InvokeHandlers, QueueChannels | PreviewChannels | MachineChannels | DiagnosticsChannels> {
  const { version, machine, machineInfo, models, machineBook, settings, onSettings } = parts;
  return {
    'app:welcome': () => ({
      version,
      machine: machineInfo,
      settings: settings.current,
      defaults: settingsDefaults,
      models: modelsOf(models),
    }),
    'settings:update': async (patch) => {
      const updated = await settings.update(patch);
      if (updated.ok) onSettings();
      return outcome(updated);
    },
    'settings:estimate': (patch) =>
      outcome(estimateWork(machineBook.resolve(patched(settings.current, patch)), machine, models)),
    'settings:pickFolder': async () => {
      const { canceled, filePaths } = await dialog.showOpenDialog({ properties: ['openDirectory', 'createDirectory'] });
      return canceled ? null : (filePaths[0] ?? null);
    },
  };
}

function gone(): Result<Entry> & { readonly ok: false } {
  return failure('photo-gone', 'This photo is no longer in the queue.');
}

function measured(): Result<never> & { readonly ok: false } {
  const message = 'This computer is being measured. Wait for the end, or cancel it in Preferences, This computer.';
  return failure('machine-busy', message);
}
