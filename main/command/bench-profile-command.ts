import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { success } from '../engine/errors.ts';
import { measureBatch } from '../tune/measure.ts';
import { profileOf } from '../tune/profile.ts';
import { traceOf, type TracedPhoto } from '../tune/trace.ts';
import { withBenchBatch, type BenchBatch } from './bench-batch.ts';
import type { BenchProfileCommand } from './command.ts';
import { refuse } from './photo-headers.ts';
import { profileLines } from './profile-view.ts';
import { checkResultFile, writeResultFile } from './result-file.ts';
import type { Surroundings } from './surroundings.ts';

/** Runs a batch of warm workers and says where its time went; returns the exit code. */
export async function benchProfile(command: BenchProfileCommand, surroundings: Surroundings): Promise<number> {
  const { traceFile, json } = command;
  const { stdout, stderr } = surroundings;
  const writable = traceFile === undefined ? success(undefined) : await checkResultFile(traceFile);
  if (!writable.ok) return refuse(writable.error, surroundings);
  return withBenchBatch(command, surroundings, async (batch) => {
    const ran = await runOnce(batch, surroundings);
    if (!ran.ok) return ran;
    const photos = ran.value.outcomes.map(({ stages, runMs }, index): TracedPhoto => ({
      name: basename(batch.paths[index]!),
      stages,
      runMs,
    }));
    const profile = profileOf(photos, ran.value.reports);
    if (json) stdout.write(`${JSON.stringify(profile)}\n`);
    else for (const line of profileLines(profile)) stdout.write(`${line}\n`);
    if (traceFile === undefined) return success(undefined);
    const written = await writeResultFile(traceFile, JSON.stringify(traceOf(photos)));
    if (!written.ok) return written;
    stderr.write(`The trace is in ${traceFile}. Open it in chrome://tracing or ui.perfetto.dev.\n`);
    return success(undefined);
  });
}

async function runOnce(
  { model, folders, size, spec, paths, scratchFolder, signal }: BenchBatch,
  { start }: Surroundings,
): ReturnType<typeof measureBatch> {
  // Apart from the photos.
  const folder = join(scratchFolder, 'results');
  await mkdir(folder);
  return measureBatch({ start, size, spec, scale: model.scale, photos: paths, folder, folders, signal });
}
