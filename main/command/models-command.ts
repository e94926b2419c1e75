import { knownModels } from '../../models/known.ts';
import { importedModelsFolder } from '../settings/models-folder.ts';
import type { ModelsCommand } from './command.ts';
import type { Surroundings } from './surroundings.ts';

/** Lists the models; returns the exit code. */
export function listModels({ json }: ModelsCommand, { stdout }: Surroundings): number {
  const models = knownModels(importedModelsFolder());
  if (json) {
    for (const entry of models) stdout.write(`${JSON.stringify(entry)}\n`);
    return 0;
  }
  const rows = models.map(({ id, family, scale, training, size, precisions, parameters, haloPx, licence }) => [
    id,
    `×${scale}`,
    family === 'imported' ? family : `${training} ${size}`,
    precisions.join(', '),
    `${Math.round(parameters / 1000)} k parameters`,
    `halo ${haloPx} px`,
    licence,
  ]);
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, at) => Math.max(cell.length, widest[at] ?? 0)),
    [],
  );
  for (const row of rows)
    stdout.write(
      `${row
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd()}\n`,
    );
  return 0;
}
