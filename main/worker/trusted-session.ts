/** Sessions on devices other than the processor: compared with it on a known tile before any photo sees them. */
import { availableParallelism } from 'node:os';
import { checkTile } from '../../models/self-check.ts';
import type { LoadedGraph } from '../../models/load-graph.ts';
import { loadTileModel } from '../engine/adapters/ort-model.ts';
import type { Runtime } from '../engine/adapters/ort-session.ts';
import { compareSamples, isTrusted } from '../engine/compare.ts';
import type { Failure, Result } from '../engine/errors.ts';
import type { TileModel, TileShape } from '../engine/ports.ts';

/** Opens a session; ONNX Runtime's own unless a test brings another. */
export type OpenSession = typeof loadTileModel;

/**
 * Opens a session on the device that was asked for, or on the processor where the device fails or computes wrong.
 *
 * Graphics drivers lie more often than they crash, so a device is believed only after it gave the processor's answer to
 * a known tile, within `isTrusted`'s bounds. The processor is not checked here: for int8 the ladder does it.
 *
 * A device has one worker, which is alone with the processor where the device is left: it then takes all cores.
 *
 * @param onNotice told which device was left, and why
 * @returns the first failure of the processor's session, if even that fails
 */
export async function openTrusted(
  graph: LoadedGraph,
  runtime: Runtime,
  onNotice: (notice: Failure) => void,
  open: OpenSession = loadTileModel,
): Promise<Result<TileModel>> {
  if (runtime.provider === 'cpu') return open(graph, runtime);
  const processor = await open(graph, onProcessor(runtime));
  if (!processor.ok) return processor;
  const device = await open(graph, runtime);
  const refusal = device.ok ? await refusalOf(graph, device.value, processor.value, runtime) : device.error;
  if (refusal === undefined && device.ok) {
    await processor.value.dispose();
    return device;
  }
  if (device.ok) await device.value.dispose();
  if (refusal !== undefined) onNotice(deviceLeft(refusal, runtime));
  return processor;
}

/** How the worker of a device runs on the processor. */
export function onProcessor(runtime: Runtime): Runtime {
  return { ...runtime, provider: 'cpu', threads: Math.max(runtime.threads, availableParallelism()) };
}

/** Why the device is not to be used, or undefined. Where the processor cannot tell what is right, nobody can. */
async function refusalOf(
  graph: LoadedGraph,
  device: TileModel,
  processor: TileModel,
  { provider }: Runtime,
): Promise<Failure | undefined> {
  const wanted = await inferKnownTile(processor, graph);
  if (!wanted.ok) return wanted.error;
  const given = await inferKnownTile(device, graph);
  if (!given.ok) return given.error;
  const difference = compareSamples(given.value, wanted.value, graph.bytesPerSample);
  if (isTrusted(difference)) return undefined;
  return { code: 'device-wrong', message: `${provider} computes wrong pictures.`, details: { ...difference } };
}

/** What is told of a device that is used no longer. */
export function deviceLeft(reason: Failure, { provider }: Runtime): Failure {
  const why = reason.code === 'device-wrong' ? 'computes wrong pictures' : 'does not run this model';
  return {
    code: reason.code === 'device-wrong' ? 'device-wrong' : 'device-failed',
    message: `The device ${provider} ${why} on this machine, so the processor is used.`,
    details: { provider, reason: reason.message, ...reason.details },
  };
}

async function inferKnownTile(model: TileModel, graph: LoadedGraph): Promise<Result<Uint8Array>> {
  const known = checkTile(graph.haloPx);
  const shape: TileShape = { heightPx: known.heightPx, widthPx: known.widthPx };
  const pixelBytes = graph.channels * graph.bytesPerSample;
  const input = repeatTo(known.pixels, shape.heightPx * shape.widthPx * pixelBytes);
  const grown = (px: number): number => (px - 2 * graph.marginPx) * graph.scale;
  const output = new Uint8Array(grown(shape.heightPx) * grown(shape.widthPx) * pixelBytes);
  const ran = await model.bind(shape, input, output).run();
  return ran.ok ? { ok: true, value: output } : ran;
}

/** The tile's bytes, cut or repeated: for grey and for 16 bits it only has to be the same for both. */
function repeatTo(bytes: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => bytes[at % bytes.length]!);
}
