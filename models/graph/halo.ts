import type { OnnxGraph, OnnxNode } from './onnx.ts';

/**
 * Source pixels on each side that one result pixel's source pixel depends on: the receptive field's radius, from the
 * graph's convolutions along the widest way from input to output.
 */
export function haloOf(graph: OnnxGraph): number {
  const reach = new Map<string, number>([[graph.input.name, 0]]);
  for (const node of graph.nodes) {
    const widest = Math.max(...node.inputs.map((input) => reach.get(input) ?? 0));
    for (const output of node.outputs) reach.set(output, widest + radiusOf(node));
  }
  const halo = reach.get(graph.output.name);
  if (halo === undefined) throw new Error(`Expected a node that gives ${graph.output.name}`);
  return halo;
}

function radiusOf(node: OnnxNode): number {
  const kernel = node.attributes['kernel_shape'];
  if (!Array.isArray(kernel)) return 0;
  return (Math.max(...kernel.map(Number)) - 1) / 2;
}
