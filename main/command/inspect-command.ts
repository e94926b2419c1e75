import { resolve } from 'node:path';
import { findKnownModel, knownModels } from '../../models/known.ts';
import { planOf } from '../engine/cut.ts';
import { success, type Failure, type Result } from '../engine/errors.ts';
import { rowUnitFor } from '../engine/jpeg-strips.ts';
import { haloOf, type Plan } from '../engine/plan.ts';
import { lossesOf, planesOf, type Loss } from '../engine/planes.ts';
import type { PhotoInfo, Provider } from '../engine/ports.ts';
import { poolSizeOf } from '../jobs/batch.ts';
import { planPhoto, type PhotoPlan } from '../jobs/resolve.ts';
import type { PoolSize } from '../pool/sizing.ts';
import { importedModelsFolder } from '../settings/models-folder.ts';
import { withHost } from '../pool/with-host.ts';
import type { Precision } from '../worker/protocol.ts';
import type { InspectCommand } from './command.ts';
import { interruptible } from './interruption.ts';
import { readHeaders } from './photo-headers.ts';
import { formatBytes, formatPixels, formatTimeLeft } from './format.ts';
import type { Surroundings } from './surroundings.ts';

/** Tiles are timed for this long to estimate what a photo takes. */
const PROBE_MS = 400;

/** Says what would be done to a photo; returns the exit code. */
export async function inspect(command: InspectCommand, surroundings: Surroundings): Promise<number> {
  return interruptible(surroundings, command.json, async (signal) => {
    const facts = await factsOf(command, surroundings, signal);
    if (!facts.ok) return facts;
    surroundings.stdout.write(command.json ? `${JSON.stringify(facts.value)}\n` : wordsOf(facts.value));
    return success(0);
  });
}

