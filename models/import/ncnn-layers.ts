import type { ImportedLayer } from './layer-network.ts';
import type { NcnnLayer } from './ncnn-param.ts';
import type { WeightsReader } from './ncnn-weights.ts';
import { imported, refused } from './outcome.ts';
import type { Imported } from './outcome.ts';

/** What a name in the file stands for. */
export interface Blob {
  /** The blob's name where it is computed; copies share it. */
  readonly name: string;
  readonly channels: number;
  /** Times the photo's size. */
  readonly scale: number;
}

/** What was read so far. */
export interface Reading {
  readonly blobs: Map<string, Blob>;
  readonly layers: ImportedLayer[];
  readonly weights: WeightsReader;
}

const colours = 3;
/** More channels than any network of this kind has; a damaged number must not overflow what is computed of it. */
const mostChannels = 4096;

/** Reads one layer, weights included, and adds it to what was read. */
export function readLayer(layer: NcnnLayer, reading: Reading): Imported<void> {
  switch (layer.kind) {
    case 'Input':
      return readInput(layer, reading);
    case 'Split':
      return readSplit(layer, reading);
    case 'Convolution':
      return readConvolution(layer, reading);
    case 'PReLU':
      return readPrelu(layer, reading);
    case 'PixelShuffle':
      return readShuffle(layer, reading);
    case 'Interp':
      return readEnlargement(layer, reading);
    case 'BinaryOp':
      // Operation 0 is the sum, and what stands where nothing is said.
      return readSum(layer, reading, new Map([[0, 0]]));
    case 'Eltwise':
      // Operation 1 is the sum; left out, it would be the product.
      return layer.options.get(0) === 1 ? readSum(layer, reading, new Map([[0, 1]])) : option(layer, 0);
    default:
      return refused(
        'model-unsupported',
        `This model has a layer ${layer.name} of the kind ${layer.kind}, which cannot be imported. What can be are compact ` +
          'models of Convolution, PReLU, BinaryOp or Eltwise sums, PixelShuffle and Interp (nearest). Choose one of those.',
        { layer: layer.name, kind: layer.kind },
      );
  }
}

function readInput(layer: NcnnLayer, reading: Reading): Imported<void> {
  // Width and height, where they are given, are only what the converter was shown.
  const channels = numberOf(layer, 2, colours);
  const [into] = layer.outputs;
  if (into === undefined || layer.inputs.length > 0 || layer.outputs.length > 1) return shape(layer, '1 output');
  if (channels !== colours && channels !== 0) return shape(layer, '3 channels');
  reading.blobs.set(into, { name: into, channels: colours, scale: 1 });
  return imported(undefined);
}

function readSplit(layer: NcnnLayer, reading: Reading): Imported<void> {
  if (layer.inputs.length !== 1) return shape(layer, '1 input');
  for (const output of layer.outputs) reading.blobs.set(output, reading.blobs.get(layer.inputs[0]!)!);
  return imported(undefined);
}

function readConvolution(layer: NcnnLayer, reading: Reading): Imported<void> {
  const ends = endsOf(layer, reading);
  if (!ends.ok) return ends;
  const { from, into } = ends.value;
  const outputs = numberOf(layer, 0, 0);
  const kernelPx = numberOf(layer, 1, 0);
  const count = outputs * from.channels * kernelPx ** 2;
  if (!isCount(outputs) || kernelPx % 2 !== 1 || kernelPx > 15) return shape(layer, 'an odd kernel and outputs');
  if (numberOf(layer, 6, 0) !== count) return shape(layer, `${count} weights for its ${from.channels} inputs`);
  const hasBias = numberOf(layer, 5, 0);
  // Kernel, dilation, stride, padding on each side, quantisation, activation, value of the padding, weights as a blob.
  const edge = (kernelPx - 1) / 2;
  const fixed = [
    [2, 1],
    [3, 1],
    [8, 0],
    [9, 0],
    [11, kernelPx],
    [12, 1],
    [13, 1],
    [14, edge],
    [15, edge],
    [16, edge],
  ];
  const plain = demand(layer, [0, 1, 5, 6], new Map([...fixed, [4, edge], [18, 0], [19, 0]] as [number, number][]));
  if (!plain.ok) return plain;
  // Left out, ncnn takes no padding at all.
  if (numberOf(layer, 4, 0) !== edge || (hasBias !== 0 && hasBias !== 1)) return option(layer, hasBias > 1 ? 5 : 4);
  const weight = reading.weights.weights(count, layer.name);
  if (!weight.ok) return weight;
  const bias = hasBias === 1 ? reading.weights.floats(outputs, layer.name) : imported(new Float32Array(outputs));
  if (!bias.ok) return bias;
  const convolution = { outputs, inputs: from.channels, kernelPx, weight: weight.value, bias: bias.value };
  return add(reading, { kind: 'convolution', from: from.name, into, convolution }, outputs, 1);
}

