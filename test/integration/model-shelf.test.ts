import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { loadTileModel } from '../../main/engine/adapters/ort-model.ts';
import type { Runtime } from '../../main/engine/adapters/ort-session.ts';
import { success, type Failure } from '../../main/engine/errors.ts';
import type { PlaneFormat } from '../../main/engine/ports.ts';
import { COLOUR, ModelShelf, MOST_SESSIONS, type ShelvedModel } from '../../main/worker/model-shelf.ts';
import type { Precision, WorkerConfig } from '../../main/worker/protocol.ts';
import type { OpenSession } from '../../main/worker/trusted-session.ts';

const GREY: PlaneFormat = { content: 'colour', channels: 1, bytesPerSample: 1 };
const config: WorkerConfig = {
  threads: 1,
  provider: 'cpu',
  layout: { sourceBytes: 1, outputBytes: 1, tileInputBytes: 1, tileOutputBytes: 1 },
  reuseArena: true,
};

/** More forms than the shelf keeps; grey needs its model's colour session for the check. */
const forms: readonly (readonly [string, Precision, PlaneFormat, 'valid' | 'same'])[] = [
  ['quicksrnet-s-x4', 'int8', COLOUR, 'valid'],
  ['quicksrnet-s-x4', 'fp32', COLOUR, 'valid'],
  ['quicksrnet-s-x4', 'fp32', COLOUR, 'same'],
  ['quicksrnet-s-x4', 'fp32', GREY, 'valid'],
  ['quicksrnet-s-x4', 'int8', GREY, 'valid'],
  ['quicksrnet-s-x4', 'int8', COLOUR, 'same'],
];

async function open(shelf: ModelShelf, form: (typeof forms)[number]): Promise<ShelvedModel> {
  const found = await shelf.open(...form);
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

/** Whether a session still computes. */
async function runs({ model }: ShelvedModel): Promise<boolean> {
  const side = 32;
  const grown = (side - 2 * model.marginPx) * model.scale;
  const bytes = (sidePx: number): Uint8Array => new Uint8Array(sidePx ** 2 * model.channels * model.bytesPerSample);
  const tile = model.bind({ heightPx: side, widthPx: side }, bytes(side), bytes(grown));
  return (await tile.run()).ok;
}

it('keeps the sessions used last and releases the others', async () => {
  const shelf = new ModelShelf(config, () => undefined);
  const opened: ShelvedModel[] = [];
  for (const form of forms) {
    opened.push(await open(shelf, form));
    // Used again with every other, so never the oldest.
    expect(await open(shelf, forms[0]!)).toBe(opened[0]);
  }
  const alive = await Promise.all(opened.map(runs));
  expect(alive.filter(Boolean)).toHaveLength(MOST_SESSIONS);
  expect(alive[0]).toBe(true);
  expect(alive.at(-1)).toBe(true);
});

it('opens a released session anew, and one for all who ask at once', async () => {
  const shelf = new ModelShelf(config, () => undefined);
  const first = await open(shelf, forms[1]!);
  for (const form of forms.slice(2)) await open(shelf, form);
  expect(await runs(first)).toBe(false);
  const again = await Promise.all([open(shelf, forms[1]!), open(shelf, forms[1]!)]);
  expect(again[0]).toBe(again[1]);
  expect(await runs(again[0])).toBe(true);
});

/** Sessions on a device that is not there: the processor's, with what the device makes of the results. */
function onDevice(spoil: (output: Uint8Array) => void): { open: OpenSession; runtimes: Runtime[] } {
  const runtimes: Runtime[] = [];
  const open: OpenSession = async (source, runtime) => {
    runtimes.push(runtime);
    const real = await loadTileModel(source, { ...runtime, provider: 'cpu' });
    if (!real.ok || runtime.provider === 'cpu') return real;
    const { scale, channels, bytesPerSample, marginPx } = real.value;
    return success({
      ...{ scale, channels, bytesPerSample, marginPx },
      bind: (shape, input, output) => {
        const tile = real.value.bind(shape, input, output);
        const run = async (): ReturnType<typeof tile.run> => {
          const ran = await tile.run();
          spoil(output);
          return ran;
        };
        return { run };
      },
      dispose: () => real.value.dispose(),
    });
  };
  return { open, runtimes };
}

it('computes in fp32 on another device than the processor', async () => {
  const { open: openSession } = onDevice(() => undefined);
  const shelf = new ModelShelf({ ...config, provider: 'webgpu' }, () => undefined, openSession);
  expect(await open(shelf, forms[0]!)).toMatchObject({ provider: 'webgpu', precision: 'fp32' });
  expect(await open(shelf, forms[3]!)).toMatchObject({ provider: 'webgpu', precision: 'fp32' });
});

it('leaves a device that computes wrong for the processor, all its cores and the precision asked for, and says so once', async () => {
  const { open: openSession, runtimes } = onDevice((output) => output.fill(0));
  const notices: Failure[] = [];
  const shelf = new ModelShelf({ ...config, provider: 'webgpu' }, (notice) => notices.push(notice), openSession);
  expect(await open(shelf, forms[0]!)).toMatchObject({ provider: 'cpu', precision: 'int8' });
  expect(await open(shelf, forms[3]!)).toMatchObject({ provider: 'cpu', precision: 'fp32' });
  expect(notices).toMatchObject([{ code: 'device-wrong' }]);
  expect(runtimes.filter(({ provider }) => provider === 'webgpu')).toHaveLength(1);
  expect(runtimes.at(-1)).toMatchObject({ provider: 'cpu', threads: availableParallelism() });
});

it('goes on with the processor where its device failed later, releases its sessions, and says so once', async () => {
  const { open: openSession } = onDevice(() => undefined);
  const notices: Failure[] = [];
  const shelf = new ModelShelf({ ...config, provider: 'webgpu' }, (notice) => notices.push(notice), openSession);
  const before = await open(shelf, forms[0]!);
  const lost = { code: 'inference-failed', message: 'The model failed on a tile.' };
  expect(await shelf.leaveDevice('quicksrnet-s-x4', lost)).toBe(true);
  expect(await runs(before)).toBe(false);
  expect(await open(shelf, forms[0]!)).toMatchObject({ provider: 'cpu', precision: 'int8' });
  // What fails now fails on the processor.
  expect(await shelf.leaveDevice('quicksrnet-s-x4', lost)).toBe(false);
  expect(notices).toMatchObject([{ code: 'device-failed', details: { provider: 'webgpu' } }]);
});

it('has no device to leave on the processor', async () => {
  const shelf = new ModelShelf(config, () => undefined);
  expect(await shelf.leaveDevice('quicksrnet-s-x4', { code: 'inference-failed', message: '' })).toBe(false);
});
