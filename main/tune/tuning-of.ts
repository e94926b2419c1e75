import { weightsIdOf, type KnownModel } from '../../models/known.ts';
import { readTuningMachine } from '../jobs/machine.ts';
import type { Tuning } from '../settings/tuning.ts';
import type { TuneReport } from './report.ts';

/** What is remembered of a tuning of this machine, as of now. */
export function tuningOf({ best, gain }: TuneReport, model: Pick<KnownModel, 'id' | 'sha256'>): Tuning {
  const { tilePx, workers, threads, precision, provider } = best.cell;
  return {
    ...readTuningMachine(),
    modelId: model.id,
    weightsSha256: weightsIdOf(model),
    precision,
    provider,
    tilePx,
    workers,
    threads,
    pixelsPerSecond: best.pixelsPerSecond!,
    gain,
    tunedAt: new Date().toISOString(),
  };
}
