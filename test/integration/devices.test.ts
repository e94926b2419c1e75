import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { failure, success, type Result } from '../../main/engine/errors.ts';
import type { Provider } from '../../main/engine/ports.ts';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import { sizePool } from '../../main/pool/sizing.ts';
import type { Exit, StartProcess, WorkerProcess } from '../../main/pool/transport.ts';
import type { DeviceRecord, DeviceVerdict } from '../../main/settings/device-record.ts';
import { fastestRight, probeDevices, type ProbeOptions } from '../../main/tune/devices.ts';
import type { FromWorker, TaskKind, TaskValues, ToWorker } from '../../main/worker/protocol.ts';
import { importModel } from '../../models/import/imported-models.ts';
import { linesOf, tessera } from '../helpers/command-line.ts';
import { temporaryFolder, workerEntry } from '../helpers/enhancer.ts';
import { writePicture } from '../helpers/photos.ts';
import { compactBin, compactParam, randomCompact } from '../helpers/reference-ncnn.ts';

const realStart = childProcessTransport(workerEntry);

type Task = Extract<ToWorker, { type: 'task' }>['task'];
type Answer = Result<TaskValues[TaskKind]>;

/** What a device that is not there does with a task: answer, say something, die, or nothing at all. */
type FakeDevice = (
  task: Task,
  worker: { readonly send: (message: FromWorker) => void; readonly die: () => void },
) => Answer | undefined;

/** Real workers on the processor, which is told to have other devices, and workers on those that do as they are told. */
function startWith(devices: Partial<Record<Provider, FakeDevice>>): StartProcess {
  return () => {
    const exitListeners: ((exit: Exit) => void)[] = [];
    const messageListeners: ((message: FromWorker) => void)[] = [];
    let real: WorkerProcess | undefined;
    let fake: FakeDevice | undefined;
    let gone = false;
    const send = (message: FromWorker): void => {
      queueMicrotask(() => {
        if (!gone) for (const listener of messageListeners) listener(message);
      });
    };
    const die = (): void => {
      if (gone) return;
      gone = true;
      for (const listener of exitListeners) listener({ code: undefined, signal: 'SIGSEGV', errorOutput: 'driver' });
    };
    return {
      pid: undefined,
      send: (message) => {
        if (message.type === 'configure') {
          fake = devices[message.config.provider];
          if (fake === undefined) real = listening(realStart(), devices, messageListeners, exitListeners);
          else send({ type: 'ready' });
        }
        if (real !== undefined) real.send(message);
        else if (message.type === 'shutdown') die();
        else if (message.type === 'task') {
          const result = fake!(message.task, { send, die });
          if (result !== undefined) send({ type: 'done', taskId: message.taskId, result });
        }
      },
      onMessage: (listener) => void messageListeners.push(listener),
      onExit: (listener) => void exitListeners.push(listener),
      kill: () => {
        if (real === undefined) die();
        else real.kill();
      },
    };
  };
}

function listening(
  real: WorkerProcess,
  devices: Partial<Record<Provider, FakeDevice>>,
  messageListeners: readonly ((message: FromWorker) => void)[],
  exitListeners: readonly ((exit: Exit) => void)[],
): WorkerProcess {
  const providers: readonly Provider[] = ['cpu', ...(Object.keys(devices) as Provider[])];
  real.onMessage((message) => {
    const isList = message.type === 'done' && message.result.ok && 'providers' in message.result.value;
    const heard = isList ? { ...message, result: success({ providers }) } : message;
    for (const listener of messageListeners) listener(heard);
  });
  real.onExit((exit) => {
    for (const listener of exitListeners) listener(exit);
  });
  return real;
}

const good: FakeDevice = (task) =>
  task.kind === 'compare'
    ? success({ maximumSteps: 1, meanSteps: 0.02 })
    : success({ provider: 'cuda', precision: 'fp32', tiles: 1000, elapsedMs: 1, outputPixels: 1e6 });
const never: FakeDevice = () => undefined;

async function probe(
  devices: Partial<Record<Provider, FakeDevice>>,
  more: Partial<ProbeOptions> = {},
): Promise<Awaited<ReturnType<typeof probeDevices>>> {
  await using folder = await temporaryFolder();
  return await probeDevices({ ...optionsIn(folder.path), start: startWith(devices), ...more });
}

const optionsIn = (scratchFolder: string): ProbeOptions => ({
  start: realStart,
  sizeOn: (provider) =>
    sizePool(
      { cores: 1, memoryBytes: 8e9 },
      { provider, workers: 1, threads: 1, memoryBytes: 'auto', tilePx: 96, scale: 4 },
    ),
  spec: {
    modelId: 'quicksrnet-s-x4',
    precision: 'int8',
    tiling: 'dilated',
    tilePx: 96,
    haloPx: 'auto',
    border: 'reflect',
  },
  sample: fileURLToPath(new URL('../../resources/samples/dandelions.jpg', import.meta.url)),
  scratchFolder,
});

