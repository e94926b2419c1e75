import { z } from 'zod';
import type { InvokeName, InvokePayload } from './channels.ts';

const jobId = z.int().min(1);
// A queue of a million photos is beyond what the window offers; a list longer than that is not from the window.
const jobIds = z.array(jobId).max(1_000_000);
const jobSelection = z.union([jobIds, z.literal(['all', 'failed', 'finished'])]);
const path = z
  .string()
  .min(1)
  .max(32_767)
  .refine((text) => !text.includes('\0'));
const pixels = z.int().min(1).max(1_000_000);
const orAuto = (minimum: number, maximum: number): z.ZodUnion<[z.ZodLiteral<'auto'>, z.ZodInt]> =>
  z.union([z.literal('auto'), z.int().min(minimum).max(maximum)]);

const target = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('scale'), factor: z.number().positive().max(16) }),
  z.strictObject({ kind: z.literal('width'), widthPx: pixels }),
  z.strictObject({ kind: z.literal('height'), heightPx: pixels }),
  z.strictObject({ kind: z.literal('fit'), widthPx: pixels, heightPx: pixels }),
  z.strictObject({ kind: z.literal('longEdge'), longEdgePx: pixels }),
  z.strictObject({ kind: z.literal('megapixels'), megapixels: z.number().positive().max(10_000) }),
]);

const modelId = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/);

const look = {
  model: modelId,
  target,
  format: z.literal(['same', 'jpeg', 'png', 'webp', 'tiff', 'avif']),
  quality: z.int().min(1).max(100),
  // What a template may hold is for the settings to judge, in words, and a name that is too long is cut when it is given;
  // here only that it is a text of sane length.
  nameTemplate: z.string().max(4096),
};

const work = {
  precision: z.literal(['int8', 'fp32']),
  tilePx: orAuto(24, 4096),
  haloPx: orAuto(0, 1024),
  border: z.literal(['reflect', 'mean', 'edge']),
  device: z.literal(['auto', 'cpu', 'webgpu', 'dml', 'coreml', 'cuda']),
  workers: orAuto(1, 256),
  threads: orAuto(1, 256),
  memoryBytes: orAuto(256 * 1024 ** 2, 1024 ** 4),
  existing: z.literal(['skip', 'overwrite', 'fail']),
};

const window = {
  theme: z.literal(['system', 'light', 'dark']),
  notifyWhenDone: z.boolean(),
  outputFolder: path.nullable(),
};

/** What differs for one photo. */
export const overridesSchema = z.strictObject(look).partial();
const lookChange = z
  .strictObject({
    model: look.model.nullable(),
    target: look.target.nullable(),
    format: look.format.nullable(),
    quality: look.quality.nullable(),
    nameTemplate: look.nameTemplate.nullable(),
  })
  .partial();
const settingsPatch = z.strictObject({ ...look, ...work, ...window }).partial();
const nothing = z.undefined();
const token = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

const coordinate = z.int().min(0).max(1_000_000);
const region = z.strictObject({
  leftPx: coordinate,
  topPx: coordinate,
  // More than a glance would keep a worker from the batch.
  widthPx: z.int().min(1).max(1024),
  heightPx: z.int().min(1).max(1024),
});

/** What each invoke's payload must look like; the main process refuses all else. */
export const payloadSchemas = {
  'app:welcome': nothing,
  'queue:read': z.strictObject({ from: z.int().min(0), count: z.int().min(1).max(1000) }),
  'queue:add': z.strictObject({ paths: z.array(path).min(1).max(100_000) }),
  'queue:pick': z.strictObject({ kind: z.literal(['photos', 'folder']) }),
  'queue:remove': z.strictObject({ jobs: jobSelection }),
  'queue:move': z.strictObject({ jobs: jobIds, before: jobId.nullable() }),
  'queue:override': z.strictObject({ jobs: jobIds, overrides: lookChange.nullable() }),
  'queue:start': nothing,
  'queue:pause': nothing,
  'queue:resume': nothing,
  'queue:cancel': z.strictObject({ jobs: jobSelection }),
  'queue:retry': z.strictObject({ jobs: jobSelection }),
  'queue:plan': z.strictObject({ job: jobId, overrides: overridesSchema }),
  'queue:reveal': z.strictObject({ job: jobId }),
  'preview:compare': z.strictObject({ job: jobId }),
  'preview:region': z.strictObject({ job: jobId, region, model: modelId.nullable() }),
  'preview:close': z.strictObject({ tokens: z.array(token).max(100) }),
  'settings:update': settingsPatch,
  'settings:estimate': settingsPatch,
  'settings:pickFolder': nothing,
  'machine:read': nothing,
  'machine:tune': z.strictObject({ budgetMs: z.int().min(1000).max(600_000) }),
  'machine:checkDevices': nothing,
  'machine:cancel': z.strictObject({ work: z.int().min(1) }),
  'machine:forgetTuning': nothing,
  'diagnostics:read': nothing,
  'diagnostics:exportTrace': nothing,
  'diagnostics:copy': nothing,
} satisfies { readonly [N in InvokeName]: z.ZodType<InvokePayload<N>> };
