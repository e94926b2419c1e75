import type { Job, JobId, Picture, Region, RegionPreview } from '../../preload/contract/dto.ts';
import type { ContractError } from '../../preload/contract/errors.ts';
import { outcomeOf, type Api } from '../api/api.ts';
import { fitView, holdInSight, panBy, zoomAt, type Extent, type Point, type View } from '../lib/viewport.ts';

/** How before and after are shown. */
export type CompareMode = 'split' | 'side' | 'peek';

/** What the viewer has of the photo on show. */
export type ViewerContent =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'loading'; readonly job: JobId }
  | { readonly kind: 'failed'; readonly job: JobId; readonly error: ContractError }
  | { readonly kind: 'ready'; readonly job: JobId; readonly before: Picture; readonly after: Picture | null };

/** One spot that was tried before the run. */
export type Trial =
  | { readonly kind: 'working'; readonly region: Region }
  | { readonly kind: 'done'; readonly region: Region; readonly preview: RegionPreview }
  | { readonly kind: 'failed'; readonly region: Region; readonly error: ContractError };

const regionPx = 256;
const maximumZoom = 64;
const minimumZoom = 0.01;

/** The picture in the middle of the window: what it shows, and from where. */
export class ViewerState {
  content = $state.raw<ViewerContent>({ kind: 'nothing' });
  mode = $state<CompareMode>('split');
  /** Where the split stands, 0…1 from the left of the frame. */
  split = $state(0.5);
  /** True while the photo as it was is held on show. */
  peeking = $state(false);
  trial = $state.raw<Trial | null>(null);
  frame = $state.raw<Extent>({ width: 1, height: 1 });
  /** Null: all of the picture, whatever the size of the window. */
  #chosen = $state.raw<View | null>(null);
  readonly #api: Api;
  #asked = 0;

  readonly picture = $derived.by((): Extent | null =>
    this.content.kind === 'ready' ? { width: this.content.before.widthPx, height: this.content.before.heightPx } : null,
  );

  /** Result pixels a source pixel, or 1 where there is no result. */
  readonly #resultScale = $derived.by((): number =>
    this.content.kind === 'ready' && this.content.after !== null
      ? this.content.after.widthPx / this.content.before.widthPx
      : 1,
  );

  /** Pixels of the finest picture on show a source pixel: of the result, or of a spot that was tried. */
  readonly enlargement = $derived.by((): number =>
    this.trial?.kind === 'done'
      ? Math.max(this.#resultScale, this.trial.preview.after.widthPx / this.trial.region.widthPx)
      : this.#resultScale,
  );

  // What fits is the photo's matter: a spot that comes and goes moves nothing.
  readonly view = $derived.by((): View => {
    if (this.#chosen !== null) return this.#chosen;
    const frame = this.mode === 'side' ? { ...this.frame, width: this.frame.width / 2 } : this.frame;
    return fitView(this.picture ?? { width: 1, height: 1 }, frame, this.#resultScale);
  });

  readonly fits = $derived.by(() => this.#chosen === null);

  constructor(api: Api) {
    this.#api = api;
  }

  /** Shows a photo, with its result if it has one. A later call overtakes an earlier one. */
  async show(job: Job | undefined): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const same = this.content.kind !== 'nothing' && this.content.job === job?.id;
    if (!same) {
      this.#chosen = null;
      this.dropTrial();
      this.#put(job === undefined ? { kind: 'nothing' } : { kind: 'loading', job: job.id });
    }
    if (job === undefined) return;
    const outcome = await outcomeOf(this.#api.ask('preview:compare', { job: job.id }));
    if (asked === this.#asked) {
      this.#put(
        outcome.ok
          ? { kind: 'ready', job: job.id, ...outcome.value }
          : { kind: 'failed', job: job.id, error: outcome.error },
      );
    } else if (outcome.ok) this.#giveBack(outcome.value.before, outcome.value.after);
  }

  /** Enhances a spot around a source pixel with the settings in force, or with another model. */
  async tryAt(point: Point): Promise<void> {
    if (this.content.kind !== 'ready') return;
    const { before } = this.content;
    const place = (centre: number, size: number): number =>
      Math.round(Math.min(Math.max(0, centre - regionPx / 2), Math.max(0, size - regionPx)));
    await this.tryRegion({
      leftPx: place(point.x, before.widthPx),
      topPx: place(point.y, before.heightPx),
      widthPx: Math.min(regionPx, before.widthPx),
      heightPx: Math.min(regionPx, before.heightPx),
    });
  }

  /** Enhances a region; with a model's id, by that model in place of the photo's own. */
  async tryRegion(region: Region, model: string | null = null): Promise<void> {
    if (this.content.kind !== 'ready') return;
    const { job } = this.content;
    const working: Trial = { kind: 'working', region };
    this.dropTrial();
    this.trial = working;
    const outcome = await outcomeOf(this.#api.ask('preview:region', { job, region, model }));
    if (this.trial === working) {
      this.trial = outcome.ok
        ? { kind: 'done', region, preview: outcome.value }
        : { kind: 'failed', region, error: outcome.error };
    } else if (outcome.ok) this.#giveBack(outcome.value.after);
  }

  dropTrial(): void {
    if (this.trial?.kind === 'done') this.#giveBack(this.trial.preview.after);
    this.trial = null;
  }

  fit(): void {
    this.#chosen = null;
  }

  /** One pixel of the result, or of the photo, on one pixel of the screen. */
  actualSize(of: 'result' | 'photo', at?: Point): void {
    this.zoomTo((of === 'result' ? this.enlargement : 1) / window.devicePixelRatio, at);
  }

  zoomTo(zoom: number, at: Point = { x: this.frame.width / 2, y: this.frame.height / 2 }): void {
    const held = Math.min(maximumZoom, Math.max(minimumZoom, zoom));
    this.#set(zoomAt(this.view, this.#pane(), at, held));
  }

  pan(by: Point): void {
    this.#set(panBy(this.view, by));
  }

  /** The frame of one picture: half of the whole when two are side by side. */
  #pane(): Extent {
    return this.mode === 'side' ? { ...this.frame, width: this.frame.width / 2 } : this.frame;
  }

  #set(view: View): void {
    if (this.picture !== null) this.#chosen = holdInSight(view, this.picture);
  }

  /** Shows something else, and gives back what was on show. */
  #put(content: ViewerContent): void {
    const old = this.content;
    this.content = content;
    if (old.kind === 'ready') this.#giveBack(old.before, old.after);
  }

  /** The main process keeps files for a picture as long as its token is out. */
  #giveBack(...pictures: readonly (Picture | null)[]): void {
    const tokens = pictures.flatMap((picture) => picture?.token ?? []);
    // Nobody waits for it, and nobody could do anything about a refusal: the files go with the app.
    this.#api.ask('preview:close', { tokens }).catch(() => undefined);
  }
}
