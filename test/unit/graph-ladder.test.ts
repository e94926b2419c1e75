import { describe, expect, test } from 'vitest';
import type { CatalogEntry } from '../../models/catalog.ts';
import { describeWeights } from '../../models/graph/describe.ts';
import { quickSrNetFrom } from '../../models/graph/network.ts';
import { parseSafetensors } from '../../models/graph/safetensors.ts';
import { openChecked, rungs } from '../../models/ladder.ts';
import type { Checkable, OpenModel, Rung } from '../../models/ladder.ts';
import { checkTile, digestOf } from '../../models/self-check.ts';
import { checkOf } from '../helpers/reference-checks.ts';
import { integerResult } from '../helpers/reference-integer.ts';
import { randomNetwork, readReferenceNetwork, writeReferenceNetwork } from '../helpers/reference-weights.ts';

const file = writeReferenceNetwork(randomNetwork({ scale: 2, anchored: true, channels: 16, hidden: 2, seed: 5 }));
const reference = readReferenceNetwork(file);
const network = quickSrNetFrom(parseSafetensors(file));
const facts = describeWeights(file);
const entry: CatalogEntry = {
  ...facts,
  id: 'test',
  family: 'QuickSRNet',
  precisions: ['int8', 'fp32'],
  figures: undefined,
  weightsFile: 'test.safetensors',
  check: checkOf(file, facts.haloPx),
};

interface Machine {
  /** Whether its kernels compute what the reference does; if not, one bit of one byte differs. */
  readonly isExact: boolean;
  readonly failsToOpen?: Rung['precision'];
  readonly failsToRun?: Rung['precision'];
}

/** Opens models that compute in integers as a machine would. */
function opener(machine: Machine) {
  const open = { names: [] as string[], disposed: [] as string[] };
  const openModel: OpenModel<Checkable<string>, string> = (graph) => {
    const { precision } = graph.form;
    open.names.push(precision);
    if (machine.failsToOpen === precision) return Promise.resolve({ ok: false, error: 'cannot open' } as const);
    const model = {
      bind: (shape: { heightPx: number; widthPx: number }, input: Uint8Array, output: Uint8Array) => ({
        run: () => {
          if (machine.failsToRun === precision) return Promise.resolve({ ok: false, error: 'cannot run' } as const);
          const image = { height: shape.heightPx, width: shape.widthPx, channels: 3, samples: input };
          output.set(integerResult(reference, image, graph.form.padding));
          if (!machine.isExact) output[Math.floor(output.length / 2)]! ^= 1;
          return Promise.resolve({ ok: true, value: undefined } as const);
        },
      }),
      dispose: () => {
        open.disposed.push(precision);
        return Promise.resolve();
      },
    };
    return Promise.resolve({ ok: true, value: model } as const);
  };
  return { open, openModel };
}

async function climb(machine: Machine, padding: 'valid' | 'same' = 'valid') {
  const { open, openModel } = opener(machine);
  const result = await openChecked({ entry, network, padding }, openModel);
  return { ...open, result, chosen: result.ok ? result.value.rung : undefined };
}

describe('the ladder', () => {
  test.each(['valid', 'same'] as const)('stays on the first rung where it is exact (%s)', async (padding) => {
    const { names, disposed, chosen } = await climb({ isExact: true }, padding);
    expect(chosen?.precision).toBe('int8');
    expect(chosen?.notice).toBeUndefined();
    expect({ names, disposed }).toEqual({ names: ['int8'], disposed: [] });
  });

  test('takes fp32 where integers are wrong', async () => {
    const { names, disposed, chosen } = await climb({ isExact: false });
    expect(chosen?.precision).toBe('fp32');
    expect({ names, disposed }).toEqual({ names: ['int8', 'fp32'], disposed: ['int8'] });
  });

  test('says in a sentence what was taken instead of the first', () => {
    expect(rungs[0].notice).toBeUndefined();
    expect(rungs[1].notice).toMatch(/^The .+\.$/u);
  });

  test('passes on a failure to open or to run, and leaves nothing open', async () => {
    const opening = await climb({ isExact: true, failsToOpen: 'int8' });
    expect(opening.result).toEqual({ ok: false, error: 'cannot open' });
    const running = await climb({ isExact: true, failsToRun: 'int8' });
    expect(running.result).toEqual({ ok: false, error: 'cannot run' });
    expect(running).toMatchObject({ names: ['int8'], disposed: ['int8'] });
  });
});

describe('the known tile', () => {
  const { heightPx: height, widthPx: width, pixels: samples } = checkTile(entry.haloPx);
  const tileImage = { height, width, channels: 3, samples } as const;

  test('is the same every time and holds every extreme', () => {
    const tile = checkTile(13);
    expect(tile).toEqual(checkTile(13));
    expect(tile.pixels.byteLength).toBe(tile.heightPx * tile.widthPx * 3);
    expect(new Set(tile.pixels).size).toBeGreaterThan(200);
  });

  test('drives pairs of products beyond 16 bits where one weight alone fills a byte’s range', () => {
    const [exact, saturating] = (['exact', 'pairs-in-16-bits'] as const).map((sums) =>
      integerResult(reference, tileImage, 'valid', sums, 'of-weights'),
    );
    expect(saturating).not.toEqual(exact);
  });

  test('cannot do so with our weights, whose pairs fill it', () => {
    expect(digestOf(integerResult(reference, tileImage, 'valid', 'pairs-in-16-bits'))).toBe(entry.check);
  });
});
