import { success } from '../engine/errors.ts';
import { computedIn } from '../jobs/device.ts';
import { bench as runBench, summary, type BenchRun } from '../tune/bench.ts';
import type { spread } from '../tune/efficiency.ts';
import { withBenchBatch } from './bench-batch.ts';
import type { BenchCommand } from './command.ts';
import type { Surroundings } from './surroundings.ts';

/** Measures a batch end to end against the raw limit of its sessions; returns the exit code. */
export async function bench(command: BenchCommand, surroundings: Surroundings): Promise<number> {
  const { settings } = command;
  const { stdout, stderr, start } = surroundings;
  return withBenchBatch(command, surroundings, async (batch) => {
    const { model, folders, size, spec, paths, photo, scratchFolder, signal } = batch;
    const finished = await runBench({
      start,
      size,
      spec,
      scale: model.scale,
      fieldPx: model.haloPx,
      folders,
      photos: paths,
      photo,
      runs: command.runs,
      scratchBase: scratchFolder,
      signal,
      onRun: (run) => stderr.write(`${runLine(run)}\n`),
    });
    if (!finished.ok) return finished;
    const figures = summary(finished.value);
    const precision = computedIn(model, size.provider, settings.precision);
    const head = `${model.id} ${precision}, ${paths.length} photos of ${photo.widthPx}×${photo.heightPx}, ${size.workers} workers`;
    stdout.write(command.json ? `${JSON.stringify(figures)}\n` : `${head}\n${table(figures)}`);
    return success(undefined);
  });
}

function runLine({ raw, batch, efficiency }: BenchRun): string {
  const rate = (batch.keptPixels / batch.elapsedMs / 1000).toFixed(2);
  return (
    `raw ${(raw.pixelsPerSecond / 1e6).toFixed(2)} MP/s at ${raw.tile.widthPx} px, end to end ${rate} MP/s, ` +
    `ratio ${efficiency.kept.toFixed(3)}`
  );
}

function table({ rawMegapixels, batchMegapixels, efficiency }: ReturnType<typeof summary>): string {
  const row = (name: string, { median, min, max }: ReturnType<typeof spread>, digits: number): string =>
    `${name.padEnd(34)}${[median, min, max].map((value) => value.toFixed(digits).padStart(9)).join('')}\n`;
  return (
    `${''.padEnd(34)}${['median', 'min', 'max'].map((name) => name.padStart(9)).join('')}\n` +
    row('raw limit, MP out/s', rawMegapixels, 2) +
    row('end to end, MP out/s', batchMegapixels, 2) +
    row('end to end ÷ raw limit', efficiency.kept, 3) +
    row('lost to halo and tile shape', efficiency.halo, 3) +
    row('lost to copying', efficiency.copy, 3) +
    row('lost to decoding and encoding', efficiency.codec, 3) +
    row('lost to standing idle', efficiency.stall, 3)
  );
}
