/**
 * ONNX models as plain values, and their serialisation. Only what our graphs need of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; the comments name its messages.
 */
import protobuf from 'protobufjs/minimal.js';

/** TensorProto.DataType. */
export const elementTypes = { float32: 1, uint8: 2, int8: 3, uint16: 4, int32: 6, int64: 7 } as const;
type ElementType = keyof typeof elementTypes;

/** TensorProto with raw_data, which readers map instead of parsing. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly values: Float32Array | Uint8Array | Int8Array | Uint16Array | Int32Array | BigInt64Array;
}

/** AttributeProto: an integer, a list of integers, or a string. */
export type OnnxAttribute = number | string | readonly number[];

/** NodeProto. */
export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** ValueInfoProto: numbers are fixed dimensions, strings name free ones. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

/** GraphProto with one input and one output. */
export interface OnnxGraph {
  readonly name: string;
  readonly input: OnnxValue;
  readonly output: OnnxValue;
  /** In the order in which they run. */
  readonly nodes: readonly OnnxNode[];
  readonly tensors: readonly OnnxTensor[];
}

/** The operator set our graphs are written in: the first in which QuantizeLinear gives uint16. */
const operatorSet = 21;
/** ModelProto.ir_version: the format of 2024, which carries that operator set. */
const formatVersion = 10;

type Writer = protobuf.Writer;
const wireType = { varint: 0, lengthDelimited: 2 } as const;
const attributeType = { integer: 2, string: 3, integers: 7 } as const;

/** Serialises a graph as a ModelProto. */
export function serialiseModel(graph: OnnxGraph): Uint8Array {
  const writer = protobuf.Writer.create();
  integer(writer, 1, formatVersion);
  text(writer, 2, 'tessera');
  nested(writer, 7, () => {
    writeGraph(writer, graph);
  });
  nested(writer, 8, () => {
    integer(writer, 2, operatorSet);
  });
  return writer.finish();
}

function writeGraph(writer: Writer, graph: OnnxGraph): void {
  for (const node of graph.nodes)
    nested(writer, 1, () => {
      writeNode(writer, node);
    });
  text(writer, 2, graph.name);
  for (const tensor of graph.tensors)
    nested(writer, 5, () => {
      writeTensor(writer, tensor);
    });
  nested(writer, 11, () => {
    writeValue(writer, graph.input);
  });
  nested(writer, 12, () => {
    writeValue(writer, graph.output);
  });
}

function writeNode(writer: Writer, node: OnnxNode): void {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  // A node is named after its result, so that profiles and error messages say where in the network they are.
  text(writer, 3, node.outputs[0] ?? '');
  text(writer, 4, node.operator);
  for (const [name, value] of Object.entries(node.attributes)) {
    nested(writer, 5, () => {
      writeAttribute(writer, name, value);
    });
  }
}

function writeAttribute(writer: Writer, name: string, value: OnnxAttribute): void {
  text(writer, 1, name);
  if (typeof value === 'number') {
    integer(writer, 3, value);
    integer(writer, 20, attributeType.integer);
  } else if (typeof value === 'string') {
    text(writer, 4, value);
    integer(writer, 20, attributeType.string);
  } else {
    for (const item of value) integer(writer, 8, item);
    integer(writer, 20, attributeType.integers);
  }
}

function writeTensor(writer: Writer, tensor: OnnxTensor): void {
  for (const side of tensor.shape) integer(writer, 1, side);
  integer(writer, 2, elementTypes[tensor.type]);
  text(writer, 8, tensor.name);
  const { buffer, byteOffset, byteLength } = tensor.values;
  // raw_data is little-endian, as are all machines that ONNX Runtime runs on.
  writer.uint32((9 << 3) | wireType.lengthDelimited).bytes(new Uint8Array(buffer, byteOffset, byteLength));
}

function writeValue(writer: Writer, value: OnnxValue): void {
  text(writer, 1, value.name);
  // TypeProto { tensor_type: { elem_type, shape: { dim: [{ dim_value | dim_param }] } } }
  nested(writer, 2, () => {
    nested(writer, 1, () => {
      integer(writer, 1, elementTypes[value.type]);
      nested(writer, 2, () => {
        for (const side of value.shape) {
          nested(writer, 1, () => {
            if (typeof side === 'number') integer(writer, 1, side);
            else text(writer, 2, side);
          });
        }
      });
    });
  });
}

function nested(writer: Writer, field: number, write: () => void): void {
  writer.uint32((field << 3) | wireType.lengthDelimited).fork();
  write();
  writer.ldelim();
}

function text(writer: Writer, field: number, value: string): void {
  writer.uint32((field << 3) | wireType.lengthDelimited).string(value);
}

function integer(writer: Writer, field: number, value: number): void {
  writer.uint32((field << 3) | wireType.varint).int64(value);
}
