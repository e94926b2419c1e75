/** What is tuned: a model, on a device, in a precision. Pure. */
import { catalog } from '../../models/catalog.ts';
import type { KnownModel } from '../../models/known.ts';
import type { Provider } from '../engine/ports.ts';
import { computedIn } from '../jobs/device.ts';
import { defaultTileFor } from '../jobs/tile.ts';
import type { Precision } from '../worker/protocol.ts';

/** Each is tuned by itself, and remembered by itself. */
export interface TuneSubject {
  readonly provider: Provider;
  readonly precision: Precision;
}

/** Devices × precisions, without what a device or a model does not compute in. */
export function subjectsOf(
  model: Pick<KnownModel, 'precisions'>,
  providers: readonly Provider[],
  precisions: readonly Precision[],
): readonly TuneSubject[] {
  return providers.flatMap((provider) => {
    const possible = precisions.map((wanted) => computedIn(model, provider, wanted));
    return [...new Set(possible)].map((precision) => ({ provider, precision }));
  });
}

/** What a tuning needs to know of a model. */
export interface TunedModel {
  readonly id: string;
  readonly scale: number;
  readonly fieldPx: number;
  /** The tile that is used where nothing is tuned. */
  readonly standardTilePx: number;
  /** Of the photos that are made of a sample. */
  readonly sampleMegapixels: number;
}

const SAMPLE_MEGAPIXELS = 2;
/** Less is too few tiles. */
const LEAST_MEGAPIXELS = 0.5;

/** An imported model may be several times the work of ours: its photos are smaller, so that whole batches fit the budget. */
export function tunedModel({ id, scale, haloPx, parameters }: KnownModel): TunedModel {
  const usual = Math.max(...catalog.map((entry) => entry.parameters));
  const megapixels = SAMPLE_MEGAPIXELS * Math.min(1, usual / parameters);
  return {
    id,
    scale,
    fieldPx: haloPx,
    standardTilePx: defaultTileFor(haloPx),
    sampleMegapixels: Math.max(LEAST_MEGAPIXELS, megapixels),
  };
}
