import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModelError } from '../../models/graph/errors.ts';
import { quickSrNetFrom } from '../../models/graph/network.ts';
import { parseSafetensors } from '../../models/graph/safetensors.ts';
import { randomNetwork, writeReferenceNetwork } from '../helpers/reference-weights.ts';

const network = randomNetwork({ scale: 2, anchored: false, channels: 4, hidden: 1, seed: 1 });
const file = writeReferenceNetwork(network);

function withHeader(header: unknown, dataBytes = 64): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ModelError) return error.code;
    throw error;
  }
  return 'none';
}

describe('a safetensors file', () => {
  test('gives the tensors and the metadata that were written', () => {
    const read = parseSafetensors(file);
    expect(read.metadata['architecture']).toBe('QuickSRNet');
    for (const [index, layer] of network.layers.entries()) {
      expect(read.tensors.get(`conv.${index}.weight`)).toEqual({
        shape: [layer.outputs, layer.inputs, 3, 3],
        values: layer.weight,
      });
      expect(read.tensors.get(`conv.${index}.bias`)).toEqual({ shape: [layer.outputs], values: layer.bias });
    }
  });

  test('is read at any place in memory', () => {
    for (let offset = 0; offset < 4; offset++) {
      const memory = new Uint8Array(file.byteLength + offset);
      memory.set(file, offset);
      expect(parseSafetensors(memory.subarray(offset))).toEqual(parseSafetensors(file));
    }
  });

  test('cut short anywhere is malformed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: file.byteLength - 1 }), (length) => {
        expect(codeOf(() => parseSafetensors(file.subarray(0, length)))).toBe('weights-malformed');
      }),
    );
  });

  test.each([
    ['a header that is not JSON', '{'],
    ['a header that is a list', []],
    ['a tensor that is no object', { t: 3 }],
    ['another number format', { t: { dtype: 'F16', shape: [2], data_offsets: [0, 4] } }],
    ['a negative side', { t: { dtype: 'F32', shape: [-2], data_offsets: [0, 8] } }],
    ['offsets that are not the shape’s size', { t: { dtype: 'F32', shape: [2], data_offsets: [0, 12] } }],
    ['offsets beyond the data', { t: { dtype: 'F32', shape: [2], data_offsets: [60, 68] } }],
    ['three offsets', { t: { dtype: 'F32', shape: [2], data_offsets: [0, 8, 16] } }],
    ['metadata that is no string', { __metadata__: { scale: 4 } }],
  ])('with %s is malformed', (_, header) => {
    expect(codeOf(() => parseSafetensors(withHeader(header)))).toBe('weights-malformed');
  });

  test('with a value that is not finite is malformed', () => {
    const broken = Uint8Array.from(file);
    new DataView(broken.buffer).setFloat32(broken.byteLength - 4, Number.NaN, true);
    expect(codeOf(() => parseSafetensors(broken))).toBe('weights-malformed');
  });
});

describe('a network', () => {
  const sound = parseSafetensors(file);
  const replace = (metadata: Record<string, string>) => ({ ...sound, metadata: { ...sound.metadata, ...metadata } });
  const without = (name: string) => ({
    ...sound,
    tensors: new Map([...sound.tensors].filter(([other]) => other !== name)),
  });

  test('has the layers of its weights', () => {
    const read = quickSrNetFrom(sound);
    expect(read).toMatchObject({ scale: 2, anchored: false });
    expect(read.layers.map(({ inputs, outputs }) => [inputs, outputs])).toEqual([
      [3, 4],
      [4, 4],
      [4, 12],
    ]);
  });

  test.each([
    ['another architecture', replace({ architecture: 'ESPCN' })],
    ['a scale there is no shuffle for', replace({ scale: '5' })],
    ['a scale that is not the last layer’s', replace({ scale: '3' })],
    ['a missing bias', without('conv.1.bias')],
    ['a missing layer', without('conv.1.weight')],
    ['a missing first layer', without('conv.0.weight')],
  ])('with %s is refused', (_, weights) => {
    expect(codeOf(() => quickSrNetFrom(weights))).toBe('weights-unexpected');
  });
});
