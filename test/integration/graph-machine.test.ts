import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { catalog } from '../../models/catalog.ts';
import { rungs } from '../../models/ladder.ts';
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
  const rung = rungs.find(({ name }) => name === report.chosen)!;
  const picture = testPicture(entry.haloPx);
  const result = Buffer.from(report.result, 'hex');
  return rung.precision === 'fp32'
    ? Math.max(0, largestDifference(result, referenceResult(network, picture, 'valid', 255).samples) - 0.52)
    : largestDifference(result, integerResult(network, picture, 'valid'));
}

describe('int8 is checked', () => {
  test('on this machine: whatever rung is taken, its picture is right', async () => {
    expect(await error(await reportFrom(process.execPath, []))).toBe(0);
  });

  // Haswell has AVX2 and no VNNI: its fast kernels saturate. Emulated by Debian's package qemu-user.
  const emulator = 'qemu-x86_64';
  const missing =
    process.platform !== 'linux' || process.arch !== 'x64'
      ? 'this is not Linux on x64'
      : spawnSync(emulator, ['--version']).status === 0
        ? undefined
        : `${emulator} is not installed (apt-get install qemu-user)`;
  const title = 'on an emulated Haswell: the fault shows, the ladder ends in a right picture';

  test.skipIf(missing !== undefined)(
    missing === undefined ? title : `${title} — skipped: ${missing}`,
    { timeout: 300_000 },
    async () => {
      const report = await reportFrom(emulator, ['-cpu', 'Haswell', process.execPath]);
      expect(report.digests['int8']).not.toBe(entry.check);
      expect(report.digests['int8-exact-kernels']).toBe(entry.check);
      expect(report.chosen).toBe('int8-exact-kernels');
      expect(await error(report)).toBe(0);
    },
  );
});