describe('Probing', () => {
  test('names each device as right, wrong or failed with a reason, and takes the fastest right one', async () => {
    const reports = await probe({
      webgpu: (task) =>
        task.kind === 'compare' ? success({ maximumSteps: 200, meanSteps: 50 }) : failure('x', 'It is not timed.'),
      dml: () => failure('session-failed', 'The model cannot be loaded.', { reason: 'no adapter' }),
      coreml: (_, { die }) => {
        die();
        return undefined;
      },
      cuda: good,
    });
    expect(reports).toMatchObject({
      ok: true,
      value: [
        { provider: 'cpu', state: 'right' },
        { provider: 'webgpu', state: 'wrong', difference: { maximumSteps: 200, meanSteps: 50 } },
        { provider: 'dml', state: 'failed', reason: { code: 'session-failed', details: { reason: 'no adapter' } } },
        { provider: 'coreml', state: 'failed', reason: { code: 'device-crashed', details: { signal: 'SIGSEGV' } } },
        { provider: 'cuda', state: 'right', difference: { maximumSteps: 1 }, megapixelsPerSecond: 1_000_000 },
      ],
    });
    if (reports.ok) expect(fastestRight(reports.value)).toBe('cuda');
  });

  test.each<[string, FakeDevice]>([
    ['its first picture', never],
    ['its measurement', (task, worker) => (task.kind === 'compare' ? good(task, worker) : undefined)],
  ])(
    'waits no longer than its patience for %s',
    async (_, device) => {
      const startMs = performance.now();
      // The processor has the same patience, and two cores may be busy.
      const reports = await probe({ webgpu: device }, { patienceMs: 4_000 });
      expect(performance.now() - startMs).toBeLessThan(15_000);
      expect(reports).toMatchObject({
        ok: true,
        value: [{ provider: 'cpu' }, { provider: 'webgpu', state: 'failed' }],
      });
      if (reports.ok) expect(reports.value[1]).toMatchObject({ reason: { code: 'device-slow' } });
    },
    40_000,
  );

  test('does not take the processor for a device that its workers left', async () => {
    const reports = await probe({
      webgpu: (task, worker) => {
        if (task.kind !== 'compare') {
          worker.send({ type: 'notice', notice: { code: 'device-failed', message: 'The device webgpu is left.' } });
        }
        return good(task, worker);
      },
    });
    expect(reports).toMatchObject({ ok: true });
    if (reports.ok) expect(reports.value[1]).toMatchObject({ state: 'failed', reason: { code: 'device-failed' } });
  });

  test('ends within a second when it is cancelled, though a device hangs', async () => {
    const abort = new AbortController();
    let abortedMs = Infinity;
    const reports = await probe(
      { webgpu: never },
      {
        signal: abort.signal,
        onStart: (provider) => {
          if (provider !== 'webgpu') return;
          setTimeout(() => {
            abortedMs = performance.now();
            abort.abort();
          }, 100);
        },
      },
    );
    expect(performance.now() - abortedMs).toBeLessThan(1_000);
    expect(reports).toMatchObject({ ok: false, error: { code: 'cancelled' } });
  });

  test('tries every device of this very machine', async () => {
    await using folder = await temporaryFolder();
    const seen: DeviceVerdict[] = [];
    const reports = await probeDevices({ ...optionsIn(folder.path), onReport: (report) => seen.push(report) });
    expect(reports).toEqual(success(seen));
    expect(seen[0]).toMatchObject({ provider: 'cpu', state: 'right' });
    expect(new Set(seen.map(({ provider }) => provider)).size).toBe(seen.length);
    for (const report of seen) {
      if (report.state === 'right') expect(report.megapixelsPerSecond).toBeGreaterThan(0);
      if (report.state === 'failed') expect(report.reason.message).not.toBe('');
    }
  }, 90_000);

  test('compares with an imported model, too', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'own.param');
    const compact = randomCompact({ scale: 2, channels: 6, seed: 5, half: true, residual: true, enlarged: true });
    await writeFile(path, compactParam(compact));
    await writeFile(path.replace('.param', '.bin'), compactBin(compact));
    const importedFolder = join(folder.path, 'models');
    const imported = await importModel({ path, folder: importedFolder, id: 'own', licence: '' });
    if (!imported.ok) throw new Error(imported.error.message);
    const options = optionsIn(folder.path);
    const compared: string[] = [];
    // A real worker compares the processor with itself, under the name of a device.
    const start: StartProcess = () => {
      const real = realStart();
      return {
        ...real,
        pid: real.pid,
        send: (message) => {
          if (message.type === 'task' && message.task.kind === 'compare')
            compared.push(message.task.photo.spec.modelId);
          const isDevice = message.type === 'configure' && message.config.provider !== 'cpu';
          real.send(isDevice ? { ...message, config: { ...message.config, provider: 'cpu' } } : message);
        },
      };
    };
    const reports = await probeDevices({
      ...options,
      start,
      spec: { ...options.spec, modelId: 'own' },
      folders: { importedFolder },
    });
    if (!reports.ok) throw new Error(reports.error.message);
    for (const report of reports.value) {
      expect(report).toMatchObject({ state: 'right', difference: { maximumSteps: 0 } });
    }
    expect(compared).toHaveLength(reports.value.length - 1);
  });
});

