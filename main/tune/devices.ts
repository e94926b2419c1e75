/** Which device to run on: each one that the runtime brings is tried, compared with the processor, and timed. */
import { randomUUID } from 'node:crypto';
import { isTrusted, type Difference } from '../engine/compare.ts';
import { failure, success, type Failure, type Result } from '../engine/errors.ts';
import type { Provider } from '../engine/ports.ts';
import type { PoolSize } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import { withHost, type HostOptions } from '../pool/with-host.ts';
import type { WorkerHost } from '../pool/worker-host.ts';
import type { DeviceVerdict } from '../settings/device-record.ts';
import type { EnhanceSpec, OpenPhoto, WorkerConfig } from '../worker/protocol.ts';
import { openRawRig } from './raw-rig.ts';

/** A device that does not answer in this time is as good as none. */
const PATIENCE_MS = 30_000;
const MEASURE_MS = 1_000;

/** What came of trying one device. */
export type DeviceReport = DeviceVerdict;

export interface ProbeOptions {
  readonly start: StartProcess;
  /** Workers and threads on each device. */
  readonly sizeOn: (provider: Provider) => PoolSize;
  /** The model and its tile; the precision is the one that is wished for. */
  readonly spec: EnhanceSpec;
  /** A photo in colour, larger than a tile. */
  readonly sample: string;
  /** Existing folder for the decoded sample. */
  readonly scratchFolder: string;
  /** Where models lie, where that is not the source tree. */
  readonly folders?: Pick<WorkerConfig, 'weightsFolder' | 'importedFolder'>;
  /** How long each device may take, in all. */
  readonly patienceMs?: number;
  /** Ends the workers at once. */
  readonly signal?: AbortSignal;
  readonly onStart?: (provider: Provider, place: { readonly index: number; readonly count: number }) => void;
  readonly onReport?: (report: DeviceReport) => void;
}

/**
 * Tries every device that the runtime brings, one after the other, each in processes of its own.
 *
 * @returns a report a device, the processor first; `cancelled`; or why the processor itself cannot do it
 */
export async function probeDevices(options: ProbeOptions): Promise<Result<readonly DeviceReport[]>> {
  const { signal, onStart, onReport } = options;
  const reports: DeviceReport[] = [];
  const probed = await withHost(hostOn('cpu', options, signal), async (processor): Promise<Result<void>> => {
    const opened = await openSample(processor, options);
    if (!opened.ok) return opened;
    const listed = await processor.run({ kind: 'devices' });
    if (!listed.ok) return listed;
    const { providers } = listed.value;
    for (const [index, provider] of providers.entries()) {
      onStart?.(provider, { index, count: providers.length });
      const report = await tryDevice(provider, opened.value, options);
      if (signal?.aborted === true) return CANCELLED;
      if (provider === 'cpu' && report.state === 'failed') return { ok: false, error: report.reason };
      reports.push(report);
      onReport?.(report);
    }
    return success(undefined);
  });
  if (signal?.aborted === true) return CANCELLED;
  return probed.ok ? success(reports) : probed;
}

/** The fastest device that gives the right picture; the processor where none does. Pure. */
export function fastestRight(reports: readonly DeviceReport[]): Provider {
  let best: { readonly provider: Provider; readonly rate: number } = { provider: 'cpu', rate: -Infinity };
  for (const report of reports) {
    if (report.state !== 'right' || report.megapixelsPerSecond <= best.rate) continue;
    best = { provider: report.provider, rate: report.megapixelsPerSecond };
  }
  return best.provider;
}

const CANCELLED: Result<never> = failure('cancelled', 'The devices were not all tried; nothing was changed.');
/** A worker that tries a device and dies of it. */
const CRASHED: Failure = {
  code: 'device-crashed',
  message: 'The program part that tried it crashed. A newer driver may help.',
};
const NO_DIFFERENCE: Difference = { maximumSteps: 0, meanSteps: 0 };

