/** Enhances spots of photos, through the same workers and the same graphs as the batch. */
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Region, RegionPreview } from '../../preload/contract/dto.ts';
import { success, type Result } from '../engine/errors.ts';
import { haloOf } from '../engine/plan.ts';
import type { PhotoInfo } from '../engine/ports.ts';
import { planPhoto, type PhotoPlan } from '../jobs/resolve.ts';
import type { ModelChoice } from '../jobs/target.ts';
import type { Rectangle } from '../previews/messages.ts';
import type { MakePreview, PictureBook } from '../previews/picture-book.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import type { OpenPhoto } from '../worker/protocol.ts';
import type { Runner } from './runner.ts';
import { cutsOf, discard, partOf, scaledWithin, withMargin } from './spot-cut.ts';
import type { Urgency } from './work-source.ts';

export interface SpotParts {
  readonly models: readonly ModelChoice[];
  readonly workers: () => Promise<Runner>;
  readonly book: PictureBook;
  readonly make: MakePreview;
}

/** A photo and how it is to be enhanced. */
export interface SpotPhoto {
  readonly path: string;
  readonly info: PhotoInfo;
  readonly settings: EnhanceSettings;
}

/** A photo that stays decoded, because the next spot is most likely one of it too. */
interface Kept {
  readonly key: string;
  readonly runner: Runner;
  readonly photo: Promise<Result<OpenPhoto>>;
  /** Spots that are being cut from it. */
  readonly users: Set<Promise<unknown>>;
}

/** A spot's result on disk. */
interface Enhanced {
  readonly photo: OpenPhoto;
  /** The spot within the result, whose margin is not shown. */
  readonly part: Rectangle;
}

/** A photo of more than this is decoded when it is clicked, and not on the mere chance of that. */
const mostAheadPx = 60_000_000;
/** The part of a photo that warms the model up. */
const warmUpPx = 64;
/** So long a photo is on show before it is taken for looked at. */
const restMs = 300;

/** Enhances spots, one photo's after the other. */
export class Spots implements Disposable {
  readonly #parts: SpotParts;
  #kept: Kept | undefined;
  #expecting: NodeJS.Timeout | undefined;

  constructor(parts: SpotParts) {
    this.#parts = parts;
  }

  /** @returns the spot at the model's own scale, ready to be shown, and how long that took */
  async enhance(photo: SpotPhoto, region: Region): Promise<Result<RegionPreview>> {
    const startedMs = performance.now();
    const enhanced = await this.#enhance(photo, region, 'now');
    if (!enhanced.ok) return enhanced;
    const { bandPaths, planes } = enhanced.value.photo;
    const channels = planes.reduce((sum, plane) => sum + plane.channels, 0);
    const after = await this.#parts.book.addPart({ bands: bandPaths, channels }, enhanced.value.part);
    void discard(enhanced.value.photo);
    if (!after.ok) return after;
    const model = photo.settings.model;
    return success({ region, after: after.value, model, tookMs: performance.now() - startedMs });
  }

  /**
   * A photo is on show: somebody may click it. Once the eye rests on it, it is decoded and its model warmed up, so that
   * the first click is answered as quickly as the next ones.
   */
  expect(photo: SpotPhoto): void {
    clearTimeout(this.#expecting);
    const { widthPx, heightPx } = photo.info;
    if (widthPx * heightPx > mostAheadPx) return;
    const corner = {
      leftPx: 0,
      topPx: 0,
      widthPx: Math.min(warmUpPx, widthPx),
      heightPx: Math.min(warmUpPx, heightPx),
    };
    this.#expecting = setTimeout(() => {
      // Only a head start: what fails now is said when somebody clicks.
      void this.#enhance(photo, corner, 'idle').then(
        (done) => (done.ok ? discard(done.value.photo) : undefined),
        () => undefined,
      );
    }, restMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#expecting);
  }

  async #enhance(photo: SpotPhoto, region: Region, urgency: Urgency): Promise<Result<Enhanced>> {
    const planned = planPhoto(photo.info, photo.settings, this.#parts.models);
    if (!planned.ok) return planned;
    const kept = await this.#keep(photo, planned.value, urgency);
    const opened = await kept.photo;
    if (!opened.ok) {
      if (this.#kept === kept) this.#kept = undefined;
      return opened;
    }
    const work = this.#cutAndInfer(kept.runner, opened.value, planned.value, region, urgency);
    kept.users.add(work);
    try {
      return await work;
    } finally {
      kept.users.delete(work);
    }
  }

  /** The decoded photo, kept from the last spot where it is still the same file. */
  async #keep({ path, info }: SpotPhoto, { spec }: PhotoPlan, urgency: Urgency): Promise<Kept> {
    const [runner, changedMs] = await Promise.all([this.#parts.workers(), changeTime(path)]);
    const key = `${changedMs} ${path}`;
    if (this.#kept?.key === key && this.#kept.runner === runner) return this.#kept;
    if (this.#kept !== undefined) void letGo(this.#kept);
    const { scratchFolder, size } = runner;
    const photoId = `spot-${randomUUID()}`;
    const task = { kind: 'open', photoId, source: path, info, spec, outputFormat: 'tiff' } as const;
    const opening = runner.source.run<'open'>({ ...task, budget: size.budget, scratchFolder }, urgency);
    const photo = opening.then((opened) => (opened.ok ? success(opened.value.photo) : opened));
    return (this.#kept = { key, runner, photo, users: new Set() });
  }

  async #cutAndInfer(
    runner: Runner,
    whole: OpenPhoto,
    planned: PhotoPlan,
    region: Region,
    urgency: Urgency,
  ): Promise<Result<Enhanced>> {
    const { scale, haloPx: fieldPx } = planned.target.model;
    const haloPx = haloOf(planned.spec, fieldPx);
    const part = withMargin(region, haloPx, whole.image);
    const described = partOf(whole, part, planned, haloPx, runner);
    if (!described.ok) return described;
    const photo = described.value;
    const cuts = cutsOf(whole, photo);
    const cut = await this.#parts.make({ kind: 'cut', cuts, part });
    if (!cut.ok) return cut;
    const inferred = await Promise.all(
      photo.stripTiles.map((_, stripIndex) =>
        runner.source.run<'infer'>({ kind: 'infer', photo, stripIndex }, urgency),
      ),
    );
    const broken = inferred.find((result) => !result.ok);
    if (broken?.ok === false) {
      await discard(photo);
      return broken;
    }
    return success({ photo, part: scaledWithin(part, region, scale) });
  }
}

async function changeTime(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** Removes a decoded photo once nothing is cut from it any more. */
async function letGo({ photo, users }: Kept): Promise<void> {
  const opened = await photo;
  await Promise.allSettled([...users]);
  if (opened.ok) await discard(opened.value);
}
