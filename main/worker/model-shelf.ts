/** The models that a worker has opened, each in the forms that photos asked for. */
import { findModel, type CatalogEntry } from '../../models/catalog.ts';
import type { GraphForm } from '../../models/graph/build.ts';
import { ModelError } from '../../models/graph/errors.ts';
import type { KnownModel } from '../../models/known.ts';
import { openChecked, rungs, type Rung } from '../../models/ladder.ts';
import { findImported, loadImported, type ImportedModel } from '../../models/import/imported-models.ts';
import { defaultWeightsFolder, graphOf, loadNetwork, type LoadedGraph } from '../../models/load-graph.ts';
import { loadTileModel } from '../engine/adapters/ort-model.ts';
import { failure, success, type Failure, type Result } from '../engine/errors.ts';
import type { PlaneFormat, Provider, TileModel } from '../engine/ports.ts';
import type { EnhanceSpec, Precision, WorkerConfig } from './protocol.ts';
import { onProcessor, openTrusted, type OpenSession, deviceLeft } from './trusted-session.ts';

/** A session, and what it really computes on and in. */
export interface ShelvedModel {
  readonly model: TileModel;
  readonly provider: Provider;
  readonly precision: Precision;
}

/** What the catalogue says of a model. */
function modelTraits(modelId: string): Result<CatalogEntry> {
  const entry = findModel(modelId);
  return entry === undefined
    ? failure('model-unknown', `There is no model ${modelId}. \`tessera models\` lists them.`, { modelId })
    : success(entry);
}

/** One form of a model. */
interface Form {
  readonly entry: KnownModel;
  readonly precision: Precision;
  readonly plane: PlaneFormat;
  readonly padding: 'valid' | 'same';
}

/** A form on the shelf: on its way, or open. */
interface Place {
  readonly opening: Promise<Result<ShelvedModel>>;
  opened?: TileModel;
}

type Network = Awaited<ReturnType<typeof loadNetwork>>;
type GraphSource = Parameters<typeof graphOf>[0];

/** The plane that most photos have. */
export const COLOUR: PlaneFormat = { content: 'colour', channels: 3, bytesPerSample: 1 };

/** fp32 needs no check: it differs in the last place from machine to machine, and is right on all. */
const FLOAT_RUNG = rungs[1];

/**
 * Sessions that a worker keeps open. A photo uses two at most (colour and alpha), and somebody who compares models on
 * one spot goes back and forth between two or three; each takes tens of megabytes, more with large tiles.
 */
export const MOST_SESSIONS = 4;

/** What a device computes in: other devices than the processor have no kernels for 8-bit convolutions. */
function precisionOn(provider: Provider, wanted: Precision): Precision {
  return provider === 'cpu' ? wanted : 'fp32';
}

/** Opens sessions once and keeps the latest. */
export class ModelShelf {
  readonly #config: WorkerConfig;
  readonly #onNotice: (notice: Failure) => void;
  readonly #openSession: OpenSession;
  readonly #networks = new Map<string, Promise<Network>>();
  readonly #importedModels = new Map<string, ImportedModel>();
  /** By form, the one used last at the end. */
  readonly #models = new Map<string, Place>();
  /** How each model's int8 is run on this machine, once its check tile has told. */
  readonly #rungs = new Map<string, Rung>();
  /** The models that this worker's device failed on, or computed wrong. */
  readonly #leftFor = new Set<string>();

  /** @param openSession ONNX Runtime's own unless a test brings another */
  constructor(config: WorkerConfig, onNotice: (notice: Failure) => void, openSession: OpenSession = loadTileModel) {
    this.#config = config;
    this.#onNotice = onNotice;
    this.#openSession = openSession;
  }

  /** What is known of a model: the catalogue's entry, or the description in the folder of imported models. */
  traits(modelId: string): Result<KnownModel> {
    const own = this.#imported(modelId);
    return own === undefined ? modelTraits(modelId) : success(own);
  }

  /**
   * The session for one plane of a photo, opened at the first call.
   *
   * A halo of the whole receptive field takes the graph without padding, which computes the interior alone; a smaller
   * one, or a tiling without halo, needs the graph that pads each layer with zeros.
   */
  async model(spec: EnhanceSpec, plane: PlaneFormat, haloPx: number): Promise<Result<ShelvedModel>> {
    const traits = this.traits(spec.modelId);
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
    const traits = this.traits(modelId);
    if (!traits.ok) return traits;
    const key = [modelId, precision, plane.channels, plane.bytesPerSample, padding].join('/');
    const place = this.#models.get(key) ?? { opening: this.#open({ entry: traits.value, precision, plane, padding }) };
    this.#models.delete(key);
    this.#models.set(key, place);
    const result = await place.opening;
    // A failure is not kept: memory may be free the next time.
    if (!result.ok) this.#models.delete(key);
    else if (place.opened === undefined) {
      place.opened = result.value.model;
      await this.#releaseOldest();
    }
    return result;
  }

