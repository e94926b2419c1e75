import type { LoadedGraph } from '../../models/load-graph.ts';
import { loadTileModel } from '../engine/adapters/ort-model.ts';
import { offeredProviders } from '../engine/adapters/ort-session.ts';
import { SpoolReader } from '../engine/adapters/spool-file.ts';
import { compareSamples } from '../engine/compare.ts';
import { failure, success, type Result } from '../engine/errors.ts';
import { bytesPerPixel } from '../engine/planes.ts';
import type { Provider, TileShape } from '../engine/ports.ts';
import type { Desk } from './desk.ts';
import type { OpenPhoto, TaskOf, TaskValues } from './protocol.ts';

/** The devices that this build of ONNX Runtime brings, the processor first. */
export function listDevices(): TaskValues['devices'] {
  return { providers: offeredProviders() };
}

/**
 * Infers a tile from the middle of a photo on this worker's device and on the processor, in fp32.
 *
 * A process of its own, because a driver that cannot do it may take the process with it.
 *
 * @returns the largest and the mean difference, or why the device cannot do it
 */
export async function compareWithProcessor(
  desk: Desk,
  task: TaskOf<'compare'>,
): Promise<Result<TaskValues['compare']>> {
  return desk.inference.run(async () => {
    const { photo, tile } = task;
    const input = readMiddle(photo, tile);
    if (!input.ok) return input;
    const graph = await desk.models.graph(photo.spec.modelId, { precision: 'fp32', padding: 'valid' });
    if (!graph.ok) return graph;
    const { provider, threads } = desk.config;
    const wanted = await inferOn('cpu', graph.value, threads, tile, input.value);
    if (!wanted.ok) return wanted;
    const given = await inferOn(provider, graph.value, threads, tile, input.value);
    return given.ok ? success(compareSamples(given.value, wanted.value, 1)) : given;
  });
}

async function inferOn(
  provider: Provider,
  graph: LoadedGraph,
  threads: number,
  tile: TileShape,
  input: Uint8Array,
): Promise<Result<Uint8Array>> {
  const model = await loadTileModel(graph, { provider, threads });
  if (!model.ok) return model;
  const grown = (px: number): number => (px - 2 * graph.marginPx) * graph.scale;
  const output = new Uint8Array(grown(tile.heightPx) * grown(tile.widthPx) * 3);
  const ran = await model.value.bind(tile, input, output).run();
  await model.value.dispose();
  return ran.ok ? success(output) : ran;
}

/** A tile of the photo's colour plane, from its middle. */
function readMiddle({ image, planes }: OpenPhoto, { heightPx, widthPx }: TileShape): Result<Uint8Array> {
  const plane = planes[0]!;
  if (bytesPerPixel([plane]) !== 3 || image.heightPx < heightPx || image.widthPx < widthPx) {
    return failure('sample-unfit', `Devices are compared on a photo in colour, of 8 bits, of ${widthPx} px or more.`);
  }
  const top = Math.floor((image.heightPx - heightPx) / 2);
  const left = Math.floor((image.widthPx - widthPx) / 2);
  const rows = new Uint8Array(heightPx * image.widthPx * 3);
  const reader = new SpoolReader(plane.sourcePath, { ...image, bytesPerPixel: 3 });
  try {
    reader.readRows({ start: top, end: top + heightPx }, rows);
  } finally {
    reader.close();
  }
  const tile = new Uint8Array(heightPx * widthPx * 3);
  for (let y = 0; y < heightPx; y += 1) {
    const start = (y * image.widthPx + left) * 3;
    tile.set(rows.subarray(start, start + widthPx * 3), y * widthPx * 3);
  }
  return success(tile);
}
