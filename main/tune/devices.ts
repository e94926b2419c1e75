/** Which device to run on: each one that the runtime brings is tried, compared with the processor, and timed. */
import { randomUUID } from 'node:crypto';
import { isTrusted, type Difference } from '../engine/compare.ts';
import { failure, success, type Failure, type Result } from '../engine/errors.ts';
import type { Provider } from '../engine/ports.ts';
import type { PoolSize } from '../pool/sizing.ts';
import type { StartProcess } from '../pool/transport.ts';
import { WorkerHost } from '../pool/worker-host.ts';
import type { EnhanceSpec, OpenPhoto, Precision, WorkerConfig } from '../worker/protocol.ts';
import { measureRaw } from './measure.ts';

/** A device that does not answer in this time is as good as none. */
const PATIENCE_MS = 30_000;
const MEASURE_MS = 1_000;

/** What came of trying one device. */
export type DeviceReport = {
  readonly provider: Provider;
} & (
  | { readonly state: 'right'; readonly difference: Difference; readonly megapixelsPerSecond: number }
  /** It answers, and the picture is not the processor's. */
  | { readonly state: 'wrong'; readonly difference: Difference }
  | { readonly state: 'failed'; readonly reason: Failure }
);

export interface ProbeOptions {
  readonly start: StartProcess;
  /** The processor's workers; a graphics device gets one. */
  readonly size: PoolSize;
  /** The model and its tile; its precision is the processor's, other devices compute in fp32. */
  readonly spec: EnhanceSpec;
  /** A photo in colour, larger than a tile. */
  readonly sample: string;
  /** Existing folder for the decoded sample. */
  readonly scratchFolder: string;
  readonly signal?: AbortSignal;
  readonly onReport?: (report: DeviceReport) => void;
}

/**
 * Tries every device that the runtime brings, one after the other, each in processes of its own.
 *
 * @returns a report a device, the processor first; a failure only where the processor itself cannot do it
 */
export async function probeDevices(options: ProbeOptions): Promise<Result<readonly DeviceReport[]>> {
  const processor = await startHost(options, 'cpu');
  if (!processor.ok) return processor;
  try {
    const opened = await openSample(processor.value, options);
    if (!opened.ok) return opened;
    const listed = await processor.value.run({ kind: 'devices' });
    if (!listed.ok) return listed;
    const reports: DeviceReport[] = [];
    for (const provider of listed.value.providers) {
      if (options.signal?.aborted === true) return failure('cancelled', 'Cancelled.');
      const report = await tryDevice(provider, opened.value, options);
      reports.push(report);
      options.onReport?.(report);
    }
    return success(reports);
  } finally {
    await processor.value.stop();
  }
}

/** The fastest device that gives the right picture. Pure. */
export function fastestRight(reports: readonly DeviceReport[]): Provider {
  let best: { readonly provider: Provider; readonly rate: number } = { provider: 'cpu', rate: -Infinity };
  for (const report of reports) {
    if (report.state !== 'right' || report.megapixelsPerSecond <= best.rate) continue;
    best = { provider: report.provider, rate: report.megapixelsPerSecond };
  }
  return best.provider;
}

/** What a device computes in: graphics devices have no kernels for 8-bit convolutions. */
export function precisionOn(provider: Provider, wanted: Precision): Precision {
  return provider === 'cpu' ? wanted : 'fp32';
}

/** How a device is worked: graphics devices run one tile at a time, whoever asks. */
export function sizeOn(provider: Provider, size: PoolSize): PoolSize {
  return provider === 'cpu' ? size : { ...size, workers: 1, threads: 1 };
}

async function tryDevice(provider: Provider, photo: OpenPhoto, options: ProbeOptions): Promise<DeviceReport> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const signal = options.signal === undefined ? patience : AbortSignal.any([options.signal, patience]);
  const difference = provider === 'cpu' ? success(NO_DIFFERENCE) : await compare(provider, photo, options, signal);
  if (!difference.ok) return { provider, state: 'failed', reason: difference.error };
  if (!isTrusted(difference.value)) return { provider, state: 'wrong', difference: difference.value };
  const measured = await measureRaw({
    start: options.start,
    size: sizeOn(provider, options.size),
    modelId: options.spec.modelId,
    precision: precisionOn(provider, options.spec.precision),
    padding: 'valid',
    tiles: [tileOf(options.spec)],
    durationMs: MEASURE_MS,
    provider,
    signal,
  });
  if (!measured.ok) return { provider, state: 'failed', reason: measured.error };
  const megapixelsPerSecond = measured.value[0]!.pixelsPerSecond / 1e6;
  return { provider, state: 'right', difference: difference.value, megapixelsPerSecond };
}

const NO_DIFFERENCE: Difference = { maximumSteps: 0, meanSteps: 0 };

async function compare(
  provider: Provider,
  photo: OpenPhoto,
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<Result<Difference>> {
  const host = await startHost(options, provider);
  if (!host.ok) return host;
  try {
    const compared = await host.value.run({ kind: 'compare', photo, tile: tileOf(options.spec) }, { signal });
    if (compared.ok || !signal.aborted || options.signal?.aborted === true) return compared;
    return failure('device-slow', `The device ${provider} did not answer within ${PATIENCE_MS / 1000} seconds.`);
  } finally {
    await host.value.stop();
  }
}

async function startHost({ start, size }: ProbeOptions, provider: Provider): Promise<Result<WorkerHost>> {
  const config: WorkerConfig = { threads: size.threads, provider, layout: size.layout, reuseArena: true };
  const host = new WorkerHost(start, config, { onNotice: () => undefined, onExit: () => undefined });
  const ready = await host.ready;
  return ready.ok ? success(host) : ready;
}

async function openSample(host: WorkerHost, options: ProbeOptions): Promise<Result<OpenPhoto>> {
  const { sample, spec, size, scratchFolder } = options;
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
    budget: size.budget,
    scratchFolder,
  });
  return opened.ok ? success(opened.value.photo) : opened;
}

const tileOf = ({ tilePx }: EnhanceSpec): { heightPx: number; widthPx: number } => ({
  heightPx: tilePx,
  widthPx: tilePx,
});
