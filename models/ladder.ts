import type { CatalogEntry } from './catalog.ts';
import { defaultForm } from './graph/build.ts';
import type { Precision } from './graph/build.ts';
import type { QuickSrNet } from './graph/network.ts';
import type { Padding } from './graph/pixels.ts';
import { graphOf } from './load-graph.ts';
import type { LoadedGraph } from './load-graph.ts';
import { checkTile, digestOf } from './self-check.ts';

/** A way to run a model, from the fastest to the safest. */
export interface Rung {
  readonly precision: Precision;
  /** What to tell a person who gets this one instead of the first; none for the first. */
  readonly notice?: string;
}

/**
 * The ladder. Weights are such that the fast 8-bit kernels are exact on every processor that we know of
 * (`LARGEST_WEIGHT`); fp32 is for one that we do not know.
 *
 * There is nothing between: the runtime's exact kernels for x86 without VNNI (`session.x64quantprecision`) take as long as
 * fp32 or longer (docs/benchmarks/limits.md).
 */
export const rungs: readonly [Rung, Rung] = [
  { precision: 'int8' },
  {
    precision: 'fp32',
    notice: 'The 8-bit arithmetic of this processor gives wrong pictures, so fp32 is used: right, and slower.',
  },
];

/** A value, or the failure that kept it from being there. */
type Outcome<Value, Failure> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: Failure };

/** What the check needs of a model: the engine's TileModel is one. */
export interface Checkable<Failure> {
  bind(
    shape: { readonly heightPx: number; readonly widthPx: number },
    input: Uint8Array,
    output: Uint8Array,
  ): { run(): Promise<Outcome<void, Failure>> };
  dispose(): Promise<void>;
}

/** A model that gave the right answer, and how it is run. */
export interface Checked<Model> {
  readonly model: Model;
  readonly graph: LoadedGraph;
  readonly rung: Rung;
}

/** Opens a session for a graph. */
export type OpenModel<Model, Failure> = (graph: LoadedGraph) => Promise<Outcome<Model, Failure>>;

/** The model to check. */
export interface CheckRequest {
  readonly entry: CatalogEntry;
  readonly network: QuickSrNet;
  /** Of the graph that is opened; without, the default form's. */
  readonly padding?: Padding;
}

/**
 * Opens a model in 8-bit integers, infers a known tile with it, and goes one rung down as long as the result is not the
 * stored one. The last rung, fp32, is not checked: floating point differs in the last place from machine to machine.
 *
 * The model speaks 8-bit RGB. Other forms (grey, alpha) run the same kernels: open them with the rung that was found.
 *
 * @returns the model and its rung, or the first failure to open or to run, which is not about arithmetic
 */
export async function openChecked<Model extends Checkable<Failure>, Failure>(
  { entry, network, padding = defaultForm.padding }: CheckRequest,
  open: OpenModel<Model, Failure>,
): Promise<Outcome<Checked<Model>, Failure>> {
  for (const rung of rungs) {
    const graph = graphOf(network, { padding, precision: rung.precision });
    const opened = await open(graph);
    if (!opened.ok) return opened;
    const model = opened.value;
    if (rung.precision === 'fp32') return { ok: true, value: { model, graph, rung } };
    const result = await inferCheckTile(model, graph);
    if (result.ok && digestOf(result.value) === entry.check) {
      return { ok: true, value: { model, graph, rung } };
    }
    await model.dispose();
    if (!result.ok) return result;
  }
  throw new Error('Expected the last rung to be fp32');
}

/** The interior of the known tile's result: what VALID graphs give, and what SAME graphs give without their border. */
async function inferCheckTile<Failure>(
  model: Checkable<Failure>,
  graph: LoadedGraph,
): Promise<Outcome<Uint8Array, Failure>> {
  const tile = checkTile(graph.haloPx);
  const rowBytes = (tile.widthPx - 2 * graph.marginPx) * graph.scale * graph.channels;
  const rows = (tile.heightPx - 2 * graph.marginPx) * graph.scale;
  const output = new Uint8Array(rows * rowBytes);
  const ran = await model.bind(tile, tile.pixels, output).run();
  if (!ran.ok) return ran;
  const edge = (graph.haloPx - graph.marginPx) * graph.scale;
  const kept = Array.from({ length: rows - 2 * edge }, (_, y) =>
    output.subarray((y + edge) * rowBytes + edge * graph.channels, (y + edge + 1) * rowBytes - edge * graph.channels),
  );
  return { ok: true, value: Buffer.concat(kept) };
}
