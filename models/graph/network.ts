import { ModelError } from './errors.ts';
import type { FloatTensor, Safetensors } from './safetensors.ts';

/** A convolution with stride 1: weight (outputs, inputs, kernel, kernel), bias (outputs). */
export interface Convolution {
  readonly outputs: number;
  readonly inputs: number;
  readonly kernelPx: number;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/**
 * QuickSRNet (Berger et al., CVPR Workshops 2023) as it was trained: RGB in 0..1; after every convolution but the last
 * a clip to 0..1; the last one gives, for each output channel c and sub-pixel (y, x), channel (c·s + y)·s + x, to which
 * an anchored network adds input channel c before the final clip.
 */
export interface QuickSrNet {
  readonly scale: 2 | 3 | 4;
  readonly anchored: boolean;
  readonly layers: readonly Convolution[];
  /** The last convolution for grey pictures in 8 bits: the mean of the colours, on the grid. Channel y·s + x. */
  readonly grey?: Convolution;
}

/**
 * Reads the network out of its weights, and checks that the layers fit each other and the metadata.
 *
 * @throws ModelError `weights-unexpected`
 */
export function quickSrNetFrom(file: Safetensors): QuickSrNet {
  const { architecture, scale: scaleText, anchor } = file.metadata;
  if (architecture !== 'QuickSRNet') throw unexpected(`the architecture QuickSRNet, not ${String(architecture)}`);
  const scale = ([2, 3, 4] as const).find((each) => String(each) === scaleText);
  if (scale === undefined) throw unexpected(`a scale of 2, 3 or 4, not ${String(scaleText)}`);
  const layers: Convolution[] = [];
  for (let index = 0; file.tensors.has(`conv.${index}.weight`); index++) {
    layers.push(convolution(file.tensors, `conv.${index}`, layers.at(-1)?.outputs ?? 3));
  }
  const last = layers.at(-1);
  const grey = last && file.tensors.has('grey.weight') ? convolution(file.tensors, 'grey', last.inputs) : undefined;
  if (file.tensors.size !== (layers.length + (grey ? 1 : 0)) * 2)
    throw unexpected('only conv.N.weight and conv.N.bias, N from 0 without a gap, and grey.weight and grey.bias');
  const subPixels = 3 * scale * scale;
  if (last?.outputs !== subPixels) throw unexpected(`${subPixels} outputs of the last convolution`);
  if (grey && grey.outputs * 3 !== subPixels) throw unexpected(`${subPixels / 3} outputs of the grey convolution`);
  return { scale, anchored: anchor === 'true', layers, ...(grey && { grey }) };
}

function convolution(tensors: ReadonlyMap<string, FloatTensor>, name: string, inputs: number): Convolution {
  const weight = tensors.get(`${name}.weight`);
  const bias = tensors.get(`${name}.bias`);
  const [outputs, actualInputs, kernelPx, kernelWidthPx] = weight?.shape ?? [];
  if (weight === undefined || bias === undefined || outputs === undefined || kernelPx === undefined) {
    throw unexpected(`${name}.weight and ${name}.bias`);
  }
  if (actualInputs !== inputs || kernelPx !== kernelWidthPx || kernelPx % 2 !== 1 || weight.shape.length !== 4) {
    throw unexpected(`${name}.weight as (outputs, ${inputs}, odd, the same), not (${weight.shape.join(', ')})`);
  }
  if (bias.shape.length !== 1 || bias.shape[0] !== outputs) throw unexpected(`${outputs} values in ${name}.bias`);
  return { outputs, inputs, kernelPx, weight: weight.values, bias: bias.values };
}

function unexpected(wanted: string): ModelError {
  return new ModelError('weights-unexpected', `The weights file holds another network. Expected ${wanted}.`);
}
