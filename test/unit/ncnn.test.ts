import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { graphOf } from '../../models/load-graph.ts';
import { parameterCountOf } from '../../models/import/layer-network.ts';
import { parseParam } from '../../models/import/ncnn-param.ts';
import { WeightsReader } from '../../models/import/ncnn-weights.ts';
import { readNcnn } from '../../models/import/read-ncnn.ts';
import { compactBin, compactParam, randomCompact } from '../helpers/reference-ncnn.ts';

const small = { scale: 4, channels: 5, seed: 3, half: true, residual: true, enlarged: true } as const;
const compact = randomCompact(small);
const param = compactParam(compact);
const bin = compactBin(compact);

/** The failure's code; fails where there is none. */
function codeOf(files: { param?: string; bin?: Uint8Array }): string {
  const read = readNcnn({ param, bin, ...files });
  if (read.ok) throw new Error('Expected a failure');
  return read.error.code;
}

function edited(from: string | RegExp, to: string): string {
  const text = param.replace(from, to);
  if (text === param) throw new Error(`Nothing to replace: ${String(from)}`);
  return text;
}

describe('a compact network', () => {
  test.each([true, false])('comes through with its weights, packed in 16 bits: %s', (half) => {
    const own = randomCompact({ ...small, half });
    const read = readNcnn({ param: compactParam(own), bin: compactBin(own) });
    if (!read.ok) throw new Error(read.error.message);
    const { layers, scale } = read.value;
    const convolutions = layers.flatMap((layer) => (layer.kind === 'convolution' ? [layer.convolution] : []));
    expect(convolutions).toEqual(own.layers.map((layer) => ({ ...layer, kernelPx: 3 })));
    expect(layers.flatMap((layer) => (layer.kind === 'prelu' ? [layer.slopes] : []))).toEqual(own.slopes);
    expect(scale).toBe(4);
  });

  test('has a halo of one pixel a convolution, and knows how many parameters it has', () => {
    const read = readNcnn({ param, bin });
    if (!read.ok) throw new Error(read.error.message);
    expect(graphOf(read.value, { precision: 'fp32' })).toMatchObject({ haloPx: 3, marginPx: 3, scale: 4 });
    expect(graphOf(read.value, { precision: 'fp32', padding: 'same' })).toMatchObject({ haloPx: 3, marginPx: 0 });
    const counts = [...compact.layers.map(({ weight, bias }) => weight.length + bias.length), 5, 5];
    expect(parameterCountOf(read.value)).toBe(counts.reduce((sum, count) => sum + count, 0));
    expect(() => graphOf(read.value, { precision: 'int8' })).toThrow(/fp32 only/);
  });

  test('may end with Windows line endings and share one slope among all channels', () => {
    const shared = randomCompact({ ...small, sharedSlope: true });
    const read = readNcnn({ param: compactParam(shared).replaceAll('\n', '\r\n'), bin: compactBin(shared) });
    const slopes = read.ok ? read.value.layers.flatMap((layer) => (layer.kind === 'prelu' ? [layer.slopes] : [])) : [];
    expect(slopes.map((each) => [...each])).toEqual(
      shared.slopes.map(([slope]) => Array<number | undefined>(5).fill(slope)),
    );
  });
});

