import { z } from 'zod';
import type { Failure, Result } from '../engine/errors.ts';
import { failure, success } from '../engine/errors.ts';
import { parseTemplate } from './template.ts';

/** The version that this build writes; older files are migrated, newer ones are left alone. */
export const settingsVersion = 2;

/** The largest enlargement that is worth computing: four times beyond the models' own ×4. */
export const maximumFactor = 16;

/** A whole number in a range; one sentence serves every way of getting it wrong. */
function whole(sentence: string, minimum: number, maximum: number): z.ZodInt {
  return z.int(sentence).min(minimum, sentence).max(maximum, sentence);
}

function oneOf<const T extends readonly [string, ...string[]]>(what: string, values: T): z.ZodEnum<ToEnum<T>> {
  return z.enum(values, `${what} is ${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}.`);
}
type ToEnum<T extends readonly string[]> = { [K in T[number]]: K };

const automatic = z.literal('auto');

function orAuto(what: string, minimum: number, maximum: number): z.ZodUnion<[typeof automatic, z.ZodInt]> {
  const sentence = `${what} is auto, or a whole number from ${minimum} to ${maximum}.`;
  return z.union([automatic, whole(sentence, minimum, maximum)], sentence);
}

const pixels = (what: string): z.ZodInt =>
  whole(`${what} is a whole number of pixels from 1 to 1000000.`, 1, 1_000_000);
const factorSentence = `The scale is a number above 0 and at most ${maximumFactor}, such as 4 or 2.5.`;
const memorySentence = 'The memory is auto, or an amount from 256 MB to 1 TB, in bytes or as 2GB.';
const megapixelSentence = 'The size in megapixels is a number above 0 and at most 10000, such as 24.';

/** The single settings, each with its own rule, so that a front door can check one at a time. */
export const fields = {
  /** A model's id, or a training (`faithful`, `photo`), which takes its largest model in the fitting scale. */
  model: z
    .string('The model is a name.')
    .regex(/^[a-z0-9][a-z0-9._-]*$/, 'The model is a name of small letters, digits, dots and dashes.'),
  factor: z.number(factorSentence).positive(factorSentence).max(maximumFactor, factorSentence),
  widthPx: pixels('The width'),
  heightPx: pixels('The height'),
  longEdgePx: pixels('The long edge'),
  megapixels: z.number(megapixelSentence).positive(megapixelSentence).max(10_000, megapixelSentence),
  /** `same`: as the source where we can write its format, PNG where we cannot. */
  format: oneOf('The format', ['same', 'jpeg', 'png', 'webp', 'tiff', 'avif']),
  /** For JPEG, WebP and AVIF. */
  quality: whole('The quality is a whole number from 1 to 100.', 1, 100),
  nameTemplate: z.string('The name is a text.').superRefine((template, context) => {
    const parsed = parseTemplate(template);
    if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.error.message });
  }),
  precision: oneOf('The precision', ['int8', 'fp32']),
  /** The side of a tile in source pixels, halo included. */
  tilePx: orAuto('The tile', 24, 4096),
  /** Source pixels around a tile that are inferred and thrown away; auto is the model's receptive field. */
  haloPx: orAuto('The halo', 0, 1024),
  border: oneOf('The border', ['reflect', 'mean', 'edge']),
  tiling: oneOf('The tiling', ['dilated', 'plain', 'average']),
  /** What the model runs on; auto is the fastest that `tessera devices` found right here, else the processor. */
  device: oneOf('The device', ['auto', 'cpu', 'webgpu', 'dml', 'coreml', 'cuda']),
  workers: orAuto('The number of workers', 1, 256),
  threads: orAuto('The number of threads', 1, 256),
  memoryBytes: z.union([automatic, whole(memorySentence, 256 * 1024 ** 2, 1024 ** 4)], memorySentence),
  /** What to do where the result's file exists already. */
  existing: oneOf('The rule for results that exist already', ['skip', 'overwrite', 'fail']),
} as const;

/** Says which keys a strict object does not know. */
const strictness: { error: z.core.$ZodErrorMap<z.core.$ZodIssueInvalidType | z.core.$ZodIssueUnrecognizedKeys> } = {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? `There is no setting ${issue.keys.map((key) => `"${key}"`).join(', ')}.`
      : 'The settings are an object with a value for each setting.',
};

/** How large the result is to be. */
const target = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('scale'), factor: fields.factor }, strictness),
    z.strictObject({ kind: z.literal('width'), widthPx: fields.widthPx }, strictness),
    z.strictObject({ kind: z.literal('height'), heightPx: fields.heightPx }, strictness),
    /** The largest that fits inside width × height; the shape is kept. */
    z.strictObject({ kind: z.literal('fit'), widthPx: fields.widthPx, heightPx: fields.heightPx }, strictness),
    z.strictObject({ kind: z.literal('longEdge'), longEdgePx: fields.longEdgePx }, strictness),
    z.strictObject({ kind: z.literal('megapixels'), megapixels: fields.megapixels }, strictness),
  ],
  'The size is given by scale, width, height, fit, longEdge or megapixels.',
);

/** Pixels of a tile that must be left to keep when its halo is taken off both sides. */
const minimumKeptPx = 16;

const schema = z
  .strictObject(
    {
      version: z.literal(settingsVersion, 'The version of these settings is not known.').default(settingsVersion),
      model: fields.model.default('faithful'),
      target: target.default({ kind: 'scale', factor: 4 }),
      format: fields.format.default('same'),
      quality: fields.quality.default(92),
      nameTemplate: fields.nameTemplate.default('{name}-x{scale}.{ext}'),
      precision: fields.precision.default('int8'),
      tilePx: fields.tilePx.default('auto'),
      haloPx: fields.haloPx.default('auto'),
      border: fields.border.default('reflect'),
      tiling: fields.tiling.default('dilated'),
      device: fields.device.default('auto'),
      workers: fields.workers.default('auto'),
      threads: fields.threads.default('auto'),
      memoryBytes: fields.memoryBytes.default('auto'),
      existing: fields.existing.default('fail'),
    },
    strictness,
  )
  .superRefine(({ tilePx, haloPx }, context) => {
    if (tilePx === 'auto' || haloPx === 'auto' || tilePx >= 2 * haloPx + minimumKeptPx) return;
    const least = 2 * haloPx + minimumKeptPx;
    context.addIssue({
      code: 'custom',
      path: ['tilePx'],
      message: `A tile of ${tilePx} pixels leaves too little inside a halo of ${haloPx}. Use a tile of ${least} or more.`,
    });
  });

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

/** Everything that decides how a photo is enhanced: options of the command line, and what the window keeps in a file. */
export type EnhanceSettings = DeepReadonly<z.infer<typeof schema>>;
export type Target = EnhanceSettings['target'];
export type DeviceChoice = EnhanceSettings['device'];
export type FormatChoice = EnhanceSettings['format'];

/**
 * Checks settings from a file, a command line or a window; what is left out takes its default.
 *
 * @returns complete settings, or a `settings-invalid` failure with one sentence a fault
 */
export function parseSettings(value: unknown): Result<EnhanceSettings, Failure<'settings-invalid'>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return success(parsed.data);
  const sentences = new Set(parsed.error.issues.map((issue) => issue.message));
  const path = parsed.error.issues[0]?.path.join('.') ?? '';
  return failure('settings-invalid', [...sentences].join(' '), path === '' ? undefined : { setting: path });
}

/** What a person gets who never changed anything. */
export const defaultSettings: EnhanceSettings = schema.parse({});
