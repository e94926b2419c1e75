/** The models that a worker has opened, each in the forms that photos asked for. */
import { findModel, type CatalogEntry } from '../../models/catalog.ts';
import { ModelError } from '../../models/graph/errors.ts';
import { defaultWeightsFolder, graphOf, loadNetwork } from '../../models/load-graph.ts';
import { loadTileModel } from '../engine/adapters/ort-model.ts';
import { failure, success, type Result } from '../engine/errors.ts';
import type { PlaneFormat, TileModel } from '../engine/ports.ts';
import type { EnhanceSpec, Precision, WorkerConfig } from './protocol.ts';

/** A session and what it really computes in. */
export interface ShelvedModel {
  readonly model: TileModel;
  readonly precision: Precision;
}

/** What the catalogue says of a model. */
export function modelTraits(modelId: string): Result<CatalogEntry> {
  const entry = findModel(modelId);
  return entry === undefined
    ? failure('model-unknown', `There is no model ${modelId}. \`tessera models\` lists them.`, { modelId })
    : success(entry);
}

type Network = Awaited<ReturnType<typeof loadNetwork>>;

export class ModelShelf {
  readonly #config: WorkerConfig;
  readonly #networks = new Map<string, Promise<Network>>();
  readonly #models = new Map<string, Promise<Result<ShelvedModel>>>();

  constructor(config: WorkerConfig) {
    this.#config = config;
  }

  /**
   * The session for one plane of a photo, opened at the first call.
   *
   * A halo of the whole receptive field takes the graph without padding, which computes the interior alone; a smaller
   * one, or a tiling without halo, needs the graph that pads each layer with zeros.
   */
  async model(spec: EnhanceSpec, plane: PlaneFormat, haloPx: number): Promise<Result<ShelvedModel>> {
    const traits = modelTraits(spec.modelId);
    if (!traits.ok) return traits;
    // Sixteen bits a sample are more than int8 can tell apart.
    const precision = plane.bytesPerSample === 2 ? 'fp32' : spec.precision;
    return this.open(spec.modelId, precision, plane, haloPx >= traits.value.haloPx ? 'valid' : 'same');
  }

  /** The session for one form of a model, opened at the first call. */
  async open(
    modelId: string,
    precision: Precision,
    plane: PlaneFormat,
    padding: 'valid' | 'same',
  ): Promise<Result<ShelvedModel>> {
    const traits = modelTraits(modelId);
    if (!traits.ok) return traits;
    const key = [modelId, precision, plane.channels, plane.bytesPerSample, padding].join('/');
    const known = this.#models.get(key) ?? this.#open(traits.value, plane, precision, padding);
    this.#models.set(key, known);
    const result = await known;
    // A failure is not kept: memory may be free the next time.
    if (!result.ok) this.#models.delete(key);
    return result;
  }

  async #open(
    entry: CatalogEntry,
    plane: PlaneFormat,
    precision: Precision,
    padding: 'valid' | 'same',
  ): Promise<Result<ShelvedModel>> {
    try {
      const network = await this.#network(entry);
      const form = {
        precision,
        padding,
        channels: plane.channels,
        sampleBits: plane.bytesPerSample === 2 ? 16 : 8,
      } as const;
      const opened = await loadTileModel(graphOf(network, form), {
        provider: this.#config.provider,
        threads: this.#config.threads,
      });
      return opened.ok ? success({ model: opened.value, precision }) : opened;
    } catch (error) {
      if (error instanceof ModelError) return failure(error.code, error.message, { modelId: entry.id });
      throw error;
    }
  }

  #network(entry: CatalogEntry): Promise<Network> {
    const known =
      this.#networks.get(entry.id) ?? loadNetwork(entry, this.#config.weightsFolder ?? defaultWeightsFolder);
    this.#networks.set(entry.id, known);
    return known;
  }
}
