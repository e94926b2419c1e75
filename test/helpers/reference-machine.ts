/**
 * What the processor that this program runs on makes of int8, as one line of JSON. Started as a program of its own, so
 * that another processor can be emulated around it.
 *
 *     node test/helpers/reference-machine.ts
 */
import { loadTileModel } from '../../main/engine/adapters/ort-model.ts';
import { catalog } from '../../models/catalog.ts';
import type { Precision } from '../../models/graph/build.ts';
import { openChecked } from '../../models/ladder.ts';
import { defaultWeightsFolder, graphOf, loadNetwork } from '../../models/load-graph.ts';
import { checkTile, digestOf } from '../../models/self-check.ts';
import { randomPicture, runGraph } from './reference-run.ts';

/** The report of a processor. */
export interface MachineReport {
  /** The digest of the known tile's result in int8. */
  readonly digest: string;
  readonly chosen: Precision;
  /** What the chosen rung makes of `testPicture`, in hexadecimal digits. */
  readonly result: string;
}

/** A picture that is not the known tile. */
export function testPicture(haloPx: number): ReturnType<typeof randomPicture> {
  return randomPicture(2 * haloPx + 4, 2 * haloPx + 3, 3, 255, 11);
}

async function report(): Promise<MachineReport> {
  const entry = catalog[0]!;
  const network = await loadNetwork(entry, defaultWeightsFolder);
  const { heightPx: height, widthPx: width, pixels: samples } = checkTile(entry.haloPx);
  const known = await runGraph(graphOf(network, { precision: 'int8' }), { height, width, channels: 3, samples });
  const checked = await openChecked({ entry, network }, (graph) =>
    loadTileModel(graph, { provider: 'cpu', threads: 1 }),
  );
  if (!checked.ok) throw new Error(checked.error.message);
  const { graph, rung } = checked.value;
  const result = await runGraph(graph, testPicture(entry.haloPx));
  return {
    digest: digestOf(Uint8Array.from(known)),
    chosen: rung.precision,
    result: Buffer.from(result).toString('hex'),
  };
}

if (process.argv[1] === import.meta.filename) process.stdout.write(`${JSON.stringify(await report())}\n`);
