import { resolve } from 'node:path';
import { findKnownModel, knownModels } from '../../models/known.ts';
import { success, type Failure, type Result } from '../engine/errors.ts';
import { haloOf, makePlan, type Plan } from '../engine/plan.ts';
import { bytesPerPixel, planesOf } from '../engine/planes.ts';
import type { PhotoInfo, Provider } from '../engine/ports.ts';
import { poolSizeOf } from '../jobs/batch.ts';
import { spoolBytes } from '../engine/spool-need.ts';
import { planPhoto, type PhotoPlan } from '../jobs/resolve.ts';
import type { PoolSize } from '../pool/sizing.ts';
import { importedModelsFolder } from '../settings/models-folder.ts';
import { WorkerHost } from '../pool/worker-host.ts';
import type { Precision } from '../worker/protocol.ts';
import type { InspectCommand } from './command.ts';
import { readHeaders, refuse } from './photo-headers.ts';
import { formatBytes, formatPixels, formatTimeLeft } from './format.ts';
import type { Surroundings } from './surroundings.ts';

/** Tiles are timed for this long to estimate what a photo takes. */
const PROBE_MS = 400;

/** Says what would be done to a photo; returns the exit code. */
export async function inspect(command: InspectCommand, surroundings: Surroundings): Promise<number> {
  const path = resolve(command.file);
  const headers = await readHeaders([path], command.settings, surroundings);
  const info = headers.ok ? headers.value[0]! : headers;
  const planned = info.ok ? planPhoto(info.value, command.settings, knownModels(importedModelsFolder())) : info;
  if (!info.ok || !planned.ok) return refuse(info.ok ? assertFailed(planned) : info.error, surroundings);
  const size = poolSizeOf(command.settings);
  const plan = planOf(info.value, planned.value, size);
  if (!plan.ok) return refuse(plan.error, surroundings);
  const precision = precisionOf(info.value, planned.value);
  const timed = await timeTile(plan.value, planned.value, precision, size, surroundings);
  if (!timed.ok) return refuse(timed.error, surroundings);
  const facts = describe(path, info.value, planned.value, plan.value, size, timed.value);
  surroundings.stdout.write(command.json ? `${JSON.stringify(facts)}\n` : wordsOf(facts));
  return 0;
}

function assertFailed(result: Result<unknown>): { readonly code: string; readonly message: string } {
  if (result.ok) throw new Error('Expected a failure.');
  return result.error;
}

function planOf(info: PhotoInfo, { target, format, spec }: PhotoPlan, { budget }: PoolSize): Result<Plan> {
  const field = findKnownModel(spec.modelId, importedModelsFolder())!.haloPx;
  return makePlan({
    image: info,
    scale: target.model.scale,
    tiling: spec.tiling,
    tilePx: spec.tilePx,
    haloPx: haloOf(spec, field),
    bytesPerPixel: bytesPerPixel(planesOf(info, format)),
    budget,
  });
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
  { spec }: PhotoPlan,
  precision: Precision,
  { provider, threads, layout }: PoolSize,
  { start, stderr }: Surroundings,
): Promise<Result<TileTime>> {
  const importedFolder = importedModelsFolder();
  const config = { threads, provider, layout, reuseArena: true, importedFolder } as const;
  const onNotice = ({ code, message }: Failure): void => void stderr.write(`Note: ${message} (${code})\n`);
  const host = new WorkerHost(start, config, { onNotice, onExit: () => undefined });
  try {
    const ready = await host.ready;
    if (!ready.ok) return ready;
    const { modelId } = spec;
    const padding = plan.haloPx >= findKnownModel(modelId, importedFolder)!.haloPx ? 'valid' : 'same';
    const measured = await host.run({
      kind: 'measure',
      modelId,
      precision,
      padding,
      tile: plan.tile,
      durationMs: PROBE_MS,
    });
    if (!measured.ok) return measured;
    const { elapsedMs, tiles, ...ran } = measured.value;
    return success({ provider: ran.provider, precision: ran.precision, tileMs: elapsedMs / tiles });
  } finally {
    await host.stop();
  }
}

interface Facts {
  readonly path: string;
  readonly source: PhotoInfo;
  readonly result: { readonly widthPx: number; readonly heightPx: number; readonly format: string };
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
  { target, format, spec }: PhotoPlan,
  plan: Plan,
  { workers, threads, layout }: PoolSize,
  { provider, precision, tileMs }: TileTime,
): Facts {
  const planes = planesOf(source, format);
  const tiles = plan.tileCount * planes.length;
  const { sourceBytes, outputBytes, tileInputBytes, tileOutputBytes } = layout;
  return {
    path,
    source,
    result: { widthPx: target.widthPx, heightPx: target.heightPx, format },
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
    spoolBytes: spoolBytes(source, target.model.scale, format),
    estimatedMs: (tiles * tileMs) / Math.min(workers, plan.strips.length),
  };
}

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
