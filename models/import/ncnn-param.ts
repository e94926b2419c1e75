import { imported, refused } from './outcome.ts';
import type { Imported } from './outcome.ts';

/** A line of a `.param` file. */
export interface NcnnLayer {
  readonly kind: string;
  readonly name: string;
  /** Names of the blobs that it reads and writes. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** By ncnn's numbers; a list where ncnn writes `-23300 - number=count,…`. */
  readonly options: ReadonlyMap<number, number | readonly number[]>;
}

const magic = '7767517';
/** ncnn's offset for options that are lists. */
const listOffset = -23300;
/** Far beyond any model of this kind; a damaged count must not make us loop. */
const mostBlobs = 1000;

/**
 * Reads ncnn's text form of a network: a magic number, the counts of layers and blobs, then a layer a line:
 * `kind name inputCount outputCount inputs… outputs… number=value…`.
 *
 * Source of the format: the page "param and model file structure" of ncnn's documentation.
 *
 * @returns the layers in running order, every blob written once and before it is read, or `model-malformed`
 */
export function parseParam(text: string): Imported<readonly NcnnLayer[]> {
  const [first, counts, ...lines] = text.split('\n').map((line) => line.trim());
  if (first !== magic) {
    return refused(
      'model-malformed',
      `This is not a text .param file of ncnn: it does not start with ${magic}. Choose the .param file of a model.`,
    );
  }
  const [layerCount, blobCount, ...rest] = (counts ?? '').split(/\s+/).map(Number);
  const written = lines.filter((line) => line !== '');
  if (rest.length > 0 || layerCount !== written.length) {
    return malformed(`Expected ${String(counts)} layers and blobs but there are ${written.length} layers`);
  }
  const layers: NcnnLayer[] = [];
  const known = new Set<string>();
  for (const line of written) {
    const layer = parseLayer(line);
    if (!layer.ok) return layer;
    const { name, inputs, outputs } = layer.value;
    const missing = inputs.find((input) => !known.has(input));
    if (missing !== undefined) return malformed(`${name} reads ${missing}, which no layer before it writes`);
    for (const output of outputs) {
      if (known.has(output)) return malformed(`${output} is written twice`);
      known.add(output);
    }
    layers.push(layer.value);
  }
  if (known.size !== blobCount) return malformed(`Expected ${String(blobCount)} blobs but there are ${known.size}`);
  return imported(layers);
}

function parseLayer(line: string): Imported<NcnnLayer> {
  const [kind, name, inputText, outputText, ...fields] = line.split(/\s+/);
  const inputCount = countOf(inputText);
  const outputCount = countOf(outputText);
  if (kind === undefined || name === undefined || inputCount === undefined || outputCount === undefined) {
    return malformed(`Expected a kind, a name and two counts but received "${line}"`);
  }
  const blobs = fields.slice(0, inputCount + outputCount);
  if (blobs.length < inputCount + outputCount || blobs.some((blob) => blob.includes('='))) {
    return malformed(`${name} does not name its ${inputCount} inputs and ${outputCount} outputs`);
  }
  const options = new Map<number, number | readonly number[]>();
  for (const field of fields.slice(blobs.length)) {
    const option = parseOption(field);
    if (option === undefined) return malformed(`${name} has an option that is not a number: ${field}`);
    options.set(option.number, option.value);
  }
  return imported({ kind, name, inputs: blobs.slice(0, inputCount), outputs: blobs.slice(inputCount), options });
}

function countOf(text: string | undefined): number | undefined {
  const count = text === undefined || !/^\d+$/.test(text) ? Number.NaN : Number(text);
  return count <= mostBlobs ? count : undefined;
}

function parseOption(field: string): { readonly number: number; readonly value: number | number[] } | undefined {
  const match = /^(-?\d+)=(\S+)$/.exec(field);
  if (match === null) return undefined;
  const number = Number(match[1]);
  const values = match[2]!.split(',').map((each) => (each === '' ? Number.NaN : Number(each)));
  if (!values.every(Number.isFinite)) return undefined;
  if (number > listOffset) return values.length === 1 ? { number, value: values[0]! } : undefined;
  const [count, ...list] = values;
  return count === list.length ? { number: listOffset - number, value: list } : undefined;
}

function malformed(what: string): ReturnType<typeof refused> {
  return refused('model-malformed', `The .param file is damaged. ${what}. Get it again from where it came.`);
}
