import type {
  EventName,
  EventPayload,
  InvokeAnswer,
  InvokeName,
  InvokePayload,
} from '../../preload/contract/channels.ts';
import type {
  AddReport,
  ModelInfo,
  Picture,
  PlannedResult,
  Settings,
  WorkEstimate,
} from '../../preload/contract/dto.ts';
import type { Outcome } from '../../preload/contract/errors.ts';
import { changedOverrides } from '../../preload/contract/overrides.ts';
import type { Api, PayloadOf } from './api.ts';
import { fakeDiagnostics } from './fake-diagnostics.ts';
import { FakeMachine } from './fake-machine.ts';
import { drawFakeTile, fakePhoto } from './fake-photos.ts';
import { FakeQueue } from './fake-queue.ts';

/** For development and component tests only; the build that ships does not hold it. */
export interface FakeOptions {
  /** How many photos the queue starts with. */
  readonly photos?: number;
}

type Handlers = { readonly [N in InvokeName]: (payload: InvokePayload<N>) => InvokeAnswer<N> };
type Listeners = { [N in EventName]: Set<(payload: EventPayload<N>) => void> };

const models: readonly ModelInfo[] = (['faithful', 'photo'] as const).map((id) => ({
  id,
  family: 'quicksrnet',
  title: id === 'faithful' ? 'Faithful' : 'Photo',
  purpose: id === 'faithful' ? 'Larger and true to the photo' : 'Larger and cleaned of noise and blur',
  scale: 4,
  parameters: 436_000,
  haloPx: 13,
  licence: 'MIT',
}));

const defaults: Settings = {
  model: 'faithful',
  target: { kind: 'scale', factor: 4 },
  format: 'same',
  quality: 92,
  nameTemplate: '{name}-x{scale}.{ext}',
  precision: 'int8',
  tilePx: 'auto',
  haloPx: 'auto',
  border: 'reflect',
  device: 'auto',
  workers: 'auto',
  threads: 'auto',
  memoryBytes: 'auto',
  existing: 'fail',
  theme: 'system',
  notifyWhenDone: true,
  outputFolder: null,
};

/** An API that lives in the page: everything answers, nothing is read or written. */
export function createFake({ photos = 0 }: FakeOptions = {}): Api {
  const listeners: Listeners = {
    'queue:changed': new Set(),
    'settings:changed': new Set(),
    'machine:changed': new Set(),
    notice: new Set(),
  };
  const queue = new FakeQueue((delta) => {
    for (const listener of listeners['queue:changed']) listener(delta);
  });
  if (photos > 0) queue.add(photos, 'Faithful ×4');
  const machine = new FakeMachine((state) => {
    for (const listener of listeners['machine:changed']) listener(state);
  });
  const handlers = createHandlers(queue, machine);
  return {
    async ask<N extends InvokeName>(name: N, ...payload: PayloadOf<N>): Promise<InvokeAnswer<N>> {
      await new Promise((resolve) => setTimeout(resolve, name === 'preview:region' ? 280 : 4));
      return handlers[name](payload[0] as InvokePayload<N>);
    },
    listen(name, listener) {
      listeners[name].add(listener);
      return () => listeners[name].delete(listener);
    },
    pathsOf: (files) => files.map((file) => `/home/you/Pictures/${file.name}`),
    thumbnailUrl: (token) => cached(token, () => tile(token, 0, 0, 0)),
    tileUrl: (token, level, column, row) =>
      cached(`${token}/${level}/${column}/${row}`, () => tile(token, level, column, row)),
  };
}