async function tryDevice(provider: Provider, photo: OpenPhoto, options: ProbeOptions): Promise<DeviceReport> {
  const { patienceMs = PATIENCE_MS, signal } = options;
  const patience = AbortSignal.timeout(patienceMs);
  const either = signal === undefined ? patience : AbortSignal.any([signal, patience]);
  const report = await judge(provider, photo, options, either);
  // A worker that was ended for its slowness only knows that it was ended.
  if (report.state !== 'failed' || !patience.aborted) return report;
  const message = `The device did not answer within ${patienceMs / 1000} seconds.`;
  return { provider, state: 'failed', reason: { code: 'device-slow', message, details: {} } };
}

/** The picture first, then the time: a device that computes wrong need not be timed. */
async function judge(
  provider: Provider,
  photo: OpenPhoto,
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<DeviceReport> {
  const tile = tileOf(options.spec);
  const difference =
    provider === 'cpu'
      ? success(NO_DIFFERENCE)
      : await withHost(hostOn(provider, options, signal), (host) => host.run({ kind: 'compare', photo, tile }));
  if (!difference.ok) return failed(provider, difference.error);
  if (!isTrusted(difference.value)) return { provider, state: 'wrong', difference: difference.value };
  return time(provider, difference.value, options, signal);
}

async function time(
  provider: Provider,
  difference: Difference,
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<DeviceReport> {
  const { start, sizeOn, spec, folders } = options;
  const { modelId, precision } = spec;
  const common = { start, size: sizeOn(provider), provider, modelId, precision, padding: 'valid', signal } as const;
  const notices: Failure[] = [];
  const onNotice = (notice: Failure): void => void notices.push(notice);
  const rig = await openRawRig({ ...common, onNotice, ...(folders && { folders }) });
  if (!rig.ok) return failed(provider, rig.error);
  try {
    const measured = await rig.value.run(tileOf(spec), MEASURE_MS);
    if (!measured.ok) return failed(provider, measured.error);
    // Workers leave a device that fails on their known tile, and would be timed on the processor.
    const left = notices.find(({ code }) => code === 'device-failed' || code === 'device-wrong');
    if (left !== undefined) return failed(provider, left);
    return { provider, state: 'right', difference, megapixelsPerSecond: measured.value.pixelsPerSecond / 1e6 };
  } finally {
    await rig.value[Symbol.asyncDispose]();
  }
}

function failed(provider: Provider, error: Failure): DeviceReport {
  const {
    code,
    message,
    details = {},
  } = provider !== 'cpu' && error.code === 'worker-died' ? { ...error, ...CRASHED } : error;
  const known = Object.entries(details).filter(([, value]) => value !== undefined);
  const kept = Object.fromEntries(known) as Readonly<Record<string, string | number | boolean>>;
  return { provider, state: 'failed', reason: { code, message, details: kept } };
}

function hostOn(
  provider: Provider,
  { start, sizeOn, folders }: ProbeOptions,
  signal: AbortSignal | undefined,
): HostOptions {
  return { start, size: sizeOn(provider), provider, ...(folders && { folders }), ...(signal && { signal }) };
}

async function openSample(host: WorkerHost, options: ProbeOptions): Promise<Result<OpenPhoto>> {
  const { sample, spec, sizeOn, scratchFolder } = options;
  const probed = await host.run({ kind: 'probe', paths: [sample] });
  if (!probed.ok) return probed;
  const info = probed.value.photos[0]!;
  if (!info.ok) return info;
  const opened = await host.run({
    kind: 'open',
    photoId: randomUUID(),
    source: sample,
    info: info.value,
    spec,
    outputFormat: 'jpeg',
    budget: sizeOn('cpu').budget,
    scratchFolder,
  });
  return opened.ok ? success(opened.value.photo) : opened;
}

const tileOf = ({ tilePx }: EnhanceSpec): { heightPx: number; widthPx: number } => ({
  heightPx: tilePx,
  widthPx: tilePx,
});
