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
  /** Whether this machine's arithmetic is right on a rung. */
  readonly isExact: (rung: Rung) => boolean;
  readonly failsToOpen?: Rung['name'];
  readonly failsToRun?: Rung['name'];
}

/** Opens models that compute in integers as a machine would: exactly, or adding pairs of products in 16 bits. */
function opener(machine: Machine) {
  const open = { names: [] as string[], disposed: [] as string[] };
  const openModel: OpenModel<Checkable<string>, string> = (graph, rung) => {
    open.names.push(rung.name);
    if (machine.failsToOpen === rung.name) return Promise.resolve({ ok: false, error: 'cannot open' } as const);
    const model = {
      bind: (shape: { heightPx: number; widthPx: number }, input: Uint8Array, output: Uint8Array) => ({
        run: () => {
          if (machine.failsToRun === rung.name) return Promise.resolve({ ok: false, error: 'cannot run' } as const);
          const image = { height: shape.heightPx, width: shape.widthPx, channels: 3, samples: input };
          const sums = machine.isExact(rung) ? 'exact' : 'pairs-in-16-bits';
          output.set(integerResult(reference, image, graph.form.padding, sums));
          return Promise.resolve({ ok: true, value: undefined } as const);
        },
      }),
      dispose: () => {
        open.disposed.push(rung.name);
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
    const { names, disposed, chosen } = await climb({ isExact: () => true }, padding);
    expect(chosen?.name).toBe('int8');
    expect(chosen?.notice).toBeUndefined();
    expect({ names, disposed }).toEqual({ names: ['int8'], disposed: [] });
  });

  test('takes exact kernels where the fast ones saturate', async () => {
    const { names, disposed, chosen } = await climb({ isExact: (rung) => rung.exactIntegers });
    expect(chosen?.name).toBe('int8-exact-kernels');
    expect({ names, disposed }).toEqual({ names: ['int8', 'int8-exact-kernels'], disposed: ['int8'] });
  });

  test('takes fp32 where no exact kernels are', async () => {
    const { disposed, chosen } = await climb({ isExact: () => false });
    expect(chosen?.name).toBe('fp32');
    expect(disposed).toEqual(['int8', 'int8-exact-kernels']);
  });

  test('ends at fp32 where integers are wrong altogether', async () => {
    const otherModel = { ...entry, check: digestOf(Uint8Array.of(1)) };
    const { open, openModel } = opener({ isExact: () => true });
    const result = await openChecked({ entry: otherModel, network }, openModel);
    expect(result).toMatchObject({
      ok: true,
      value: { rung: { name: 'fp32' }, graph: { form: { precision: 'fp32' } } },
    });
    expect(open.disposed).toEqual(rungs.slice(0, 2).map((rung) => rung.name));
  });

  test('says in a sentence what was taken instead of the first', () => {
    for (const rung of rungs.slice(1)) expect(rung.notice).toMatch(/^The .+\.$/u);
  });

  test('passes on a failure to open or to run, and leaves nothing open', async () => {
    const opening = await climb({ isExact: () => true, failsToOpen: 'int8' });
    expect(opening.result).toEqual({ ok: false, error: 'cannot open' });
    const running = await climb({ isExact: () => true, failsToRun: 'int8' });
    expect(running.result).toEqual({ ok: false, error: 'cannot run' });
    expect(running).toMatchObject({ names: ['int8'], disposed: ['int8'] });
  });
});

describe('the known tile', () => {
  test('is the same every time and holds every extreme', () => {
    const tile = checkTile(13);
    expect(tile).toEqual(checkTile(13));
    expect(tile.pixels.byteLength).toBe(tile.heightPx * tile.widthPx * 3);
    expect(new Set(tile.pixels).size).toBeGreaterThan(200);
  });

  test('tells sums of pairs in 16 bits from exact ones', () => {
    const tile = checkTile(entry.haloPx);
    const image = { height: tile.heightPx, width: tile.widthPx, channels: 3, samples: tile.pixels };
    expect(digestOf(integerResult(reference, image, 'valid', 'pairs-in-16-bits'))).not.toBe(entry.check);
  });
});
