import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './onnx.ts';

/** Gathers nodes and constant tensors in running order. Methods return the name of what they made. */
export class GraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #tensors = new Map<string, OnnxTensor>();

  /** Adds an operator; its result bears the node's name. */
  node(
    operator: string,
    name: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    this.#nodes.push({ operator, inputs, outputs: [name], attributes });
    return name;
  }

  /** Cuts a tensor along an axis into parts of the given lengths: `name.0`, `name.1`, … */
  split(name: string, input: string, axis: number, lengths: readonly number[]): readonly string[] {
    const outputs = lengths.map((_, index) => `${name}.${index}`);
    const inputs = [input, this.integers(`${name}.lengths`, lengths)];
    this.#nodes.push({ operator: 'Split', inputs, outputs, attributes: { axis } });
    return outputs;
  }

  /** Adds a constant; one name is one tensor, so that a constant that several nodes use is stored once. */
  constant(tensor: OnnxTensor): string {
    this.#tensors.set(tensor.name, tensor);
    return tensor.name;
  }

  /** A list of int64, as shapes and axes are passed. */
  integers(name: string, values: readonly number[]): string {
    return this.constant({ name, type: 'int64', shape: [values.length], values: BigInt64Array.from(values, BigInt) });
  }

  /** Closes the graph. */
  build(name: string, input: OnnxValue, output: OnnxValue): OnnxGraph {
    return { name, input, output, nodes: this.#nodes, tensors: [...this.#tensors.values()] };
  }
}
