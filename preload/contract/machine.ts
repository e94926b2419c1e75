/** What this computer was found to be good at: tuned settings and devices, and the long work that finds them. */
import type { ContractError } from './errors.ts';

/** What models can run on. */
export type Device = 'cpu' | 'webgpu' | 'dml' | 'coreml' | 'cuda';

/** A tuning's or a check's number; never reused within a session. */
export type MachineWorkId = number;

/** Making photos; workers × threads at one tile; tiles; whole batches of the best few. */
export type TunePhase = 'photos' | 'crews' | 'tiles' | 'batches';

/** What is being measured now. */
export type MachineWork =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'tuning';
      readonly id: MachineWorkId;
      readonly phase: TunePhase;
      /** 0…1; never falls. */
      readonly fraction: number;
      /** At most. */
      readonly leftMs: number;
    }
  | {
      readonly kind: 'checking';
      readonly id: MachineWorkId;
      /** Null until the first one is tried. */
      readonly device: Device | null;
      /** Devices that were tried before it. */
      readonly index: number;
      readonly count: number;
    };

/** What tuning chooses among. */
export interface TunableSetting {
  readonly tilePx: number;
  readonly workers: number;
  readonly threads: number;
}

/** One setting and how fast a batch is with it. */
export interface HeatCell extends TunableSetting {
  /** Of result a second; null where there was no time for it. */
  readonly megapixelsPerSecond: number | null;
}

/** All settings of a tuning. */
export interface HeatMap {
  readonly model: string;
  readonly device: Device;
  readonly precision: 'int8' | 'fp32';
  readonly cells: readonly HeatCell[];
  /** Null while it is measured. */
  readonly verdict: TuneVerdict | null;
}

/** What came of a tuning. */
interface TuneVerdict {
  readonly best: TunableSetting;
  /** What is used where nothing is tuned. */
  readonly standard: TunableSetting;
  /** The best one's rate ÷ the standard one's. */
  readonly gain: number;
  readonly elapsedMs: number;
  /** Whether whole batches were measured, not tiles alone. */
  readonly sure: boolean;
}

/** What changed since something was found. */
export type MachineChange = 'machine' | 'runtime' | 'model';

/** What is remembered for the model, device and precision in force. */
export type KnownTuning =
  | { readonly kind: 'none'; readonly model: string }
  | (TunableSetting & {
      readonly kind: 'tuned';
      readonly model: string;
      readonly gain: number;
      /** ISO 8601. */
      readonly tunedAt: string;
    })
  | {
      readonly kind: 'stale';
      readonly model: string;
      readonly changes: readonly MachineChange[];
      readonly tunedAt: string;
    };

/** What trying a device said. */
export type DeviceVerdict =
  | { readonly kind: 'untried' }
  | { readonly kind: 'right'; readonly megapixelsPerSecond: number; readonly maximumSteps: number }
  | { readonly kind: 'wrong'; readonly maximumSteps: number }
  | { readonly kind: 'failed'; readonly error: ContractError };

/** The devices that the runtime brings on this system, the processor first. */
export interface KnownDevices {
  readonly list: readonly { readonly device: Device; readonly verdict: DeviceVerdict }[];
  /** What automatic comes to. */
  readonly automatic: Device;
  /** ISO 8601; null where nothing was tried with this network and precision. */
  readonly checkedAt: string | null;
  /** What changed since; the verdicts then count no more. */
  readonly changes: readonly MachineChange[];
}

/** All that is known of this computer. */
export interface MachineState {
  readonly work: MachineWork;
  /** Why the last work ended without a result; gone with the next one. */
  readonly failure: ContractError | null;
  /** Of the tuning that runs, or of this session's last. */
  readonly heat: HeatMap | null;
  readonly tuning: KnownTuning;
  readonly devices: KnownDevices;
}
