/** The folder of imported models: each is its two ncnn files as they came, and a description beside them. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { sha256Of } from '../graph/describe.ts';
import { graphOf } from '../load-graph.ts';
import { parameterCountOf } from './layer-network.ts';
import type { LayerNetwork } from './layer-network.ts';
import { namesOf, plainNames, readBoth, readModel, removeBoth, replaceFile } from './model-files.ts';
import { imported, refused } from './outcome.ts';
import type { Imported } from './outcome.ts';
import { readNcnn } from './read-ncnn.ts';

/** A name in the folder, and nowhere else. */
const fileName = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/);

const description = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  scale: z.literal([2, 3, 4]),
  haloPx: z.int().min(0),
  parameters: z.int().min(0),
  licence: z.string(),
  sha256: z.strictObject({ param: z.string(), bin: z.string() }),
  /** Its files' names; older descriptions do without, and their files are called after the id. */
  files: z.strictObject({ param: fileName, bin: fileName }).optional(),
});
type Description = z.infer<typeof description>;

/** An imported model, in the terms of the catalogue. */
export interface ImportedModel extends Description {
  readonly id: string;
  readonly family: 'imported';
  /** A group of its own: a training's name never chooses it. */
  readonly training: string;
  readonly size: '';
  readonly precisions: readonly ['fp32'];
  readonly files: NonNullable<Description['files']>;
  /** Where its files lie, beside `id.json`. */
  readonly folder: string;
}

/** What a model's name may be, as in the settings. */
const idForm = /^[a-z0-9][a-z0-9._-]*$/;

/** A model's id from its file's name: small letters, digits, dots and dashes. */
export function idOf(path: string): string {
  const stem = basename(path)
    .replace(/\.(param|bin)$/i, '')
    .toLowerCase();
  const plain = stem.replaceAll(/[^a-z0-9._-]+/g, '-').replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  return plain === '' ? 'model' : plain;
}

/** The models of a folder, by id; what is damaged is left out. A folder that is not there holds none. */
export function listImported(folder: string): readonly ImportedModel[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => findImported(folder, name.slice(0, -'.json'.length)) ?? []);
}

/** The model with this id, or undefined. */
export function findImported(folder: string, id: string): ImportedModel | undefined {
  if (!idForm.test(id)) return undefined;
  let parsed: z.ZodSafeParseResult<Description>;
  try {
    parsed = description.safeParse(JSON.parse(readFileSync(join(folder, `${id}.json`), 'utf8')));
  } catch {
    return undefined;
  }
  if (!parsed.success) return undefined;
  const files = parsed.data.files ?? plainNames(id);
  return { ...parsed.data, id, family: 'imported', training: id, size: '', precisions: ['fp32'], files, folder };
}

/** Reads an imported model's network, and checks that its files are those that were imported. */
export function loadImported({ id, folder, sha256, files }: ImportedModel): Imported<LayerNetwork> {
  const read = readBoth({ param: join(folder, files.param), bin: join(folder, files.bin) });
  if (!read.ok) return read;
  const { param, bin } = read.value;
  if (sha256Of(param) !== sha256.param || sha256Of(bin) !== sha256.bin) {
    return refused('weights-changed', `The files of ${id} are damaged or were replaced. Import the model again.`, {
      id,
    });
  }
  return readNcnn({ param: param.toString('utf8'), bin });
}

export interface ImportOptions {
  /** The `.param` file; its `.bin` file lies beside it under the same name. */
  readonly path: string;
  /** Where imported models are kept; made where it is missing. */
  readonly folder: string;
  /** Under which the model is chosen; from the file's name where left out. */
  readonly id?: string;
  /** What the person says of the model's licence. */
  readonly licence?: string;
}

/**
 * Takes a model into the folder. One of the same id is replaced, and until the moment that the new description is in its
 * place, the old one and its files stay as they are: an import that fails halfway has changed nothing.
 *
 * The files are kept as they came, not as an ONNX model: photos ask for several graphs of one network (colour or grey,
 * 8 or 16 bits, with or without padding), and each is built within milliseconds.
 */
export async function importModel({
  path,
  folder,
  id = idOf(path),
  licence,
}: ImportOptions): Promise<Imported<ImportedModel>> {
  const read = readModel(path);
  if (!read.ok) return read;
  const { param, bin } = read.value;
  const network = readNcnn({ param: param.toString('utf8'), bin });
  if (!network.ok) return network;
  const sha256 = { param: sha256Of(param), bin: sha256Of(bin) };
  const files = namesOf(id, sha256);
  const facts: Description = {
    version: 1,
    name: basename(path).replace(/\.param$/i, ''),
    scale: network.value.scale,
    haloPx: graphOf(network.value, { precision: 'fp32' }).haloPx,
    parameters: parameterCountOf(network.value),
    licence: licence ?? 'not stated',
    sha256,
    files,
  };
  const old = findImported(folder, id)?.files;
  try {
    await mkdir(folder, { recursive: true });
    await replaceFile(join(folder, files.param), param);
    await replaceFile(join(folder, files.bin), bin);
    await replaceFile(join(folder, `${id}.json`), `${JSON.stringify(facts, undefined, 2)}\n`);
  } catch (error) {
    await removeBoth(folder, files, old);
    return unwritable(folder, error);
  }
  if (old !== undefined) await removeBoth(folder, old, files);
  const found = findImported(folder, id);
  if (found === undefined) throw new Error(`Expected ${id} in ${folder} after its import`);
  return imported(found);
}

function unwritable(folder: string, error: unknown): Imported<never> {
  const why = error instanceof Error ? error.message : String(error);
  const message = `${folder} cannot be written to (${why}). Free some space or change its rights.`;
  return refused('models-unwritable', message, { folder });
}
