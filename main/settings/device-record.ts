/** What probing found out about a machine's devices, whether it still holds, and which device follows from it. Pure. */
import { z } from 'zod';
import type { Failure } from '../engine/errors.ts';
import type { Provider } from '../engine/ports.ts';
import type { DeviceChoice } from './schema.ts';
import { isSameMachine, machineFields, type TuningMachine } from './tuning.ts';

/** The version that this build writes. */
export const deviceRecordsVersion = 1;

const provider = z.literal(['cpu', 'webgpu', 'dml', 'coreml', 'cuda']);
const rate = z.number().positive();
/** In steps of 1/255; see `engine/compare.ts`. */
const difference = z.object({ maximumSteps: z.number().min(0), meanSteps: z.number().min(0) });
const reason = z.object({
  code: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

const verdict = z.discriminatedUnion('state', [
  z.object({ provider, state: z.literal('right'), difference, megapixelsPerSecond: rate }),
  z.object({ provider, state: z.literal('wrong'), difference }),
  z.object({ provider, state: z.literal('failed'), reason }),
]);

const record = z.object({
  ...machineFields,
  /** What was run; see `networkOf`. Its trainings take the same time. */
  network: z.string().min(1),
  /** What was asked for; graphics devices compute in fp32 all the same. */
  precision: z.enum(['int8', 'fp32']),
  /** Each device that the runtime brings, the processor first. */
  devices: z.array(verdict),
  /** The fastest that gave the right picture. */
  fastest: provider,
  /** ISO 8601. */
  probedAt: z.string(),
});

const file = z.object({ version: z.literal(deviceRecordsVersion), records: z.array(record) });

/** One probing of a machine's devices with one network. */
export type DeviceRecord = Readonly<z.infer<typeof record>>;
/** What probing said of one device. */
export type DeviceVerdict = Readonly<z.infer<typeof verdict>>;
export type DeviceSubject = Pick<DeviceRecord, 'network' | 'precision'>;

/** Reads a file's records; undefined for what this version does not understand. */
export function parseDeviceRecords(value: unknown): readonly DeviceRecord[] | undefined {
  const parsed = file.safeParse(value);
  return parsed.success ? parsed.data.records : undefined;
}

/** What changed since devices were probed. */
type DeviceChange = 'machine' | 'runtime';

export type DeviceLookup =
  | { readonly kind: 'none' }
  | { readonly kind: 'found'; readonly record: DeviceRecord }
  | { readonly kind: 'stale'; readonly record: DeviceRecord; readonly changes: readonly DeviceChange[] };

/** The record that holds for a network on a machine, or the nearest that holds no more. The latest of equals. */
export function findDevices(
  records: readonly DeviceRecord[],
  machine: TuningMachine,
  subject: DeviceSubject,
): DeviceLookup {
  const [nearest] = records
    .filter((one) => isAbout(one, subject))
    .map((one) => ({ record: one, changes: changesOf(one, machine) }))
    .sort(
      (one, other) =>
        one.changes.length - other.changes.length ||
        Date.parse(other.record.probedAt) - Date.parse(one.record.probedAt),
    );
  if (nearest === undefined) return { kind: 'none' };
  return nearest.changes.length === 0 ? { kind: 'found', record: nearest.record } : { kind: 'stale', ...nearest };
}

/**
 * The device that work runs on: the one that a person chose, else the fastest that was found right here, else the
 * processor. What was found on another machine or with another runtime counts as nothing found.
 */
export function chooseDevice(choice: DeviceChoice, found: DeviceLookup): Provider {
  if (choice !== 'auto') return choice;
  return found.kind === 'found' ? found.record.fastest : 'cpu';
}

/** All records with a new one in the place of those of the same machine, network and precision. */
export function withNewRecord(records: readonly DeviceRecord[], added: DeviceRecord): readonly DeviceRecord[] {
  return [...records.filter((one) => !isSameMachine(one, added) || !isAbout(one, added)), added];
}

/** Says that another device than the processor would have been used, and why it is not; undefined otherwise. */
export function staleDeviceNotice(choice: DeviceChoice, found: DeviceLookup): Failure<'devices-stale'> | undefined {
  if (choice !== 'auto' || found.kind !== 'stale' || found.record.fastest === 'cpu') return undefined;
  const { record: old, changes } = found;
  const reasons: Readonly<Record<DeviceChange, string>> = {
    machine: `on another machine (${old.processor.trim()}, or with other memory)`,
    runtime: `with another version of the runtime (${old.runtime})`,
  };
  const why = changes.map((change) => reasons[change]).join(' and ');
  return {
    code: 'devices-stale',
    message: `The device ${old.fastest} was found fastest ${why}; the processor is used. Run "tessera devices" again.`,
    details: { provider: old.fastest, changes: changes.join(' '), probedAt: old.probedAt },
  };
}

function isAbout(one: DeviceSubject, { network, precision }: DeviceSubject): boolean {
  return one.network === network && one.precision === precision;
}

function changesOf(old: TuningMachine, now: TuningMachine): DeviceChange[] {
  const machine: DeviceChange[] = isSameMachine(old, now) ? [] : ['machine'];
  return old.runtime === now.runtime ? machine : [...machine, 'runtime'];
}