function readPrelu(layer: NcnnLayer, reading: Reading): Imported<void> {
  const ends = endsOf(layer, reading);
  if (!ends.ok) return ends;
  const { from, into } = ends.value;
  const plain = demand(layer, [0]);
  if (!plain.ok) return plain;
  const count = numberOf(layer, 0, 0);
  if (count !== 1 && count !== from.channels) return shape(layer, `1 or ${from.channels} slopes`);
  const slopes = reading.weights.floats(count, layer.name);
  if (!slopes.ok) return slopes;
  const each = count === 1 ? new Float32Array(from.channels).fill(slopes.value[0]!) : slopes.value;
  return add(reading, { kind: 'prelu', from: from.name, into, slopes: each }, from.channels, 1);
}

function readShuffle(layer: NcnnLayer, reading: Reading): Imported<void> {
  const ends = endsOf(layer, reading);
  if (!ends.ok) return ends;
  const { from, into } = ends.value;
  // Mode 1 orders channels otherwise.
  const plain = demand(layer, [0], new Map([[1, 0]]));
  if (!plain.ok) return plain;
  const scale = numberOf(layer, 0, 1);
  if (!isCount(scale) || from.channels !== colours * scale ** 2) return shape(layer, `${colours} × ${scale}² channels`);
  return add(reading, { kind: 'shuffle', from: from.name, into }, colours, scale);
}

function readEnlargement(layer: NcnnLayer, reading: Reading): Imported<void> {
  const ends = endsOf(layer, reading);
  if (!ends.ok) return ends;
  const { from, into } = ends.value;
  const scale = numberOf(layer, 1, 1);
  // Kind 1 is the nearest neighbour; no fixed size, no other size at run time, no aligned corners.
  if (numberOf(layer, 0, 0) !== 1) return option(layer, 0);
  const plain = demand(
    layer,
    [0, 1],
    new Map([
      [2, scale],
      [3, 0],
      [4, 0],
      [5, 0],
      [6, 0],
    ] as [number, number][]),
  );
  if (!plain.ok) return plain;
  if (!isCount(scale) || numberOf(layer, 2, 1) !== scale) return option(layer, 1);
  if (from.channels !== colours) return shape(layer, '3 channels');
  return add(reading, { kind: 'enlarge', from: from.name, into }, colours, scale);
}

function readSum(layer: NcnnLayer, reading: Reading, operation: ReadonlyMap<number, number>): Imported<void> {
  // Option 1 is a number in place of the second blob (BinaryOp), or factors (Eltwise).
  const plain = demand(layer, [], new Map([...operation, [1, 0], [2, 0]]));
  if (!plain.ok) return plain;
  const [one, other] = layer.inputs.map((input) => reading.blobs.get(input)!);
  const [into] = layer.outputs;
  if (one === undefined || other === undefined || into === undefined || layer.inputs.length > 2) {
    return shape(layer, '2 inputs and 1 output');
  }
  if (one.channels !== other.channels || one.scale !== other.scale) {
    return shape(
      layer,
      `blobs of one shape, not ${one.channels} × ${one.scale} and ${other.channels} × ${other.scale}`,
    );
  }
  return add(reading, { kind: 'add', from: [one.name, other.name], into }, one.channels, one.scale);
}

function add(reading: Reading, layer: ImportedLayer, channels: number, scale: number): Imported<void> {
  reading.layers.push(layer);
  reading.blobs.set(layer.into, { name: layer.into, channels, scale });
  return imported(undefined);
}

/** The blob a layer reads and the name that it writes. */
function endsOf(layer: NcnnLayer, { blobs }: Reading): Imported<{ readonly from: Blob; readonly into: string }> {
  const [from, into] = [blobs.get(layer.inputs[0] ?? ''), layer.outputs[0]];
  if (from === undefined || into === undefined || layer.inputs.length > 1 || layer.outputs.length > 1) {
    return shape(layer, '1 input and 1 output');
  }
  if (from.scale === 1) return imported({ from, into });
  return refused(
    'model-unsupported',
    `The layer ${layer.name} (${layer.kind}) works on the enlarged photo. Only models that enlarge at their very end can be ` +
      'imported: choose a compact one.',
    { layer: layer.name, kind: layer.kind },
  );
}

/** Refuses options that change what a layer does: all but the `free` ones must have the value that is given here. */
function demand(
  layer: NcnnLayer,
  free: readonly number[],
  fixed: ReadonlyMap<number, number> = new Map<number, number>(),
): Imported<void> {
  for (const [number, value] of layer.options) {
    if (!free.includes(number) && value !== fixed.get(number)) return option(layer, number);
  }
  return imported(undefined);
}

function option({ name, kind, options }: NcnnLayer, number: number): ReturnType<typeof refused> {
  return refused(
    'model-unsupported',
    `The layer ${name} (${kind}) has option ${number} = ${String(options.get(number) ?? 'default')}, which cannot be imported. ` +
      'Choose another model.',
    { layer: name, kind, option: number },
  );
}

function shape({ name, kind }: NcnnLayer, wanted: string): ReturnType<typeof refused> {
  return refused(
    'model-malformed',
    `The layer ${name} (${kind}) does not fit: expected ${wanted}. Get the model again.`,
    {
      layer: name,
      kind,
    },
  );
}

/** An option that is one number; NaN, which fits nowhere, where it is a list. */
function numberOf({ options }: NcnnLayer, number: number, otherwise: number): number {
  const value = options.get(number) ?? otherwise;
  return typeof value === 'number' ? value : Number.NaN;
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= mostChannels;
}
