import { mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { measureBatch } from '../tune/measure.ts';
import { profileOf } from '../tune/profile.ts';
import type { TracedPhoto } from '../tune/trace.ts';
import { withBenchBatch, type BenchBatch } from './bench-batch.ts';
import type { BenchProfileCommand } from './command.ts';
import { refuse } from './photo-headers.ts';
import { profileLines } from './profile-view.ts';
import type { Surroundings } from './surroundings.ts';
import { writeTrace } from './write-trace.ts';

/** Runs a batch of warm workers and says where its time went; returns the exit code. */
export async function benchProfile(command: BenchProfileCommand, surroundings: Surroundings): Promise<number> {
  const { stdout, stderr } = surroundings;
  return withBenchBatch(command, surroundings, async (batch) => {
    const ran = await runOnce(batch, surroundings);
    if (!ran.ok) return refuse(ran.error, surroundings);
    const photos = ran.value.outcomes.map(({ stages, runMs }, index): TracedPhoto => ({
      name: basename(batch.paths[index]!),
      stages,
      runMs,
    }));
    const profile = profileOf(photos, ran.value.reports);
    if (command.json) stdout.write(`${JSON.stringify(profile)}\n`);
    else for (const line of profileLines(profile)) stdout.write(`${line}\n`);
    if (command.traceFile === undefined) return 0;
    const written = await writeTrace(command.traceFile, photos);
    if (!written.ok) return refuse(written.error, surroundings);
    stderr.write(`The trace is in ${command.traceFile}. Open it in chrome://tracing or ui.perfetto.dev.\n`);
    return 0;
  });
}

async function runOnce(
  { model, size, spec, paths, scratchBase }: BenchBatch,
  { start }: Surroundings,
): ReturnType<typeof measureBatch> {
  const folder = await mkdtemp(join(scratchBase, 'tessera-bench-'));
  try {
    return await measureBatch({ start, size, spec, scale: model.scale, photos: paths, folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