function createHandlers(queue: FakeQueue, machine: FakeMachine): Handlers {
  let settings = defaults;
  const added = (count: number): AddReport => {
    queue.add(count, 'Faithful ×4');
    return {
      added: count,
      alreadyThere: 0,
      notPhotos: 0,
      unreadable: { photos: 0, formats: [] },
      resultFolders: 0,
      problems: [],
    };
  };
  return {
    'app:welcome': () => ({
      version: '0.1.0',
      machine: { platform: 'linux', processor: 'A computer of no consequence', cores: 8, memoryBytes: 16 * 1024 ** 3 },
      settings,
      defaults,
      models,
    }),
    'queue:read': ({ from, count }) => ({
      revision: queue.revision,
      total: queue.jobs.length,
      jobs: queue.jobs.slice(from, from + count),
      run: queue.run,
      totals: queue.totals(),
    }),
    'queue:add': ({ paths }) => added(paths.length),
    'queue:pick': ({ kind }) => added(kind === 'folder' ? 24 : 3),
    'queue:remove': ({ jobs }) => {
      queue.remove(queue.chosen(jobs));
    },
    'queue:move': ({ jobs, before }) => {
      queue.move(jobs, before);
    },
    'queue:override': ({ jobs, overrides }) => {
      queue.change(queue.chosen(jobs), (job) => ({
        ...job,
        overrides: changedOverrides(job.overrides, overrides),
      }));
    },
    'queue:start': () => {
      queue.start();
      return ok(undefined);
    },
    'queue:pause': () => {
      queue.pause();
    },
    'queue:resume': () => {
      queue.resume();
    },
    'queue:cancel': ({ jobs }) => {
      queue.cancel(jobs);
    },
    'queue:retry': ({ jobs }) => {
      queue.change(queue.chosen(jobs), (job) => ({ ...job, state: { kind: 'queued' } }));
    },
    'queue:plan': ({ job }) => plan(job, settings),
    'queue:reveal': () => ok(undefined),
    'preview:compare': ({ job }) => {
      const done = queue.jobs.find(({ id }) => id === job)?.state.kind === 'done';
      return ok({ before: picture(job, 1), after: done ? picture(job, 4) : null });
    },
    'preview:region': ({ job, region, model }) => {
      const token = `region-${job}-${region.leftPx}-${region.topPx}`;
      const after = { token, widthPx: region.widthPx * 4, heightPx: region.heightPx * 4, tilePx: 1024, levels: 1 };
      return ok({ region, after, model: model ?? settings.model, tookMs: 280 });
    },
    'preview:close': () => undefined,
    'settings:update': (patch) => ok((settings = { ...settings, ...withoutHoles(patch) })),
    'settings:estimate': (patch) => ok(estimate({ ...settings, ...withoutHoles(patch) })),
    'settings:pickFolder': () => '/home/you/Pictures/Large',
    'machine:read': () => machine.state,
    'machine:tune': () => machine.tune(),
    'machine:checkDevices': () => machine.checkDevices(),
    'machine:cancel': ({ work }) => {
      machine.cancel(work);
    },
    'machine:forgetTuning': () => machine.forgetTuning(),
    'diagnostics:read': () => fakeDiagnostics(queue),
    'diagnostics:exportTrace': () => {
      const photos = fakeDiagnostics(queue).batch?.traceable ?? 0;
      return ok({ photos, leftOut: 0 });
    },
    'diagnostics:copy': () => undefined,
  };
}

function withoutHoles<T extends object>(patch: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function ok<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

function estimate(settings: Settings): WorkEstimate {
  const pick = (value: number | 'auto', automatic: number): number => (value === 'auto' ? automatic : value);
  const workers = pick(settings.workers, 8);
  const tilePx = pick(settings.tilePx, 192);
  return {
    workers,
    threads: pick(settings.threads, 1),
    tilePx,
    haloPx: pick(settings.haloPx, 13),
    derivedHaloPx: 13,
    memoryBytes: pick(settings.memoryBytes, 4 * 1024 ** 3),
    estimatedBytes: workers * (180 * 1024 ** 2 + tilePx ** 2 * 2048),
    device: settings.device === 'auto' ? 'cpu' : settings.device,
    tuned: { tile: false, crew: false },
    stale: null,
  };
}

function plan(job: number, settings: Settings): Outcome<PlannedResult> {
  const { name, widthPx, heightPx } = fakePhoto(job);
  const file = settings.nameTemplate
    .replace('{name}', name.replace('.jpg', ''))
    .replace('{scale}', '4')
    .replace('{ext}', 'jpg');
  const folder = settings.outputFolder ?? '/home/you/Pictures/Norway/enhanced';
  const size = { widthPx: widthPx * 4, heightPx: heightPx * 4 };
  return ok({ ...size, path: `${folder}/${file}`, format: 'jpeg', exists: false, losses: [] });
}

function picture(job: number, scale: number): Picture {
  const { widthPx, heightPx } = fakePhoto(job);
  return {
    token: `picture-${job}-${scale}`,
    widthPx: widthPx * scale,
    heightPx: heightPx * scale,
    tilePx: 512,
    levels: 1 + Math.ceil(Math.log2((Math.max(widthPx, heightPx) * scale) / 512)),
  };
}

const urls = new Map<string, string>();
function cached(key: string, make: () => string): string {
  const known = urls.get(key);
  if (known !== undefined) return known;
  const url = make();
  urls.set(key, url);
  return url;
}

function tile(token: string, level: number, column: number, row: number): string {
  const [kind, job, first, second] = token.split('-');
  const photo = fakePhoto(Number(job));
  if (kind === 'thumbnail') {
    return drawFakeTile(photo, { left: 0, top: 0, width: photo.widthPx, height: photo.heightPx }, 132, 0);
  }
  if (kind === 'region') {
    return drawFakeTile(photo, { left: Number(first), top: Number(second), width: 256, height: 256 }, 1024, 0);
  }
  const scale = Number(first);
  const span = (512 * 2 ** level) / scale;
  const left = column * span;
  const top = row * span;
  const width = Math.min(span, photo.widthPx - left);
  const height = Math.min(span, photo.heightPx - top);
  return drawFakeTile(
    photo,
    { left, top, width, height },
    Math.round((512 * Math.max(width, height)) / span),
    scale === 1 ? 1.2 : 0,
  );
}
