import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { CatalogEntry } from './catalog.ts';
import { requireModel } from './catalog.ts';
import type { GraphForm } from './graph/build.ts';
import { buildGraph, defaultForm } from './graph/build.ts';
import { sha256Of } from './graph/describe.ts';
import { ModelError } from './graph/errors.ts';
import { haloOf } from './graph/halo.ts';
import type { QuickSrNet } from './graph/network.ts';
import { quickSrNetFrom } from './graph/network.ts';
import { serialiseModel } from './graph/onnx.ts';
import { parseSafetensors } from './graph/safetensors.ts';
import { buildLayerGraph } from './import/layer-graph.ts';
import type { LayerNetwork } from './import/layer-network.ts';

/** A model in the form that was asked for, ready for a session. */
export interface LoadedGraph {
  /** A serialised ONNX model. */
  readonly bytes: Uint8Array;
  readonly scale: number;
  readonly channels: 1 | 3;
  readonly bytesPerSample: 1 | 2;
  readonly form: GraphForm;
  /** Source pixels on each side of a tile that are only context. */
  readonly haloPx: number;
  /** Source pixels on each side that the graph consumes itself: the halo without padding, 0 with. */
  readonly marginPx: number;
}

/** Where the weights lie in the source tree; a packaged application passes its own folder. */
export const defaultWeightsFolder = fileURLToPath(new URL('./weights/', import.meta.url));

/**
 * Reads a model's weights, checks that they are the catalogue's, and builds its graph.
 *
 * @param request the model by id or entry, and what differs from `defaultForm`
 * @throws ModelError
 */
export async function loadGraph(
  request: { readonly modelId: string } | { readonly entry: CatalogEntry },
  form: Partial<GraphForm> = {},
  weightsFolder: string = defaultWeightsFolder,
): Promise<LoadedGraph> {
  const entry = 'entry' in request ? request.entry : requireModel(request.modelId);
  return graphOf(await loadNetwork(entry, weightsFolder), form);
}

/** Reads a model's network, to build several forms of it. Throws ModelError. */
export async function loadNetwork(entry: CatalogEntry, weightsFolder: string): Promise<QuickSrNet> {
  const path = `${weightsFolder.replace(/[/\\]$/, '')}/${entry.weightsFile}`;
  let file: Uint8Array;
  try {
    file = await readFile(path);
  } catch (error) {
    throw new ModelError('weights-unreadable', `The weights of ${entry.id} cannot be read from ${path}.`, {
      cause: error,
    });
  }
  if (sha256Of(file) !== entry.sha256) {
    throw new ModelError('weights-changed', `The weights of ${entry.id} are damaged or were replaced. Install again.`);
  }
  return quickSrNetFrom(parseSafetensors(file));
}

/** Builds and serialises one form of a network. Throws ModelError `form-unavailable`. */
export function graphOf(network: QuickSrNet | LayerNetwork, form: Partial<GraphForm> = {}): LoadedGraph {
  const whole = { ...defaultForm, ...form };
  const graph = 'kind' in network ? buildLayerGraph(network, whole) : buildGraph(network, whole);
  const haloPx = haloOf(graph);
  return {
    bytes: serialiseModel(graph),
    scale: network.scale,
    channels: whole.channels,
    bytesPerSample: whole.sampleBits === 8 ? 1 : 2,
    form: whole,
    haloPx,
    marginPx: whole.padding === 'valid' ? haloPx : 0,
  };
}
