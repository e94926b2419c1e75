import type { Diagnostics, TraceReport } from './diagnostics.ts';
import type {
  AddReport,
  Comparison,
  JobId,
  LookChange,
  LookOverrides,
  Notice,
  PlannedResult,
  QueueDelta,
  QueuePage,
  Region,
  RegionPreview,
  Settings,
  SettingsPatch,
  Welcome,
  WorkEstimate,
} from './dto.ts';
import type { Outcome } from './errors.ts';
import type { MachineState, MachineWorkId } from './machine.ts';

/** Which photos an action is for. */
export type JobSelection = readonly JobId[] | 'all' | 'failed' | 'finished';

/** From the window to the main process. Each takes one payload, checked there, and answers in an envelope. */
interface InvokeChannels {
  'app:welcome': () => Welcome;
  'queue:read': (page: { readonly from: number; readonly count: number }) => QueuePage;
  'queue:add': (request: { readonly paths: readonly string[] }) => AddReport;
  /** Opens the system's picker; null when it was dismissed. */
  'queue:pick': (request: { readonly kind: 'photos' | 'folder' }) => AddReport | null;
  'queue:remove': (request: { readonly jobs: JobSelection }) => void;
  /** Puts jobs, in their present order, before another one, or at the end. */
  'queue:move': (request: { readonly jobs: readonly JobId[]; readonly before: JobId | null }) => void;
  /** Changes what differs for photos, each on top of what it has; null takes all of it back. */
  'queue:override': (request: { readonly jobs: readonly JobId[]; readonly overrides: LookChange | null }) => void;
  'queue:start': () => Outcome<void>;
  'queue:pause': () => void;
  'queue:resume': () => void;
  'queue:cancel': (request: { readonly jobs: JobSelection }) => void;
  'queue:retry': (request: { readonly jobs: JobSelection }) => void;
  'queue:plan': (request: { readonly job: JobId; readonly overrides: LookOverrides }) => Outcome<PlannedResult>;
  'queue:reveal': (request: { readonly job: JobId }) => Outcome<void>;
  'preview:compare': (request: { readonly job: JobId }) => Outcome<Comparison>;
  'preview:region': (request: {
    readonly job: JobId;
    readonly region: Region;
    readonly model: string | null;
  }) => Outcome<RegionPreview>;
  'preview:close': (request: { readonly tokens: readonly string[] }) => void;
  'settings:update': (patch: SettingsPatch) => Outcome<Settings>;
  /** What settings would come to, without keeping them. */
  'settings:estimate': (patch: SettingsPatch) => Outcome<WorkEstimate>;
  'settings:pickFolder': () => string | null;
  'machine:read': () => MachineState;
  /** Measures settings for the model in force; answers at once, and events tell the rest. Not while a batch runs. */
  'machine:tune': (request: { readonly budgetMs: number }) => Outcome<MachineWorkId>;
  /** Tries every device; answers at once, and events tell the rest. Not while a batch runs. */
  'machine:checkDevices': () => Outcome<MachineWorkId>;
  /** Ends a tuning or a check within a second; nothing of it is kept. */
  'machine:cancel': (request: { readonly work: MachineWorkId }) => void;
  /** Goes back to the defaults for the model in force. */
  'machine:forgetTuning': () => Outcome<void>;
  'diagnostics:read': () => Diagnostics;
  /** Asks where to, and writes the batch as a trace for Chrome's viewer; null when the picker was dismissed. */
  'diagnostics:exportTrace': () => Outcome<TraceReport | null>;
  /** Puts a report for a fault's description on the clipboard; no name of a file or folder is in it. */
  'diagnostics:copy': () => void;
}

/** From the main process to the window; at most ten a second each. */
interface EventChannels {
  'queue:changed': (delta: QueueDelta) => void;
  'settings:changed': (settings: Settings) => void;
  'machine:changed': (state: MachineState) => void;
  notice: (notice: Notice) => void;
}

export type InvokeName = keyof InvokeChannels;
export type EventName = keyof EventChannels;
export type InvokePayload<N extends InvokeName> =
  Parameters<InvokeChannels[N]> extends [infer Payload] ? Payload : undefined;
export type InvokeAnswer<N extends InvokeName> = ReturnType<InvokeChannels[N]>;
export type EventPayload<N extends EventName> = Parameters<EventChannels[N]>[0];

/** Every invoke channel's name; the compiler holds the list complete. */
export const invokeNames = Object.keys({
  'app:welcome': true,
  'queue:read': true,
  'queue:add': true,
  'queue:pick': true,
  'queue:remove': true,
  'queue:move': true,
  'queue:override': true,
  'queue:start': true,
  'queue:pause': true,
  'queue:resume': true,
  'queue:cancel': true,
  'queue:retry': true,
  'queue:plan': true,
  'queue:reveal': true,
  'preview:compare': true,
  'preview:region': true,
  'preview:close': true,
  'settings:update': true,
  'settings:estimate': true,
  'settings:pickFolder': true,
  'machine:read': true,
  'machine:tune': true,
  'machine:checkDevices': true,
  'machine:cancel': true,
  'machine:forgetTuning': true,
  'diagnostics:read': true,
  'diagnostics:exportTrace': true,
  'diagnostics:copy': true,
} satisfies Record<InvokeName, true>) as readonly InvokeName[];

/** Every event channel's name. */
export const eventNames = Object.keys({
  'queue:changed': true,
  'settings:changed': true,
  'machine:changed': true,
  notice: true,
} satisfies Record<EventName, true>) as readonly EventName[];