async function factsOf(
  { file, settings }: InspectCommand,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Result<Facts>> {
  const path = resolve(file);
  const headers = await readHeaders([path], settings, surroundings, signal);
  if (!headers.ok) return headers;
  const info = headers.value[0]!;
  if (!info.ok) return info;
  const planned = planPhoto(info.value, settings, knownModels(importedModelsFolder()));
  if (!planned.ok) return planned;
  const size = poolSizeOf(settings);
  const plan = cutOf(info.value, planned.value, size);
  if (!plan.ok) return plan;
  const precision = precisionOf(info.value, planned.value);
  const timed = await timeTile(plan.value, planned.value, precision, size, surroundings, signal);
  if (!timed.ok) return timed;
  return success(describe(path, info.value, planned.value, plan.value, size, timed.value));
}

function cutOf(info: PhotoInfo, photoPlan: PhotoPlan, { budget }: PoolSize): Result<Plan> {
  const { target, format, spec, stripQuality } = photoPlan;
  const { scale, haloPx: fieldPx } = target.model;
  const haloPx = haloOf(spec, fieldPx);
  const planes = planesOf(info, format);
  const windowPx = spec.tilePx - 2 * haloPx;
  const rowUnitPx = stripQuality === undefined ? 1 : rowUnitFor(info.widthPx, scale, planes[0]!.channels, windowPx);
  return planOf({ image: info, scale, spec, haloPx, budget, planes, rowUnitPx });
}

/** What a worker is asked for: sixteen bits a sample are computed in fp32, and so are models without int8. */
function precisionOf(info: PhotoInfo, { format, spec }: PhotoPlan): Precision {
  const possible: readonly Precision[] = findKnownModel(spec.modelId, importedModelsFolder())!.precisions;
  const deep = planesOf(info, format)[0]!.bytesPerSample === 2;
  return deep || !possible.includes(spec.precision) ? 'fp32' : spec.precision;
}

interface TileTime {
  /** What is really computed on, and in: a device may be left, and has precisions of its own. */
  readonly provider: Provider;
  readonly precision: Precision;
  readonly tileMs: number;
}

/** How long a tile takes on this machine, from a short run. */
async function timeTile(
  plan: Plan,
  { target: { model } }: PhotoPlan,
  precision: Precision,
  size: PoolSize,
  { start, stderr }: Surroundings,
  signal: AbortSignal,
): Promise<Result<TileTime>> {
  const padding = plan.haloPx >= model.haloPx ? 'valid' : 'same';
  const { tile } = plan;
  const task = { kind: 'measure', modelId: model.id, precision, padding, tile, durationMs: PROBE_MS } as const;
  const onNotice = ({ code, message }: Failure): void => void stderr.write(`Note: ${message} (${code})\n`);
  const options = {
    start,
    size,
    provider: size.provider,
    folders: { importedFolder: importedModelsFolder() },
    onNotice,
    signal,
  };
  const measured = await withHost(options, (host) => host.run(task));
  if (!measured.ok) return measured;
  const { elapsedMs, tiles, ...ran } = measured.value;
  return success({ provider: ran.provider, precision: ran.precision, tileMs: elapsedMs / tiles });
}

interface Facts {
  readonly path: string;
  readonly source: PhotoInfo;
  readonly result: { readonly widthPx: number; readonly heightPx: number; readonly format: string };
  readonly losses: readonly Loss[];
  readonly modelId: string;
  readonly device: Provider;
  readonly precision: string;
  readonly strips: number;
  readonly tiles: number;
  readonly tilePx: { readonly widthPx: number; readonly heightPx: number };
  readonly haloPx: number;
  readonly workers: number;
  readonly threads: number;
  readonly arenaBytes: number;
  readonly spoolBytes: number;
  readonly estimatedMs: number;
}

function describe(
  path: string,
  source: PhotoInfo,
  photoPlan: PhotoPlan,
  plan: Plan,
  { workers, threads, layout }: PoolSize,
  { provider, precision, tileMs }: TileTime,
): Facts {
  const { target, format, spec, spoolBytes } = photoPlan;
  const planes = planesOf(source, format);
  const tiles = plan.tileCount * planes.length;
  const { sourceBytes, outputBytes, tileInputBytes, tileOutputBytes } = layout;
  return {
    path,
    source,
    result: { widthPx: target.widthPx, heightPx: target.heightPx, format },
    losses: lossesOf(source, format),
    modelId: spec.modelId,
    device: provider,
    precision,
    strips: plan.strips.length,
    tiles,
    tilePx: plan.tile,
    haloPx: plan.haloPx,
    workers,
    threads,
    arenaBytes: workers * (sourceBytes + 2 * outputBytes + tileInputBytes + tileOutputBytes),
    spoolBytes,
    estimatedMs: (tiles * tileMs) / Math.min(workers, plan.strips.length),
  };
}

const lossWords: Readonly<Record<Loss, string>> = {
  colours: 'its colour space: the result is sRGB',
  depth: 'what its samples have beyond 8 bits, which PNG and TIFF alone keep',
  transparency: 'its transparency, which every format but JPEG keeps',
};

function wordsOf(facts: Facts): string {
  const { source, result, tilePx } = facts;
  const kinds = [`${source.bitsPerSample} bits`, source.grey ? 'grey' : 'colour', source.alpha ? 'alpha' : undefined];
  const rows: [string, string][] = [
    ['photo', facts.path],
    ['now', `${source.widthPx} × ${source.heightPx}, ${source.format}, ${kinds.filter(Boolean).join(', ')}`],
    [
      'after',
      `${result.widthPx} × ${result.heightPx} (${formatPixels(result.widthPx * result.heightPx)}), ${result.format}`,
    ],
    ...facts.losses.map((loss): [string, string] => ['loses', lossWords[loss]]),
    ['model', `${facts.modelId}, ${facts.precision}`],
    ['device', facts.device],
    ['strips', `${facts.strips}, of one row of tiles each`],
    ['tiles', `${facts.tiles} of ${tilePx.widthPx} × ${tilePx.heightPx} px, with a halo of ${facts.haloPx} px`],
    ['workers', `${facts.workers} × ${facts.threads} ${facts.threads === 1 ? 'thread' : 'threads'}`],
    ['memory', `${formatBytes(facts.arenaBytes)} for pixels`],
    ['disk', `${formatBytes(facts.spoolBytes)} for temporary files`],
    ['time', `about ${formatTimeLeft(facts.estimatedMs)}, without reading and writing the file`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(8)}${value}\n`).join('');
}
