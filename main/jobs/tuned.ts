/** What a setting on automatic comes to: what a person fixed goes before what was tuned, and that before the default. */
import type { Failure } from '../engine/errors.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import {
  findTuning,
  staleNotice,
  type Tuning,
  type TuningLookup,
  type TuningMachine,
  type TuningSubject,
} from '../settings/tuning.ts';
import { weightsIdOf, type KnownModel } from '../../models/known.ts';
import { computedIn, providerOf } from './device.ts';
import { likelyAmong, type ModelWish } from './likely-model.ts';

/**
 * The tuning for these settings' likely model on the device that they name, in the precision that it will be computed
 * in: what was tuned for the processor says nothing about another one.
 *
 * @param models those that the settings may choose from
 */
export function lookUpTuning(
  settings: ModelWish & Pick<EnhanceSettings, 'precision' | 'device'>,
  tunings: readonly Tuning[],
  machine: TuningMachine,
  models: readonly KnownModel[],
): TuningLookup {
  const model = likelyAmong(settings, models);
  if (model === undefined) return { kind: 'none' };
  const provider = providerOf(settings);
  const precision = computedIn(model, provider, settings.precision);
  return findTuning(tunings, machine, { modelId: model.id, weightsSha256: weightsIdOf(model), precision, provider });
}

/** Settings as far as a tuning touches them; the window's know no tiling but the dilated one. */
type Tunable = Pick<EnhanceSettings, 'tilePx' | 'haloPx' | 'workers' | 'threads' | 'memoryBytes'> &
  Partial<Pick<EnhanceSettings, 'tiling'>>;

/**
 * Puts a tuning in the place of automatic values; everything else stays. Pure.
 *
 * Workers and threads are tuned as a pair and within the machine's memory, so both are taken or neither: where a person
 * fixed one of them, or the memory, the rest follows from that. A tile is tuned for the model's own halo.
 */
function withTuning<Settings extends Tunable>(
  settings: Settings,
  { tilePx, workers, threads }: Pick<Tuning, 'tilePx' | 'workers' | 'threads'>,
): Settings {
  const free = freeParts(settings);
  return { ...settings, ...(free.tile && { tilePx }), ...(free.crew && { workers, threads }) };
}

/** Which parts of a tuning a person left room for. */
function freeParts({ tilePx, haloPx, tiling = 'dilated', workers, threads, memoryBytes }: Tunable): {
  readonly tile: boolean;
  readonly crew: boolean;
} {
  return {
    tile: tilePx === 'auto' && haloPx === 'auto' && tiling === 'dilated',
    crew: workers === 'auto' && threads === 'auto' && memoryBytes === 'auto',
  };
}

/** Settings with what was remembered for this machine, and what is to be said where that holds no more. */
export function applyTunings<Settings extends Tunable & ModelWish & Pick<EnhanceSettings, 'precision' | 'device'>>(
  settings: Settings,
  tunings: readonly Tuning[],
  machine: TuningMachine,
  models: readonly KnownModel[],
): { readonly settings: Settings; readonly notice?: Failure<'tuning-stale'> } {
  const found = lookUpTuning(settings, tunings, machine, models);
  if (found.kind === 'tuned') return { settings: withTuning(settings, found.tuning) };
  const notice = staleNotice(found);
  // Who fixed all that could be tuned has no use for the news.
  const { tile, crew } = freeParts(settings);
  return notice !== undefined && (tile || crew) ? { settings, notice } : { settings };
}

/** What is to be said of all models' tunings that hold no more; one sentence a model, device and precision. */
export function staleTunings(
  tunings: readonly Tuning[],
  machine: TuningMachine,
  models: readonly KnownModel[],
): Failure<'tuning-stale'>[] {
  const subjects = new Map<string, TuningSubject>();
  for (const { modelId, precision, provider } of tunings) {
    const model = models.find(({ id }) => id === modelId);
    if (model === undefined) continue;
    const subject = { modelId, weightsSha256: weightsIdOf(model), precision, provider };
    subjects.set(`${modelId}/${precision}/${provider}`, subject);
  }
  return [...subjects.values()].flatMap((subject) => staleNotice(findTuning(tunings, machine, subject)) ?? []);
}