async function recordIn(home: string): Promise<string | undefined> {
  const found = (await readdir(home, { recursive: true })).find((name) => name.endsWith('devices.json'));
  return found === undefined ? undefined : join(home, found);
}

describe('tessera devices', () => {
  const args = ['devices', '--model', 'quicksrnet-s-x4'];

  test('lists every device in plain words, remembers the fastest, and auto takes it until it is stale', async () => {
    await using home = await temporaryFolder();
    const listed = await tessera(args, { home: home.path });
    expect(listed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(listed.stdout).toMatch(/cpu \(processor\) +[\d.]+ {2}right/);
    expect(listed.stdout).toContain('"auto" takes');
    // The runtime's own words are for those who ask.
    expect(listed.stdout).not.toMatch(/onnxruntime/);

    const path = (await recordIn(home.path))!;
    const text = await readFile(path, 'utf8');
    const { records } = JSON.parse(text) as { records: DeviceRecord[] };
    expect(records).toHaveLength(1);
    const webgpu = text.replace(/"fastest": "\w+"/, '"fastest": "dml"');
    await writeFile(path, webgpu);
    const photo = fileURLToPath(new URL('../../resources/samples/dandelions.jpg', import.meta.url));
    const inspect = ['inspect', photo, '--model', 'quicksrnet-s-x4', '--json'];
    // Wherever DirectML is not, it is left again with a notice, and the processor does what was asked for.
    const used = await tessera(inspect, { home: home.path });
    expect(JSON.parse(used.stdout)).toMatchObject({ workers: 1, threads: 1 });
    if (process.platform !== 'win32') {
      expect(used.stderr).toContain('(device-failed)');
      expect(JSON.parse(used.stdout)).toMatchObject({ device: 'cpu', precision: 'int8' });
    }
    const chosen = await tessera([...inspect, '--device', 'cpu'], { home: home.path });
    expect(chosen.stderr).toBe('');
    expect(JSON.parse(chosen.stdout)).toMatchObject({ device: 'cpu' });

    await writeFile(path, webgpu.replace(/"runtime": "[^"]*"/, '"runtime": "0.1.0"'));
    const stale = await tessera(inspect, { home: home.path });
    expect(stale.stderr).toContain('(devices-stale)');
    expect(JSON.parse(stale.stdout)).toMatchObject({ device: 'cpu' });
  }, 60_000);

  test('leaves a device that is not there with a notice, and enhances on the processor in the precision asked for', async () => {
    await using home = await temporaryFolder();
    const photo = await writePicture(home.path, 'photo.png', { widthPx: 60, heightPx: 40 });
    const device = process.platform === 'win32' ? 'coreml' : 'dml';
    const common = [photo, '--model', 'quicksrnet-s-x4', '--json', '--out'];
    const left = await tessera(['enhance', ...common, join(home.path, 'left'), '--device', device], {
      home: home.path,
    });
    expect(left.exitCode).toBe(0);
    expect(left.stdout).toMatch(/"kind":"notice".*"code":"device-failed"/);
    expect(left.stdout.match(/device-failed/g)).toHaveLength(1);
    const plain = await tessera(['enhance', ...common, join(home.path, 'plain')], { home: home.path });
    expect(plain.stdout).not.toContain('device-failed');
    const [one, other] = await Promise.all(
      ['left', 'plain'].map((folder) => readFile(join(home.path, folder, 'photo-x4.png'))),
    );
    expect(one!.equals(other!)).toBe(true);
  }, 60_000);

  test('prints an event a line, the record last', async () => {
    await using home = await temporaryFolder();
    const ended = await tessera([...args, '--json'], { home: home.path });
    expect(ended.exitCode).toBe(0);
    const lines = linesOf<{ kind: string; record?: DeviceRecord }>(ended);
    expect(lines[0]).toMatchObject({ kind: 'device-started', provider: 'cpu', index: 0 });
    expect(lines[1]).toMatchObject({ kind: 'device-tried', report: { provider: 'cpu', state: 'right' } });
    expect(lines.at(-1)).toMatchObject({ kind: 'devices', record: { network: 'QuickSRNet-S-x4', precision: 'int8' } });
  }, 60_000);

  test('ends within a second at Ctrl-C with 130, and remembers nothing', async () => {
    await using home = await temporaryFolder();
    const ended = await tessera([...args, '--json'], { home: home.path, interruptAt: '"device-started"' });
    expect(ended.exitCode).toBe(130);
    expect(ended.endedAfterMs).toBeLessThan(1_000);
    expect(await recordIn(home.path)).toBeUndefined();
    expect((await readdir(home.path)).filter((name) => name.startsWith('tessera'))).toEqual([]);
  });

  test('ends with 2 for a model that is not there', async () => {
    await using home = await temporaryFolder();
    const ended = await tessera(['devices', '--model', 'no-such-model'], { home: home.path });
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toMatch(/no-such-model/);
  });
});