  /**
   * Goes on with the processor where this worker's device failed on a model that it ran before: a driver that was reset,
   * or graphics memory that others took. Only called between two inferences.
   *
   * @returns false where the model runs on the processor already
   */
  async leaveDevice(modelId: string, reason: Failure): Promise<boolean> {
    const { provider, threads } = this.#config;
    if (provider === 'cpu' || this.#leftFor.has(modelId)) return false;
    this.#leftFor.add(modelId);
    this.#onNotice(deviceLeft(reason, { provider, threads }));
    for (const [key, { opened }] of this.#models) {
      if (!key.startsWith(`${modelId}/`)) continue;
      this.#models.delete(key);
      await opened?.dispose();
    }
    return true;
  }

  /** Lets go of the sessions that were used longest ago. Only called between two inferences, which run one at a time. */
  async #releaseOldest(): Promise<void> {
    for (const [key, { opened }] of this.#models) {
      if (this.#models.size <= MOST_SESSIONS) return;
      if (opened === undefined) continue;
      this.#models.delete(key);
      await opened.dispose();
    }
  }

  /** A graph of a model in some form: `model-unknown`, what is wrong with its files, or that it has no such form. */
  async graph(modelId: string, form: Partial<GraphForm>): Promise<Result<LoadedGraph>> {
    const traits = this.traits(modelId);
    if (!traits.ok) return traits;
    return refusing(modelId, async () => {
      const network = await this.#network(traits.value);
      return network.ok ? success(graphOf(network.value, form)) : network;
    });
  }

  async #open(form: Form): Promise<Result<ShelvedModel>> {
    const { entry, precision } = form;
    const provider = this.#providerFor(entry);
    if (provider === 'cpu') return this.#openForm(form);
    const opened = await this.#openForm({ ...form, precision: precisionOn(provider, precision) });
    const possible: readonly Precision[] = entry.precisions;
    if (!opened.ok || opened.value.precision === precision || !possible.includes(precision)) return opened;
    if (!this.#leftFor.has(entry.id)) return opened;
    // The device was left, and the processor has what was asked for.
    await opened.value.model.dispose();
    return this.#openForm(form);
  }

  async #openForm(form: Form): Promise<Result<ShelvedModel>> {
    const { entry, precision, plane, padding } = form;
    return refusing(entry.id, async () => {
      const source = await this.#network(entry);
      if (!source.ok) return source;
      const network = source.value;
      // There is no other precision of an imported model; the result says what was computed.
      if (entry.family === 'imported' || 'kind' in network || precision === 'fp32') {
        return this.#openOn(FLOAT_RUNG, network, form);
      }
      // The known tile's results are those of our own graphs.
      if (this.#config.trial?.graph !== undefined) return this.#openOn(rungs[0], network, form);
      if (plane.channels === 3) return this.#openAndCheck(network, entry, padding);
      // Grey and alpha planes run the same kernels as colour, which has the check.
      const colour = await this.open(entry.id, 'int8', COLOUR, padding);
      return colour.ok ? this.#openOn(this.#rungs.get(entry.id)!, network, form) : colour;
    });
  }

  async #openAndCheck(network: Network, entry: CatalogEntry, padding: Form['padding']): Promise<Result<ShelvedModel>> {
    const checked = await openChecked({ entry, network, padding }, (graph) => this.#session(entry, graph));
    if (!checked.ok) return checked;
    const { model, rung } = checked.value;
    if (rung.notice !== undefined && !this.#rungs.has(entry.id)) {
      this.#onNotice({ code: `${rung.precision}-instead`, message: rung.notice, details: { modelId: entry.id } });
    }
    this.#rungs.set(entry.id, rung);
    return success({ model, provider: this.#providerFor(entry), precision: rung.precision });
  }

  async #openOn(rung: Rung, network: GraphSource, { entry, plane, padding }: Form): Promise<Result<ShelvedModel>> {
    const { precision } = rung;
    const sampleBits = plane.bytesPerSample === 2 ? 16 : 8;
    const { graph: comparison } = this.#config.trial ?? {};
    const blockedChannels = process.arch === 'x64' && this.#providerFor(entry) === 'cpu';
    const shape = { precision, padding, sampleBits, channels: plane.channels, blockedChannels } as const;
    const graph = graphOf(network, comparison === undefined ? shape : { ...shape, comparison });
    const opened = await this.#session(entry, graph);
    return opened.ok ? success({ model: opened.value, provider: this.#providerFor(entry), precision }) : opened;
  }

  /** The catalogue comes first: an import takes no name of its models away. */
  #imported(modelId: string): ImportedModel | undefined {
    const { importedFolder } = this.#config;
    if (importedFolder === undefined || findModel(modelId) !== undefined) return undefined;
    const found = this.#importedModels.get(modelId) ?? findImported(importedFolder, modelId);
    if (found !== undefined) this.#importedModels.set(modelId, found);
    return found;
  }

  async #session(entry: KnownModel, graph: LoadedGraph): Promise<Result<TileModel>> {
    const { provider, threads, trial } = this.#config;
    const asked = { provider, threads };
    if (trial?.graph === 'planes') {
      // A benchmark's alone.
      const { loadPlanesModel } = await import('../engine/adapters/planes-model.ts');
      return loadPlanesModel(graph, asked);
    }
    const runtime = this.#leftFor.has(entry.id) ? onProcessor(asked) : asked;
    const leave = (notice: Failure): void => {
      this.#leftFor.add(entry.id);
      this.#onNotice(notice);
    };
    return openTrusted(graph, runtime, leave, this.#openSession);
  }

  #providerFor({ id }: KnownModel): Provider {
    return this.#leftFor.has(id) ? 'cpu' : this.#config.provider;
  }

  async #network(entry: KnownModel): Promise<Result<GraphSource>> {
    if (entry.family === 'imported') return loadImported(entry);
    const folder = this.#config.weightsFolder ?? defaultWeightsFolder;
    const known = this.#networks.get(entry.id) ?? loadNetwork(entry, folder);
    this.#networks.set(entry.id, known);
    // A disk that is slow to wake, an update under way: the next photo may have better luck.
    known.catch(() => this.#networks.delete(entry.id));
    return success(await known);
  }
}

/** Does work on a model; what is wrong with the model is a failure, all else that throws is a bug. */
async function refusing<T>(modelId: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ModelError) return failure(error.code, error.message, { modelId });
    throw error;
  }
}
