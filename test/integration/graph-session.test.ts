import { describe, expect, test } from 'vitest';
import { loadTileModel } from '../../main/engine/adapters/ort-model.ts';
import type { TileModel } from '../../main/engine/ports.ts';
import { GraphBuilder } from '../../models/graph/graph-builder.ts';
import { quickSrNetFrom } from '../../models/graph/network.ts';
import { serialiseModel } from '../../models/graph/onnx.ts';
import { parseSafetensors } from '../../models/graph/safetensors.ts';
import { graphOf } from '../../models/load-graph.ts';
import { randomPicture, runGraph } from '../helpers/reference-run.ts';
import { randomNetwork, writeReferenceNetwork } from '../helpers/reference-weights.ts';

const runtime = { provider: 'cpu', threads: 1 } as const;
const network = quickSrNetFrom(
  parseSafetensors(
    writeReferenceNetwork(randomNetwork({ scale: 2, anchored: true, channels: 16, hidden: 1, seed: 9 })),
  ),
);
const graph = graphOf(network);

async function opened(): Promise<TileModel> {
  const model = await loadTileModel(graph, runtime);
  if (!model.ok) throw new Error(model.error.message);
  return model.value;
}

/** A model that asks for 12 TB between its input and its output. */
function insatiable(): Uint8Array {
  const builder = new GraphBuilder();
  const huge = builder.node('Expand', 'huge', ['input', builder.integers('shape', [2 ** 22, 1024, 1024, 3])]);
  builder.node('ReduceMax', 'output', [huge, builder.integers('axes', [0])], { keepdims: 1 });
  const shape = [1, 1024, 1024, 3];
  return serialiseModel(
    builder.build('insatiable', { name: 'input', type: 'uint8', shape }, { name: 'output', type: 'uint8', shape }),
  );
}

describe('a session', () => {
  test('reads and writes the memory that it was bound to, and nothing beside it', async () => {
    const model = await opened();
    const image = randomPicture(12, 14, 3, 255, 1);
    const resultBytes = (12 - 6) * (14 - 6) * 4 * 3;
    const slab = new Uint8Array(4096).fill(7);
    slab.set(image.samples, 130);
    const tile = model.bind(
      { heightPx: 12, widthPx: 14 },
      slab.subarray(130, 130 + 504),
      slab.subarray(2001, 2001 + resultBytes),
    );
    expect(await tile.run()).toEqual({ ok: true, value: undefined });
    expect(slab.subarray(2001, 2001 + resultBytes)).toEqual(await runGraph(graph, image));
    expect(slab.subarray(0, 130).every((byte) => byte === 7)).toBe(true);
    expect(slab.subarray(130, 634)).toEqual(image.samples);
    expect(slab.subarray(634, 2001).every((byte) => byte === 7)).toBe(true);
    expect(slab.subarray(2001 + resultBytes).every((byte) => byte === 7)).toBe(true);
    await model.dispose();
  });

  test('holds on to no memory from run to run', async () => {
    const model = await opened();
    const side = 262;
    const output = new Uint8Array((side - 6) ** 2 * 4 * 3);
    const tile = model.bind({ heightPx: side, widthPx: side }, new Uint8Array(side * side * 3), output);
    const held = (): number => {
      const { arrayBuffers, external } = process.memoryUsage();
      return arrayBuffers + external;
    };
    for (let n = 0; n < 3; n++) await tile.run();
    const before = held();
    for (let n = 0; n < 5; n++) await tile.run();
    // Smaller than one result: bookkeeping of the test runner, not tiles.
    expect(held() - before).toBeLessThan(output.byteLength / 4);
    await model.dispose();
  });

  test('refuses memory that is not the tile’s size', async () => {
    const model = await opened();
    const shape = { heightPx: 12, widthPx: 14 };
    expect(() => model.bind(shape, new Uint8Array(503), new Uint8Array(576))).toThrow(RangeError);
    expect(() => model.bind(shape, new Uint8Array(504), new Uint8Array(577))).toThrow(RangeError);
    expect(() => model.bind({ heightPx: 6, widthPx: 14 }, new Uint8Array(252), new Uint8Array(0))).toThrow(RangeError);
    await model.dispose();
  });
});

describe('what goes wrong is a value', () => {
  const source = { scale: 1, channels: 3, bytesPerSample: 1, marginPx: 0 } as const;

  test('a model that is none', async () => {
    const model = await loadTileModel({ ...source, bytes: Uint8Array.of(1, 2, 3) }, runtime);
    expect(model).toMatchObject({ ok: false, error: { code: 'session-failed', details: { provider: 'cpu' } } });
  });

  test('a provider that this machine’s runtime lacks', async () => {
    const absent = process.platform === 'darwin' ? 'dml' : 'coreml';
    const model = await loadTileModel(graph, { provider: absent, threads: 1 });
    expect(model).toMatchObject({ ok: false, error: { code: 'provider-unavailable' } });
  });

  test('too little memory for a tile', async () => {
    const model = await loadTileModel({ ...source, bytes: insatiable() }, runtime);
    if (!model.ok) throw new Error(model.error.message);
    const bytes = 1024 * 1024 * 3;
    const tile = model.value.bind({ heightPx: 1024, widthPx: 1024 }, new Uint8Array(bytes), new Uint8Array(bytes));
    expect(await tile.run()).toMatchObject({ ok: false, error: { code: 'out-of-memory' } });
    await model.value.dispose();
  });
});
