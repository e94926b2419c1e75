/** What a tuning found, for which machine, model and runtime, and whether it still holds. Pure. */
import { z } from 'zod';
import type { Failure } from '../engine/errors.ts';

/** The version that this build writes. */
export const tuningsVersion = 1;

const count = z.int().min(1);

/** What a tuning was made on. Where one of these changed, it holds no more. */
export const machineFields = {
  /** As the system names it. */
  processor: z.string(),
  /** Those that the program might use. */
  cores: count,
  memoryBytes: z.number().positive(),
  /** The version of ONNX Runtime. */
  runtime: z.string(),
};

/** What a tuning was made for. */
const subjectFields = {
  modelId: z.string().min(1),
  weightsSha256: z.string().min(1),
  precision: z.enum(['int8', 'fp32']),
  provider: z.string().min(1),
};

const tuningSchema = z.object({
  ...machineFields,
  ...subjectFields,
  tilePx: z.int().min(24).max(4096),
  workers: count.max(256),
  threads: count.max(256),
  /** Result pixels, in a batch. */
  pixelsPerSecond: z.number().positive(),
  /** Its rate ÷ that of the defaults. */
  gain: z.number().positive(),
  /** ISO 8601. */
  tunedAt: z.string(),
});

const fileSchema = z.object({ version: z.literal(tuningsVersion), tunings: z.array(tuningSchema) });

/** The fastest settings for one model on one machine. */
export type Tuning = Readonly<z.infer<typeof tuningSchema>>;
export type TuningMachine = Pick<Tuning, keyof typeof machineFields>;
export type TuningSubject = Pick<Tuning, keyof typeof subjectFields>;

/** Reads a file's tunings; undefined for what this version does not understand. */
export function parseTunings(value: unknown): readonly Tuning[] | undefined {
  const parsed = fileSchema.safeParse(value);
  return parsed.success ? parsed.data.tunings : undefined;
}

/** What changed since a tuning was made. */
type TuningChange = 'machine' | 'runtime' | 'model';

export type TuningLookup =
  | { readonly kind: 'none' }
  | { readonly kind: 'tuned'; readonly tuning: Tuning }
  | { readonly kind: 'stale'; readonly tuning: Tuning; readonly changes: readonly TuningChange[] };

/** Of the memory that a system reports, as much may come and go with its kernel and its graphics. */
const MEMORY_TOLERANCE = 0.05;

/** The tuning that holds for a model on a machine, or the nearest that holds no more. The latest of equals. */
export function findTuning(
  tunings: readonly Tuning[],
  machine: TuningMachine,
  { modelId, weightsSha256, precision, provider }: TuningSubject,
): TuningLookup {
  const candidates = tunings
    .filter((one) => one.modelId === modelId && one.precision === precision && one.provider === provider)
    .map((tuning) => ({ tuning, changes: changesOf(tuning, { ...machine, weightsSha256 }) }))
    .sort((one, other) => one.changes.length - other.changes.length || byDate(other.tuning, one.tuning));
  const [nearest] = candidates;
  if (nearest === undefined) return { kind: 'none' };
  return nearest.changes.length === 0 ? { kind: 'tuned', tuning: nearest.tuning } : { kind: 'stale', ...nearest };
}

function byDate(one: Tuning, other: Tuning): number {
  return Date.parse(one.tunedAt) - Date.parse(other.tunedAt);
}

function changesOf(tuning: Tuning, now: TuningMachine & Pick<TuningSubject, 'weightsSha256'>): TuningChange[] {
  const changes: TuningChange[] = [];
  if (!isSameMachine(tuning, now)) changes.push('machine');
  if (tuning.runtime !== now.runtime) changes.push('runtime');
  if (tuning.weightsSha256 !== now.weightsSha256) changes.push('model');
  return changes;
}

/** Whether a tuning was made on a machine, as far as its description tells. */
export function isSameMachine(one: TuningMachine, other: TuningMachine): boolean {
  const memory = Math.abs(one.memoryBytes - other.memoryBytes) / Math.max(one.memoryBytes, other.memoryBytes);
  return one.processor === other.processor && one.cores === other.cores && memory <= MEMORY_TOLERANCE;
}

/** All tunings with a new one in the place of those for the same machine, model, precision and provider. */
export function withNewTuning(tunings: readonly Tuning[], added: Tuning): readonly Tuning[] {
  const kept = tunings.filter(
    (one) =>
      !isSameMachine(one, added) ||
      one.modelId !== added.modelId ||
      one.precision !== added.precision ||
      one.provider !== added.provider,
  );
  return [...kept, added];
}

/** Says that a tuning has gone stale, and why; undefined where there is nothing to say. */
export function staleNotice(lookup: TuningLookup): Failure<'tuning-stale'> | undefined {
  if (lookup.kind !== 'stale') return undefined;
  const { tuning, changes } = lookup;
  const { processor, cores, runtime, modelId, precision, provider } = tuning;
  const reasons: Readonly<Record<TuningChange, string>> = {
    machine: `on another machine (${processor.trim()}, ${cores} ${cores === 1 ? 'core' : 'cores'}, or with other memory)`,
    runtime: `with another version of the runtime (${runtime})`,
    model: 'for other weights',
  };
  const why = changes.map((change) => reasons[change]).join(' and ');
  return {
    code: 'tuning-stale',
    message: `The tuning of ${modelId} in ${precision}${provider === 'cpu' ? '' : ` on ${provider}`} was made ${why}; the defaults are used. Run "tessera tune" again.`,
    details: { modelId, changes: changes.join(' '), tunedAt: tuning.tunedAt },
  };
}
