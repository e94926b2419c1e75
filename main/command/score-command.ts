import { relative, resolve } from 'node:path';
import stringWidth from 'string-width';
import { failure, success, type Result } from '../engine/errors.ts';
import { poolSizeOf } from '../jobs/batch.ts';
import { scan } from '../jobs/scan.ts';
import { withScratchFolder } from '../jobs/scratch.ts';
import { withHost } from '../pool/with-host.ts';
import type { WorkerHost } from '../pool/worker-host.ts';
import { defaultSettings } from '../settings/schema.ts';
import type { TaskValues } from '../worker/protocol.ts';
import type { ScoreCommand } from './command.ts';
import { showable } from './format.ts';
import { interruptible } from './interruption.ts';
import type { Surroundings } from './surroundings.ts';

type Score = TaskValues['score'];

interface Scored {
  readonly path: string;
  readonly result: Result<Score>;
}

/** Says how good pictures look; returns the exit code. */
export async function score(command: ScoreCommand, surroundings: Surroundings): Promise<number> {
  return interruptible(surroundings, command.json, (signal) =>
    withScratchFolder(async (folder) => {
      const options = { start: surroundings.start, size: poolSizeOf(defaultSettings), signal };
      const scored = await withHost(options, async (host) => {
        const all: Scored[] = [];
        for await (const one of scoreAll(command, host, folder)) {
          if (signal.aborted) break;
          all.push(one);
          if (command.json) surroundings.stdout.write(`${JSON.stringify(lineOf(one))}\n`);
        }
        return success(all);
      });
      if (!scored.ok) return scored;
      if (!command.json) tell(scored.value, surroundings);
      if (scored.value.length === 0) return nothingFound(command);
      return success(scored.value.every(({ result }) => result.ok) ? 0 : 1);
    }),
  );
}

async function* scoreAll(
  { inputs, against }: ScoreCommand,
  host: WorkerHost,
  scratchFolder: string,
): AsyncGenerator<Scored> {
  const reference = against === undefined ? {} : { reference: resolve(against) };
  for await (const entry of scan({ inputs, recursive: false })) {
    if (entry.kind === 'failed') yield { path: entry.path, result: { ok: false, error: entry.failure } };
    if (entry.kind !== 'photo') continue;
    const { path } = entry;
    yield { path, result: await host.run({ kind: 'score', path, scratchFolder, ...reference }) };
  }
}

function nothingFound({ inputs }: ScoreCommand): Result<never> {
  return failure('nothing-found', `There are no pictures in ${inputs.join(', ')}.`);
}

/** What a program reads; `psnrDb` is null where the pictures are equal. */
function lineOf({ path, result }: Scored): object {
  if (!result.ok) return { kind: 'picture-failed', path, failure: result.error };
  const { size, likeness, ...niqe } = result.value;
  const psnrDb = likeness !== undefined && Number.isFinite(likeness.psnrDb) ? likeness.psnrDb : null;
  return { kind: 'picture-scored', path, ...size, ...niqe, ...(likeness && { ...likeness, psnrDb }) };
}

/** A table of those that were measured, and then a line for each that was not. */
function tell(scored: readonly Scored[], { stdout, stderr }: Surroundings): void {
  const measured = scored.flatMap(({ path, result }) => (result.ok ? [{ path, value: result.value }] : []));
  if (measured.length > 0) {
    const compared = measured.some(({ value }) => value.likeness !== undefined);
    const head = ['picture', 'size', 'NIQE', ...(compared ? ['PSNR', 'SSIM'] : [])];
    const rows = measured.map(({ path, value }) => cellsOf(path, value));
    for (const line of table([head, ...rows])) stdout.write(`${line}\n`);
    stdout.write('Lower NIQE is better.\n');
  }
  for (const { path, result } of scored) {
    if (!result.ok) stderr.write(`${nameOf(path)}: ${result.error.message} (${result.error.code})\n`);
  }
}

function cellsOf(path: string, { size, niqe, likeness }: Score): string[] {
  const cells = [nameOf(path), `${size.widthPx} × ${size.heightPx}`, niqe.toFixed(2)];
  if (likeness === undefined) return cells;
  const { psnrDb, ssim } = likeness;
  return [...cells, Number.isFinite(psnrDb) ? `${psnrDb.toFixed(2)} dB` : 'equal', ssim.toFixed(4)];
}

/** As it was reached from here, where that is shorter. */
function nameOf(path: string): string {
  const near = relative(process.cwd(), path);
  return showable(near.length < path.length ? near : path);
}

/** Names to the left, all that is a number to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => stringWidth(row[column]!))));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const blank = ' '.repeat(widths[column]! - stringWidth(cell));
        return column === 0 ? cell + blank : blank + cell;
      })
      .join('  '),
  );
}
