import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { success } from '../../main/engine/errors.ts';
import type { Provider } from '../../main/engine/ports.ts';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import { sizePool } from '../../main/pool/sizing.ts';
import { fastestRight, probeDevices, type DeviceReport } from '../../main/tune/devices.ts';
import { temporaryFolder, workerEntry } from '../helpers/enhancer.ts';

const right = (provider: Provider, megapixelsPerSecond: number): DeviceReport => ({
  provider,
  state: 'right',
  difference: { maximumSteps: 1, meanSteps: 0.01 },
  megapixelsPerSecond,
});

describe('The device', () => {
  test('is the fastest that gives the right picture', () => {
    expect(fastestRight([right('cpu', 10), right('webgpu', 90), right('cuda', 30)])).toBe('webgpu');
    expect(fastestRight([right('cpu', 10), right('webgpu', 5)])).toBe('cpu');
  });

  test('is never one that is fast and wrong, or that failed', () => {
    const wrong: DeviceReport = {
      provider: 'webgpu',
      state: 'wrong',
      difference: { maximumSteps: 200, meanSteps: 50 },
    };
    const failed: DeviceReport = { provider: 'cuda', state: 'failed', reason: { code: 'x', message: 'x' } };
    expect(fastestRight([right('cpu', 1), wrong, failed])).toBe('cpu');
    expect(fastestRight([])).toBe('cpu');
  });
});

test('every device of this machine is tried, and each is right, wrong or named with a reason', async () => {
  await using folder = await temporaryFolder();
  const seen: DeviceReport[] = [];
  const reports = await probeDevices({
    start: childProcessTransport(workerEntry),
    size: sizePool({ cores: 1, memoryBytes: 8e9 }, wishes),
    spec: {
      modelId: 'quicksrnet-s-x4',
      precision: 'int8',
      tiling: 'dilated',
      tilePx: 96,
      haloPx: 'auto',
      border: 'reflect',
    },
    sample: fileURLToPath(new URL('../../resources/samples/dandelions.jpg', import.meta.url)),
    scratchFolder: folder.path,
    onReport: (report) => seen.push(report),
  });
  expect(reports).toEqual(success(seen));
  expect(seen[0]).toMatchObject({ provider: 'cpu', state: 'right' });
  expect(new Set(seen.map(({ provider }) => provider)).size).toBe(seen.length);
  for (const report of seen) {
    if (report.state === 'right') expect(report.megapixelsPerSecond).toBeGreaterThan(0);
    if (report.state === 'failed') expect(report.reason.message).not.toBe('');
  }
}, 90_000);

const wishes = { workers: 1, threads: 1, memoryBytes: 'auto', tilePx: 96, scale: 4 } as const;
