import { readLayer } from './ncnn-layers.ts';
import type { Blob, Reading } from './ncnn-layers.ts';
import { parseParam } from './ncnn-param.ts';
import type { NcnnLayer } from './ncnn-param.ts';
import { WeightsReader } from './ncnn-weights.ts';
import type { LayerNetwork } from './layer-network.ts';
import { imported, refused } from './outcome.ts';
import type { Imported } from './outcome.ts';

/** A network as ncnn stores it. */
export interface NcnnFiles {
  /** The text form of the network. */
  readonly param: string;
  readonly bin: Uint8Array;
}

/**
 * Reads a super-resolution network of ncnn, and checks that layers, shapes and weights fit each other to the last byte.
 *
 * Understood is what compact generators consist of (SRVGGNetCompact of Wang et al., 2021): convolutions, PReLU, sums, and
 * at the end a pixel shuffle and a nearest-neighbour enlargement. Anything else is refused by its name.
 *
 * @returns the network, or a failure of `ImportFailureCode`
 */
export function readNcnn({ param, bin }: NcnnFiles): Imported<LayerNetwork> {
  const lines = parseParam(param);
  if (!lines.ok) return lines;
  const reading: Reading = { blobs: new Map(), layers: [], weights: new WeightsReader(bin) };
  for (const line of lines.value) {
    const read = readLayer(line, reading);
    if (!read.ok) return read;
  }
  if (reading.weights.leftBytes > 0) {
    return refused(
      'weights-surplus',
      `${reading.weights.leftBytes} bytes follow the last weight: the .bin file belongs to another .param file. ` +
        'Choose the two that came together.',
      { surplusBytes: reading.weights.leftBytes },
    );
  }
  return close(lines.value, reading);
}

/** Finds input and output and what the network makes of a photo. */
function close(lines: readonly NcnnLayer[], { blobs, layers }: Reading): Imported<LayerNetwork> {
  const inputs = lines.filter(({ kind }) => kind === 'Input');
  const read = new Set(lines.flatMap((line) => line.inputs));
  const ends = lines.flatMap((line) => line.outputs).filter((blob) => !read.has(blob));
  const [input, ...otherInputs] = inputs;
  const [output, ...otherEnds] = ends;
  if (input === undefined || output === undefined || otherInputs.length > 0 || otherEnds.length > 0) {
    return unsupported(`it has ${inputs.length} inputs and ${ends.length} outputs, where one of each is needed`);
  }
  const result: Blob = blobs.get(output)!;
  const scale = ([2, 3, 4] as const).find((each) => each === result.scale);
  if (scale === undefined || result.channels !== 3) {
    return unsupported(
      `its result has ${result.channels} channels at ${result.scale} times the size, ` +
        'where 3 channels at 2, 3 or 4 times are needed',
    );
  }
  return imported({ kind: 'layers', scale, input: input.outputs[0]!, output: result.name, layers });
}

function unsupported(what: string): ReturnType<typeof refused> {
  return refused('model-unsupported', `This model cannot be imported: ${what}. Choose another model.`);
}
