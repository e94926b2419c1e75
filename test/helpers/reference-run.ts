import { loadTileModel } from '../../main/engine/adapters/ort-model.ts';
import type { ModelSource } from '../../main/engine/adapters/ort-model.ts';
import type { ReferenceImage } from './reference-quicksrnet.ts';
import { randomSamples } from './reference-weights.ts';

/** A picture of random samples, 0 … white. */
export function randomPicture(
  height: number,
  width: number,
  channels: 1 | 3,
  white: number,
  seed: number,
): ReferenceImage & { readonly samples: Uint8Array | Uint16Array } {
  return { height, width, channels, samples: randomSamples(height * width * channels, white, seed) };
}

/** Runs a graph on a whole picture as one tile, on one thread. */
export async function runGraph(graph: ModelSource, image: ReferenceImage): Promise<Uint8Array | Uint16Array> {
  const loaded = await loadTileModel(graph, { provider: 'cpu', threads: 1 });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const { height, width, channels } = image;
  const samples = graph.bytesPerSample === 1 ? Uint8Array.from(image.samples) : Uint16Array.from(image.samples);
  const cut = 2 * graph.marginPx;
  const output = new Uint8Array((height - cut) * (width - cut) * graph.scale ** 2 * channels * graph.bytesPerSample);
  const tile = loaded.value.bind({ heightPx: height, widthPx: width }, new Uint8Array(samples.buffer), output);
  const ran = await tile.run();
  if (!ran.ok) throw new Error(JSON.stringify(ran.error));
  await loaded.value.dispose();
  return graph.bytesPerSample === 1 ? output : new Uint16Array(output.buffer);
}

/** A rectangle of a picture's samples; sides in pixels. */
export function cutOut(
  image: { readonly width: number; readonly channels: number; readonly samples: ArrayLike<number> },
  rectangle: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Uint16Array {
  const { x, y, width, height } = rectangle;
  const run = width * image.channels;
  return Uint16Array.from({ length: height * run }, (_, n) => {
    const row = y + Math.floor(n / run);
    return image.samples[(row * image.width + x) * image.channels + (n % run)]!;
  });
}

/** The largest difference of two lists of samples, endless where their lengths differ. */
export function largestDifference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let largest = one.length === other.length ? 0 : Infinity;
  for (let n = 0; n < one.length; n++) largest = Math.max(largest, Math.abs(one[n]! - other[n]!));
  return largest;
}
