import type { GraphBuilder } from './graph-builder.ts';
import type { PixelNetwork } from './pixel-network.ts';

/** valid: convolutions consume the halo, the result is the tile's interior. same: zeros stand around the tile. */
export type Padding = 'valid' | 'same';

/** Interleaved pixels [1, h, w, c] to planes [1, c, h, w], as ONNX convolutions want them. */
export function toPlanes(graph: GraphBuilder, pixels: string): string {
  return graph.node('Transpose', 'planes', [pixels], { perm: [0, 3, 1, 2] });
}

/** ONNX's four paddings of a square kernel. */
export function pads(kernelPx: number, padding: Padding): readonly number[] {
  return Array<number>(4).fill(padding === 'same' ? (kernelPx - 1) / 2 : 0);
}

/** Cuts `edgePx` off each side of planes [1, c, h, w]. */
export function crop(graph: GraphBuilder, planes: string, edgePx: number): string {
  if (edgePx === 0) return planes;
  const starts = graph.integers('crop.starts', [edgePx, edgePx]);
  const ends = graph.integers('crop.ends', [-edgePx, -edgePx]);
  return graph.node('Slice', 'cropped', [planes, starts, ends, graph.integers('crop.axes', [2, 3])]);
}

/**
 * The pixel shuffle: planes of sub-pixels [1, s·s·c in the order (y, x, c) and what fills them up, h, w] to pixels
 * [1, h·s, w·s, c].
 *
 * Interleaved first, every source pixel holds s runs of s·c samples, one a row of the result. Splitting the runs off and
 * laying whole rows one after the other takes half the time of a transposition, and drops what filled up the planes.
 *
 * @param planeCount planes there are, s·s·c or more
 */
export function pixelsOut(
  graph: GraphBuilder,
  network: Pick<PixelNetwork, 'scale' | 'channels'>,
  planes: string,
  planeCount: number,
): string {
  const { scale, channels } = network;
  const run = scale * channels;
  const interleaved = graph.node('Transpose', 'interleaved', [planes], { perm: [0, 2, 3, 1] });
  const squeezed = graph.node('Squeeze', 'squeezed', [interleaved, graph.integers('batch', [0])]);
  const filling = planeCount - scale * run;
  const lengths = [...Array<number>(scale).fill(run), ...(filling > 0 ? [filling] : [])];
  const runs = graph.split('run', squeezed, 2, lengths).slice(0, scale);
  const rowShape = graph.integers('row.shape', [0, 1, -1, channels]);
  const rows = runs.map((each, y) => graph.node('Reshape', `row.${y}`, [each, rowShape]));
  const joined = graph.node('Concat', 'rows', rows, { axis: 1 });
  return graph.node('Reshape', 'output', [joined, graph.integers('output.shape', [1, -1, 0, channels])]);
}