describe('the text file', () => {
  test.each([
    ['another magic number', edited('7767517', '7767518')],
    ['nothing in it', ''],
    ['a count of layers that is not true', edited(/\n\d+ /, '\n13 ')],
    ['a count of blobs that is not true', edited(/\n(\d+) \d+\n/, '\n$1 3\n')],
    ['a blob that nothing writes', edited('prelu0   1 1 a b', 'prelu0   1 1 z b')],
    ['a blob that is written twice', edited('prelu0   1 1 a b', 'prelu0   1 1 a a')],
    ['a count of inputs that is not a number', edited('conv0    1 1', 'conv0    x 1')],
    ['an enormous count of inputs', edited('conv0    1 1', 'conv0    999999999999 1')],
    ['a value that is not a number', edited('0=5 1=3', '0=five 1=3')],
    ['a list where a number belongs', edited('0=5 1=3', '0=5,6 1=3')],
    ['weights of another number', edited(`6=${5 * 3 * 9}`, '6=134')],
    ['an even kernel', edited('1=3 4=1', '1=2 4=1')],
    ['an enormous number of outputs', edited('0=5 1=3', '0=99999999999 1=3')],
    ['slopes for other channels', edited('0=5\n', '0=4\n')],
    ['too few channels to shuffle', edited('g 0=4', 'g 0=3')],
    ['sums of different shapes', edited('2 1 d b_1 e', '2 1 d data_0 e')],
  ])('with %s is refused as malformed', (_, text) => {
    expect(codeOf({ param: text })).toBe('model-malformed');
  });

  test.each([
    ['a layer of another kind', edited('PReLU            prelu1   1 1 c d 0=5', 'Sigmoid prelu1 1 1 c d')],
    ['a stride', edited('1=3 4=1', '1=3 3=2 4=1')],
    ['a dilation', edited('1=3 4=1', '1=3 2=2 4=1')],
    ['no padding', edited('1=3 4=1', '1=3')],
    ['more padding below', edited('1=3 4=1', '1=3 4=1 16=2')],
    ['a kernel that is not square', edited('1=3 4=1', '1=3 11=1 4=1')],
    ['a fused activation', edited('1=3 4=1', '1=3 4=1 9=1')],
    ['quantised weights', edited('1=3 4=1', '1=3 4=1 8=1')],
    ['an option that nobody knows', edited('1=3 4=1', '1=3 4=1 77=1')],
    ['a shuffle in another order', edited('g 0=4', 'g 0=4 1=1')],
    ['a smooth enlargement', edited('h 0=1', 'h 0=2')],
    ['an enlargement to a fixed size', edited('h 0=1', 'h 0=1 3=640')],
    ['an enlargement of another width', edited(/2=4\.0+e\+00/, '2=2')],
    ['a product', edited('e 0=0', 'e 0=2')],
    ['a sum with a number', edited('e 0=0', 'e 0=0 1=1')],
    ['an Eltwise product', edited('BinaryOp         skip     2 1 d b_1 e 0=0', 'Eltwise skip 2 1 d b_1 e')],
    [
      'weighted Eltwise sums',
      edited('BinaryOp         skip     2 1 d b_1 e 0=0', 'Eltwise skip 2 1 d b_1 e 0=1 -23301=2,1,2'),
    ],
  ])('with %s is refused as unsupported, and the layer is named', (_, text) => {
    const read = readNcnn({ param: text, bin });
    expect(read).toMatchObject({ ok: false, error: { code: 'model-unsupported' } });
    expect(read.ok ? '' : read.error.message).toMatch(/\b(conv0|prelu1|skip|shuffle|nearest)\b.*Choose/s);
  });

  test('of a network that goes on after its enlargement is refused', () => {
    const text = edited('add      2 1 g h out 0=0', 'add      2 1 g h i 0=0\nPReLU last 1 1 i out 0=1').replace(
      /\n(\d+) (\d+)\n/,
      (_, layers, blobs) => `\n${Number(layers) + 1} ${Number(blobs) + 1}\n`,
    );
    expect(codeOf({ param: text })).toBe('model-unsupported');
  });

  test('of a network that gives no enlarged photo, or two results, is refused', () => {
    expect(codeOf({ param: '7767517\n1 1\nInput in 0 1 data\n', bin: new Uint8Array() })).toBe('model-unsupported');
    const two = '7767517\n2 3\nInput in 0 1 data\nSplit s 1 2 data a b\n';
    expect(codeOf({ param: two, bin: new Uint8Array() })).toBe('model-unsupported');
  });

  test('never makes the reader throw, whatever one character becomes', () => {
    fc.assert(
      fc.property(fc.nat(param.length - 1), fc.string({ unit: 'binary-ascii', maxLength: 3 }), (at, text) => {
        const read = readNcnn({ param: param.slice(0, at) + text + param.slice(at + 1), bin });
        return read.ok || read.error.message.length > 20;
      }),
      { numRuns: 500 },
    );
  });

  test('names the blob that nothing writes, also where it is only copied', () => {
    const texts = [edited('prelu0   1 1 a b', 'prelu0   1 1 nowhere b'), edited('1 2 b b_0', '1 2 nowhere b_0')];
    for (const text of texts) {
      const read = parseParam(text);
      expect(read.ok ? '' : read.error.message).toMatch(/reads nowhere, which no layer before it writes/);
    }
  });

  test('names the blob that is written twice', () => {
    const read = parseParam('7767517\n2 1\nInput in 0 1 data\nPReLU p 1 1 data data 0=1\n');
    expect(read.ok ? '' : read.error.message).toMatch(/data is written twice/);
  });

  test('is read line by line: a line that is missing is noticed', () => {
    const lines = param.trimEnd().split('\n');
    for (let at = 0; at < lines.length; at += 1) {
      expect(parseParam(lines.toSpliced(at, 1).join('\n')).ok).toBe(false);
    }
  });
});

describe('the file of weights', () => {
  test('cut short anywhere is refused as truncated', () => {
    fc.assert(
      fc.property(fc.nat(bin.length - 1), (length) => codeOf({ bin: bin.subarray(0, length) }) === 'weights-truncated'),
    );
  });

  test('with bytes left over is refused', () => {
    expect(codeOf({ bin: Buffer.concat([bin, Buffer.alloc(1)]) })).toBe('weights-surplus');
  });

  test('in another packing is refused', () => {
    for (const flag of [0x000d4b38, 1, 0xffffffff]) {
      const other = Buffer.from(bin);
      other.writeUInt32LE(flag, 0);
      expect(codeOf({ bin: other })).toBe('weights-packed');
    }
  });

  test.each([0x7c00, 0xfc00, 0x7e00])('with a half that is not a finite number (%i) is refused', (bits) => {
    const other = Buffer.from(bin);
    other.writeUInt16LE(bits, 4);
    expect(codeOf({ bin: other })).toBe('weights-not-finite');
  });

  test.each([Number.NaN, Infinity])('with a bias of %d is refused', (value) => {
    const other = Buffer.from(bin);
    other.writeFloatLE(value, 4 + 136 * 2);
    expect(codeOf({ bin: other })).toBe('weights-not-finite');
  });

  test('never makes the reader throw, whatever one byte becomes', () => {
    fc.assert(
      fc.property(fc.nat(bin.length - 1), fc.nat(255), (at, byte) => {
        const other = Buffer.from(bin);
        other[at] = byte;
        const read = readNcnn({ param, bin: other });
        return read.ok || read.error.code.startsWith('weights-');
      }),
    );
  });

  test('may start anywhere in its memory', () => {
    const moved = Buffer.concat([Buffer.alloc(1), bin]).subarray(1);
    expect(readNcnn({ param, bin: moved })).toEqual(readNcnn({ param, bin }));
  });

  test.each([
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x83ff, -1023 * 2 ** -24],
    [0x3555, 0.333251953125],
  ])('holds the half %i as %d', (bits, value) => {
    const file = Buffer.alloc(8);
    file.writeUInt32LE(0x01306b47, 0);
    file.writeUInt16LE(bits, 4);
    expect(new WeightsReader(file).weights(1, 'x')).toEqual({ ok: true, value: Float32Array.of(value) });
  });
});
