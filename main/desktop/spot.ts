/** Enhances one spot of a photo, through the same workers and the same graphs as the batch. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Region, RegionPreview } from '../../preload/contract/dto.ts';
import { success, type Result } from '../engine/errors.ts';
import { planPhoto } from '../jobs/resolve.ts';
import type { ModelChoice } from '../jobs/target.ts';
import type { Rectangle } from '../previews/messages.ts';
import type { MakePreview, PictureBook } from '../previews/picture-book.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import type { EnhanceSpec } from '../worker/protocol.ts';
import type { Entry } from './photo-list.ts';
import type { Runner } from './runner.ts';

export interface SpotRequest {
  readonly entry: Entry;
  readonly region: Region;
  readonly settings: EnhanceSettings;
  readonly models: readonly ModelChoice[];
  readonly runner: Runner;
  readonly book: PictureBook;
  readonly make: MakePreview;
}

/** Real neighbours around the spot, more than any halo of these models (13), so that its edge is what it will be in the whole photo. */
const marginPx = 16;

/** @returns the spot, enhanced at the model's own scale, and how long that took */
export async function enhanceSpot(request: SpotRequest): Promise<Result<RegionPreview>> {
  const startedMs = performance.now();
  const { region, runner, make, book, settings } = request;
  const name = `spot-${randomUUID()}`;
  const cut = join(runner.scratchFolder, `${name}.png`);
  const result = join(runner.scratchFolder, `${name}-result.tif`);
  const part = withMargin(region, request.entry.view.source ?? region);
  const made = await make({ kind: 'cut', source: request.entry.path, target: cut, part });
  if (!made.ok) return made;
  const probed = await runner.source.run<'probe'>({ kind: 'probe', paths: [cut] }, 'now');
  if (!probed.ok) return probed;
  const info = probed.value.photos[0]!;
  if (!info.ok) return info;
  const planned = planPhoto(info.value, settings, request.models);
  if (!planned.ok) return planned;
  const { scale } = planned.value.target.model;
  const enhanced = await enhanceFile(runner, name, cut, result, info.value, planned.value.spec, scale);
  await rm(cut, { force: true });
  if (!enhanced.ok) return enhanced;
  const after = book.addPart(result, {
    left: (region.leftPx - part.left) * scale,
    top: (region.topPx - part.top) * scale,
    width: region.widthPx * scale,
    height: region.heightPx * scale,
  });
  return success({ region, after, model: settings.model, tookMs: performance.now() - startedMs });
}

async function enhanceFile(
  { source, scratchFolder, size }: Runner,
  name: string,
  from: string,
  to: string,
  info: NonNullable<Entry['info']>,
  spec: EnhanceSpec,
  scale: number,
): Promise<Result<void>> {
  const { budget } = size;
  const common = { photoId: name, source: from, info, spec, budget, scratchFolder };
  const opened = await source.run<'open'>({ kind: 'open', ...common, outputFormat: 'tiff' }, 'now');
  if (!opened.ok) return opened;
  const { photo } = opened.value;
  for (const stripIndex of photo.stripTiles.keys()) {
    const inferred = await source.run<'infer'>({ kind: 'infer', photo, stripIndex }, 'now');
    if (!inferred.ok) return inferred;
  }
  const output = {
    path: to,
    format: 'tiff',
    quality: 100,
    mayOverwrite: true,
    widthPx: info.widthPx * scale,
    heightPx: info.heightPx * scale,
  } as const;
  const store = { temporaryPath: `${to}.part`, claimPath: `${to}.claim` };
  const closed = await source.run<'close'>({ kind: 'close', photo, output, store }, 'now');
  const spools = [...photo.planes.map(({ sourcePath }) => sourcePath), ...photo.bandPaths];
  await Promise.all(spools.map((path) => rm(path, { force: true })));
  return closed.ok ? success(undefined) : closed;
}

function withMargin(region: Region, whole: { readonly widthPx: number; readonly heightPx: number }): Rectangle {
  const left = Math.max(0, region.leftPx - marginPx);
  const top = Math.max(0, region.topPx - marginPx);
  const right = Math.min(whole.widthPx, region.leftPx + region.widthPx + marginPx);
  const bottom = Math.min(whole.heightPx, region.topPx + region.heightPx + marginPx);
  return { left, top, width: right - left, height: bottom - top };
}
