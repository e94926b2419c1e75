import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { catalog } from '../../models/catalog.ts';
import { defaultWeightsFolder } from '../../models/load-graph.ts';
import { integerResult } from '../helpers/reference-integer.ts';
import { testPicture } from '../helpers/reference-machine.ts';
import type { MachineReport } from '../helpers/reference-machine.ts';
import { referenceResult } from '../helpers/reference-quicksrnet.ts';
import { largestDifference } from '../helpers/reference-run.ts';
import { readReferenceNetwork } from '../helpers/reference-weights.ts';

const entry = catalog[0]!;
const program = resolve(import.meta.dirname, '../helpers/reference-machine.ts');

async function reportFrom(command: string, options: readonly string[]): Promise<MachineReport> {
  const { stdout } = await promisify(execFile)(command, [...options, program]);
  return JSON.parse(stdout) as MachineReport;
}

/** How far the chosen rung's picture is from the reference of its arithmetic. */
async function error(report: MachineReport): Promise<number> {
  const network = readReferenceNetwork(await readFile(`${defaultWeightsFolder}${entry.weightsFile}`));
  const picture = testPicture(entry.haloPx);
  const result = Buffer.from(report.result, 'hex');
  return report.chosen === 'fp32'
    ? Math.max(0, largestDifference(result, referenceResult(network, picture, 'valid', 255).samples) - 0.52)
    : largestDifference(result, integerResult(network, picture, 'valid'));
}

describe('int8 is checked', () => {
  test('on this machine: whatever rung is taken, its picture is right', async () => {
    expect(await error(await reportFrom(process.execPath, []))).toBe(0);
  });

  // Haswell has AVX2, Nehalem SSE4.2, neither VNNI: their kernels add pairs of products in 16 bits that saturate, which
  // weights whose pairs fit 16 bits do not notice. Emulated by Debian's package qemu-user.
  const emulator = 'qemu-x86_64';
  const missing =
    process.platform !== 'linux' || process.arch !== 'x64'
      ? 'this is not Linux on x64'
      : spawnSync(emulator, ['--version']).status === 0
        ? undefined
        : `${emulator} is not installed (apt-get install qemu-user)`;

  test.skipIf(missing !== undefined).each(['Haswell', 'Nehalem'])(
    `on an emulated %s: the fast kernels are exact${missing === undefined ? '' : ` — skipped: ${missing}`}`,
    { timeout: 300_000 },
    async (processor) => {
      const report = await reportFrom(emulator, ['-cpu', processor, process.execPath]);
      expect(report).toMatchObject({ digest: entry.check, chosen: 'int8' });
      expect(await error(report)).toBe(0);
    },
  );
});
