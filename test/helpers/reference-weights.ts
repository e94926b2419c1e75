/** Weights for tests, apart from the code that builds graphs: a reader of its own and random networks. */

export interface ReferenceLayer {
  readonly outputs: number;
  readonly inputs: number;
  /** (outputs, inputs, 3, 3) */
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

export interface ReferenceNetwork {
  readonly scale: number;
  readonly anchored: boolean;
  readonly layers: readonly ReferenceLayer[];
  /** Stands for the last layer where the picture is grey. */
  readonly grey?: ReferenceLayer;
}

/** Reads conv.0, conv.1, … and grey from a safetensors file. */
export function readReferenceNetwork(file: Uint8Array): ReferenceNetwork {
  const bytes = Buffer.from(file);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] } & Record<string, string>
  >;
  const tensor = (name: string): { shape: number[]; values: Float32Array } => {
    const { shape, data_offsets: offsets } = header[name]!;
    const values = Float32Array.from({ length: (offsets[1] - offsets[0]) / 4 }, (_, n) =>
      bytes.readFloatLE(8 + headerBytes + offsets[0] + 4 * n),
    );
    return { shape, values };
  };
  const metadata = header['__metadata__'] as unknown as Record<string, string>;
  const layer = (name: string): ReferenceLayer => {
    const weight = tensor(`${name}.weight`);
    const bias = tensor(`${name}.bias`);
    return { outputs: weight.shape[0]!, inputs: weight.shape[1]!, weight: weight.values, bias: bias.values };
  };
  const layers: ReferenceLayer[] = [];
  while (`conv.${layers.length}.weight` in header) layers.push(layer(`conv.${layers.length}`));
  const grey = 'grey.weight' in header ? { grey: layer('grey') } : {};
  return { scale: Number(metadata['scale']), anchored: metadata['anchor'] === 'true', layers, ...grey };
}

/** Numbers in 0..1 that only depend on the seed (mulberry32). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Random samples, 0 … white. */
export function randomSamples(count: number, white: number, seed: number): Uint8Array | Uint16Array {
  const random = randomSource(seed);
  const samples = white === 255 ? new Uint8Array(count) : new Uint16Array(count);
  return samples.map(() => Math.floor(random() * (white + 1)));
}

/**
 * A random network of QuickSRNet's form. Hidden kernels are an identity on top of noise, as in trained ones, so that
 * signals neither die nor saturate everywhere.
 */
export function randomNetwork(options: {
  readonly scale: number;
  readonly anchored: boolean;
  readonly channels: number;
  readonly hidden: number;
  readonly seed: number;
}): ReferenceNetwork {
  const random = randomSource(options.seed);
  const widths = [3, ...Array<number>(options.hidden + 1).fill(options.channels), 3 * options.scale ** 2];
  const layers = widths.slice(1).map((outputs, index): ReferenceLayer => {
    const inputs = widths[index]!;
    const spread = 1.5 / Math.sqrt(inputs * 9);
    const weight = new Float32Array(outputs * inputs * 9).map(() => (random() - 0.5) * 2 * spread);
    for (let channel = 0; channel < Math.min(inputs, outputs); channel++)
      weight[(channel * inputs + channel) * 9 + 4]! += 0.8;
    return { outputs, inputs, weight, bias: new Float32Array(outputs).map(() => (random() - 0.4) * 0.3) };
  });
  return { scale: options.scale, anchored: options.anchored, layers };
}

/** Writes a network as a safetensors file, whose data starts wherever the header ends. */
export function writeReferenceNetwork(network: ReferenceNetwork): Uint8Array {
  const header: Record<string, unknown> = {
    __metadata__: {
      architecture: 'QuickSRNet',
      size: 'test',
      scale: String(network.scale),
      anchor: String(network.anchored),
    },
  };
  const parts: Buffer[] = [];
  let offset = 0;
  const add = (name: string, shape: number[], values: Float32Array): void => {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
    parts.push(Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  };
  const named = network.layers.map((layer, index) => [`conv.${index}`, layer] as const);
  for (const [name, layer] of network.grey ? [...named, ['grey', network.grey] as const] : named) {
    add(`${name}.weight`, [layer.outputs, layer.inputs, 3, 3], layer.weight);
    add(`${name}.bias`, [layer.outputs], layer.bias);
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...parts]);
}
