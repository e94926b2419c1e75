import { createHash } from 'node:crypto';
import { buildGraph, defaultForm } from './build.ts';
import { haloOf } from './halo.ts';
import { quickSrNetFrom } from './network.ts';
import { parseSafetensors } from './safetensors.ts';

/** What a weights file says about itself. */
export interface WeightsFacts {
  readonly size: string;
  readonly scale: 2 | 3 | 4;
  /** faithful: trained for the exact picture (PSNR). photo: for what people have, JPEG, noise and blur included. */
  readonly training: 'faithful' | 'photo';
  readonly licence: string;
  /** Order of colours that the weights were trained in. */
  readonly colourOrder: 'rgb';
  readonly sha256: string;
  readonly bytes: number;
  readonly parameters: number;
  /** Source pixels that a result pixel depends on, to each side. */
  readonly haloPx: number;
}

const ownLicence = 'MIT';

/** Reads the facts of a weights file. Throws ModelError where it is not the weights of a QuickSRNet. */
export function describeWeights(file: Uint8Array): WeightsFacts {
  const weights = parseSafetensors(file);
  const network = quickSrNetFrom(weights);
  const { size, training, licence } = weights.metadata;
  return {
    size: size ?? '?',
    scale: network.scale,
    training: training === 'photo' ? 'photo' : 'faithful',
    licence: licence ?? ownLicence,
    colourOrder: 'rgb',
    sha256: sha256Of(file),
    bytes: file.byteLength,
    parameters: network.layers.reduce((sum, layer) => sum + layer.weight.length + layer.bias.length, 0),
    haloPx: haloOf(buildGraph(network, defaultForm)),
  };
}

/** SHA-256 in hexadecimal digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
