import { knownModels } from '../../models/known.ts';
import type { Failure } from '../engine/errors.ts';
import { realFolder } from '../jobs/file-tree.ts';
import { createNamer, sourcePaths } from '../jobs/naming.ts';
import { importedModelsFolder } from '../settings/models-folder.ts';
import { existing, exists, planPhoto } from '../jobs/resolve.ts';
import type { EnhanceCommand } from './command.ts';
import { findPhotos, nothingFound } from './find-photos.ts';
import { readHeaders, refuse } from './photo-headers.ts';
import { formatBytes } from './format.ts';
import type { Surroundings } from './surroundings.ts';

/** Says what would be done and writes nothing; returns the exit code. */
export async function dryRun(command: EnhanceCommand, surroundings: Surroundings): Promise<number> {
  const { stdout, stderr } = surroundings;
  const { photos, failed, notices } = await findPhotos(command);
  if (photos.length === 0 && failed.length === 0) return refuse(nothingFound(command), surroundings);
  const sources = photos.flatMap((photo) => [photo.path, photo.realPath]);
  const outFolder = await realFolder(command.outFolder);
  const namer = createNamer({ outFolder, template: command.settings.nameTemplate, sources: sourcePaths(sources) });
  if (!namer.ok) return refuse(namer.error, surroundings);
  const headers = await readHeaders(
    photos.map((photo) => photo.path),
    command.settings,
    surroundings,
  );
  if (!headers.ok) return refuse(headers.error, surroundings);
  const say = (line: object, words: string): void => {
    stdout.write(`${command.json ? JSON.stringify(line) : words}\n`);
  };
  for (const { code, message } of notices) stderr.write(`${message} (${code})\n`);
  const models = knownModels(importedModelsFolder());
  const left: { path: string; failure: Failure }[] = [...failed];
  for (const [index, photo] of photos.entries()) {
    const info = headers.value[index]!;
    const planned = info.ok ? planPhoto(info.value, command.settings, models) : info;
    if (!planned.ok || !info.ok) {
      left.push({ path: photo.path, failure: planned.ok ? neverFailed() : planned.error });
      continue;
    }
    const { target, format, spec, spoolBytes } = planned.value;
    const facts = { ...target, source: photo.path, relativeFolder: photo.relativeFolder, format, index: index + 1 };
    const named = namer.value.claim({ ...facts, modelId: spec.modelId });
    if (!named.ok) {
      left.push({ path: photo.path, failure: named.error });
      continue;
    }
    if (command.settings.existing !== 'overwrite' && (await exists(named.value))) {
      const there = existing(command.settings, named.value);
      if ('skip' in there) stderr.write(`${photo.path}: ${there.skip.message} It is skipped. (${there.skip.code})\n`);
      else if (!there.ok) left.push({ path: photo.path, failure: there.error });
      continue;
    }
    const size = `${info.value.widthPx}×${info.value.heightPx} → ${target.widthPx}×${target.heightPx}`;
    say(
      { kind: 'photo-planned', path: photo.path, outPath: named.value, source: info.value, target, spoolBytes },
      `${photo.path} → ${named.value}  ${size}, ${spec.modelId}, ${formatBytes(spoolBytes)} of temporary disk`,
    );
  }
  for (const { path, failure } of left) stderr.write(`${path}: ${failure.message} (${failure.code})\n`);
  return left.length > 0 ? 1 : 0;
}

function neverFailed(): never {
  throw new Error('A planned photo has a header.');
}
