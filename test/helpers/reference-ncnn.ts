/**
 * Compact networks in ncnn's files, for tests: a random one, its two files, and what it computes in plain loops. Shares
 * nothing with the code that reads such files.
 */
import { convolve, interleave, shuffle, toRgbPlanes } from './reference-quicksrnet.ts';
import type { Planes, ReferenceImage, ReferencePadding } from './reference-quicksrnet.ts';
import { randomSource } from './reference-weights.ts';
import type { ReferenceLayer } from './reference-weights.ts';

/** Input, three convolutions with PReLUs between, and what is switched on around them. */
export interface CompactOptions {
  readonly scale: 2 | 3 | 4;
  readonly channels: number;
  readonly seed: number;
  /** Weights in 16 bits. */
  readonly half: boolean;
  /** Adds the first convolution's result to the second's. */
  readonly residual: boolean;
  /** Adds the enlarged input to the result. */
  readonly enlarged: boolean;
  /** Sums as `Eltwise` in place of `BinaryOp`. */
  readonly eltwise?: boolean;
  /** One slope for all channels. */
  readonly sharedSlope?: boolean;
}

export interface Compact extends CompactOptions {
  readonly layers: readonly ReferenceLayer[];
  readonly slopes: readonly Float32Array[];
}

/** A network whose values stay near 0..1 and go below 0, in numbers that 16 bits hold exactly. */
export function randomCompact(options: CompactOptions): Compact {
  const { scale, channels, seed, sharedSlope = false } = options;
  const random = randomSource(seed);
  // Zero without a sign.
  const exact = (spread: number): number => Math.round((random() - 0.5) * 2 * spread * 512) / 512 + 0;
  const widths = [3, channels, channels, 3 * scale ** 2];
  const layers = widths.slice(1).map((outputs, index): ReferenceLayer => {
    const inputs = widths[index]!;
    const weight = new Float32Array(outputs * inputs * 9).map(() => exact(1.5 / Math.sqrt(inputs * 9)));
    return { outputs, inputs, weight, bias: new Float32Array(outputs).map(() => exact(0.25)) };
  });
  const slopes = [0, 1].map(() => new Float32Array(sharedSlope ? 1 : channels).map(() => exact(0.75)));
  return { ...options, layers, slopes };
}

/** The text file. */
export function compactParam(compact: Compact): string {
  const { channels, scale, residual, enlarged, layers } = compact;
  const conv = (index: number): string => {
    const { outputs, weight } = layers[index]!;
    return `0=${outputs} 1=3 4=1 5=1 6=${weight.length}`;
  };
  const sum = compact.eltwise === true ? ['Eltwise', '0=1'] : ['BinaryOp', '0=0'];
  const slopeCount = compact.sharedSlope === true ? 1 : channels;
  const lines = [
    'Input            in       0 1 data',
    ...(enlarged ? ['Split            copy     1 2 data data_0 data_1'] : []),
    `Convolution      conv0    1 1 ${enlarged ? 'data_1' : 'data'} a ${conv(0)}`,
    `PReLU            prelu0   1 1 a b 0=${slopeCount}`,
    ...(residual ? ['Split            copy2    1 2 b b_0 b_1'] : []),
    `Convolution      conv1    1 1 ${residual ? 'b_0' : 'b'} c ${conv(1)}`,
    `PReLU            prelu1   1 1 c d 0=${slopeCount}`,
    ...(residual ? [`${sum[0]!}         skip     2 1 d b_1 e ${sum[1]!}`] : []),
    `Convolution      conv2    1 1 ${residual ? 'e' : 'd'} f ${conv(2)}`,
    `PixelShuffle     shuffle  1 1 f g 0=${scale}`,
    ...(enlarged
      ? [
          `Interp           nearest  1 1 data_0 h 0=1 1=${scale}.000000e+00 2=${scale}.000000e+00`,
          `${sum[0]!}         add      2 1 g h out ${sum[1]!}`,
        ]
      : []),
  ];
  const blobs = new Set(lines.flatMap((line) => blobsOf(line)));
  return `7767517\n${lines.length} ${blobs.size}\n${lines.join('\n')}\n`;
}

function blobsOf(line: string): string[] {
  const [, , inputs, outputs, ...rest] = line.split(/\s+/);
  return rest.slice(Number(inputs), Number(inputs) + Number(outputs));
}

/** The file of weights. */
export function compactBin({ layers, slopes, half }: Compact): Buffer {
  const parts = layers.flatMap(({ weight, bias }, index) => {
    const slope = slopes[index];
    return [half ? halfWeights(weight) : floatWeights(weight), floats(bias), ...(slope ? [floats(slope)] : [])];
  });
  return Buffer.concat(parts);
}

function floats(values: Float32Array): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes;
}

function floatWeights(values: Float32Array): Buffer {
  return Buffer.concat([Buffer.alloc(4), floats(values)]);
}

function halfWeights(values: Float32Array): Buffer {
  // The odd one is followed by two bytes that mean nothing.
  const bytes = Buffer.alloc(4 + Math.ceil(values.length / 2) * 4, 0xff);
  bytes.writeUInt32LE(0x01306b47, 0);
  for (const [index, value] of values.entries()) bytes.writeUInt16LE(halfOf(value), 4 + index * 2);
  return bytes;
}

function halfOf(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const fraction = (Math.abs(value) / 2 ** exponent - 1) * 1024;
  if (!Number.isInteger(fraction) || exponent < -14) throw new Error(`${value} has no exact half`);
  return (value < 0 ? 0x8000 : 0) + ((exponent + 15) << 10) + fraction;
}

/** What the network makes of a picture in which `white` stands for 1.0, before rounding: 0 … white. */
export function compactResult(
  compact: Compact,
  image: ReferenceImage,
  padding: ReferencePadding,
  white: number,
): ReferenceImage {
  const { layers, slopes, scale } = compact;
  const input = toRgbPlanes(image, white, 'rgb');
  const activate = (index: number) => (value: number, output: number) => {
    const own = slopes[index]!;
    return value < 0 ? value * own[own.length === 1 ? 0 : output]! : value;
  };
  const first = convolve(input, layers[0]!, padding, activate(0));
  const second = convolve(first, layers[1]!, padding, activate(1));
  const body = compact.residual ? sum(second, first) : second;
  const large = shuffle(
    convolve(body, layers[2]!, padding, (value) => value),
    scale,
  );
  const result = compact.enlarged ? sum(large, nearest(input, scale)) : large;
  return interleave(result, image.channels, white, 'rgb');
}

/** Adds the middle of a larger picture's planes. */
function sum(one: Planes, other: Planes): Planes {
  const cut = (other.height - one.height) / 2;
  const values = one.values.map((value, at) => {
    const x = at % one.width;
    const y = Math.floor(at / one.width) % one.height;
    const channel = Math.floor(at / one.width / one.height);
    return value + other.values[(channel * other.height + y + cut) * other.width + x + cut]!;
  });
  return { ...one, values };
}

function nearest({ height, width, channels, values }: Planes, scale: number): Planes {
  const large = { height: height * scale, width: width * scale, channels };
  const enlarged = Float64Array.from({ length: channels * large.height * large.width }, (_, at) => {
    const x = Math.floor((at % large.width) / scale);
    const y = Math.floor((Math.floor(at / large.width) % large.height) / scale);
    return values[(Math.floor(at / large.width / large.height) * height + y) * width + x]!;
  });
  return { ...large, values: enlarged };
}
