import { describe, expect, test } from 'vitest';
import { failure, success, type Failure, type Result } from '../../main/engine/errors.ts';
import type { BoundTile, TileModel } from '../../main/engine/ports.ts';
import { openTrusted, type OpenSession } from '../../main/worker/trusted-session.ts';
import { loadTileModel } from '../../main/engine/adapters/ort-model.ts';
import { loadGraph } from '../../models/load-graph.ts';

const graph = await loadGraph({ modelId: 'quicksrnet-s-x4' }, { precision: 'fp32', padding: 'valid' });
const webgpu = { provider: 'webgpu', threads: 1 } as const;

/** A device: the real processor's session, and what the driver makes of its result. */
function device(spoil: (output: Uint8Array) => Result<void>): { open: OpenSession; released: string[] } {
  const released: string[] = [];
  const open: OpenSession = async (source, runtime) => {
    const real = await loadTileModel(source, { ...runtime, provider: 'cpu' });
    if (!real.ok) return real;
    const model: TileModel = {
      ...traitsOf(real.value),
      bind: (shape, input, output): BoundTile => {
        const bound = real.value.bind(shape, input, output);
        return {
          run: async () => {
            const ran = await bound.run();
            return ran.ok && runtime.provider !== 'cpu' ? spoil(output) : ran;
          },
        };
      },
      dispose: async () => {
        released.push(runtime.provider);
        await real.value.dispose();
      },
    };
    return success(model);
  };
  return { open, released };
}

function traitsOf({ scale, channels, bytesPerSample, marginPx }: TileModel): Omit<TileModel, 'bind' | 'dispose'> {
  return { scale, channels, bytesPerSample, marginPx };
}

async function opened(open: OpenSession): Promise<{ model: Result<TileModel>; notices: Failure[] }> {
  const notices: Failure[] = [];
  const model = await openTrusted(graph, webgpu, (notice) => notices.push(notice), open);
  return { model, notices };
}

describe('A session on another device', () => {
  test('is used when it gives the picture of the processor', async () => {
    const { open, released } = device(() => success(undefined));
    const { model, notices } = await opened(open);
    expect(model.ok).toBe(true);
    expect(notices).toEqual([]);
    expect(released).toEqual(['cpu']);
  });

  test('may round differently', async () => {
    const { open, released } = device((output) => {
      const sample = output[7]!;
      output[7] = sample > 254 ? 254 : sample + 1;
      return success(undefined);
    });
    const { notices } = await opened(open);
    expect(notices).toEqual([]);
    expect(released).toEqual(['cpu']);
  });

  test('that computes wrong is left for the processor, and named', async () => {
    const { open, released } = device((output) => {
      output.fill(0, 0, 300);
      return success(undefined);
    });
    const { model, notices } = await opened(open);
    expect(model.ok).toBe(true);
    expect(released).toEqual(['webgpu']);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatchObject({ code: 'device-wrong', details: { provider: 'webgpu' } });
    expect(notices[0]!.message).toContain('webgpu computes wrong pictures');
  });

  test('that fails on a tile is left for the processor, with its reason', async () => {
    const { open, released } = device(() => failure('inference-failed', 'The model failed on a tile.'));
    const { model, notices } = await opened(open);
    expect(model.ok).toBe(true);
    expect(released).toEqual(['webgpu']);
    expect(notices[0]).toMatchObject({ code: 'device-failed', details: { reason: 'The model failed on a tile.' } });
  });

  test('that cannot be opened is left for the processor', async () => {
    const { open } = device(() => success(undefined));
    const { model, notices } = await opened((source, runtime) =>
      runtime.provider === 'cpu'
        ? open(source, runtime)
        : Promise.resolve(failure('session-failed', 'The model cannot be loaded with the provider webgpu.')),
    );
    expect(model.ok).toBe(true);
    expect(notices[0]).toMatchObject({ code: 'device-failed', details: { provider: 'webgpu' } });
  });
});
