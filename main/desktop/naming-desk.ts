import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlannedResult } from '../../preload/contract/dto.ts';
import { success, type Result } from '../engine/errors.ts';
import { lossesOf } from '../engine/planes.ts';
import type { PhotoInfo } from '../engine/ports.ts';
import { createNamer, pathKey, sourcePaths, type Namer, type NamingFacts, type SourcePaths } from '../jobs/naming.ts';
import { planPhoto } from '../jobs/resolve.ts';
import type { ModelChoice } from '../jobs/target.ts';
import type { EnhanceSettings } from '../settings/schema.ts';
import { resultFolderName } from './additions.ts';
import type { Entry } from './photo-list.ts';

/** What naming needs to know of the whole list. */
export interface NamingScope {
  readonly entries: () => readonly Entry[];
  /** Another number whenever photos came or went. */
  readonly membership: () => number;
  readonly outputFolder: () => string | null;
}

/**
 * Names results across photos that differ in folder and template. The same photo with the same settings keeps its name,
 * however often it is tried; no two photos get one name.
 */
export class NamingDesk {
  readonly #scope: NamingScope;
  readonly #taken = new Map<string, Entry>();
  #sources: { readonly membership: number; readonly paths: SourcePaths } | undefined;

  constructor(scope: NamingScope) {
    this.#scope = scope;
  }

  /** A namer for one photo that keeps what it claims. */
  namerFor(entry: Entry, template: string): Result<Namer> {
    const namer = this.#fresh(entry, template);
    if (!namer.ok) return namer;
    const claim: Namer['claim'] = (facts) => this.#claim(entry, template, namer.value, facts, true);
    return success({ ...namer.value, claim });
  }

  /** What would become of a photo; claims nothing. */
  async plan(
    entry: Entry,
    info: PhotoInfo,
    settings: EnhanceSettings,
    models: readonly ModelChoice[],
  ): Promise<Result<PlannedResult>> {
    const planned = planPhoto(info, settings, models);
    if (!planned.ok) return planned;
    const namer = this.#fresh(entry, settings.nameTemplate);
    if (!namer.ok) return namer;
    const { target, spec, format } = planned.value;
    const { widthPx, heightPx, factor } = target;
    const facts: NamingFacts = {
      source: entry.path,
      relativeFolder: entry.relativeFolder,
      format,
      widthPx,
      heightPx,
      factor,
      modelId: spec.modelId,
      index: this.indexOf(entry),
    };
    const path = this.#claim(entry, settings.nameTemplate, namer.value, facts, false);
    if (!path.ok) return path;
    const losses = lossesOf(info, format);
    return success({ path: path.value, widthPx, heightPx, format, exists: await exists(path.value), losses });
  }

  /** A photo's place in the batch, from 1. */
  indexOf(entry: Entry): number {
    return this.#scope.entries().indexOf(entry) + 1;
  }

  /**
   * Takes a name for a photo's result, in place of an earlier one.
   *
   * @param key what it follows from; left out for a result that is there already
   */
  hold(entry: Entry, path: string, key = ''): void {
    this.release(entry);
    entry.claim = { key, path };
    this.#taken.set(pathKey(path), entry);
  }

  release(entry: Entry): void {
    if (entry.claim !== undefined) this.#taken.delete(pathKey(entry.claim.path));
    entry.claim = undefined;
  }

  #claim(entry: Entry, template: string, namer: Namer, facts: NamingFacts, keep: boolean): ReturnType<Namer['claim']> {
    const key = JSON.stringify([template, this.#folderOf(entry), facts]);
    if (entry.claim?.key === key) return success(entry.claim.path);
    let path = namer.claim(facts);
    // The namer knows its own template only; another photo's may have led to the same name.
    while (path.ok && (this.#taken.get(pathKey(path.value)) ?? entry) !== entry) path = namer.claim(facts);
    if (path.ok && keep) this.hold(entry, path.value, key);
    return path;
  }

  #fresh(entry: Entry, template: string): Result<Namer> {
    return createNamer({ outFolder: this.#folderOf(entry), template, sources: this.#sourcePaths() });
  }

  /** Made anew only where the list is another: for ten thousand photos it takes longer than naming all of them. */
  #sourcePaths(): SourcePaths {
    const membership = this.#scope.membership();
    if (this.#sources?.membership !== membership) {
      const entries = this.#scope.entries();
      const paths = entries.flatMap(({ path, realPath }) => (path === realPath ? path : [path, realPath]));
      this.#sources = { membership, paths: sourcePaths(paths, entries.length) };
    }
    return this.#sources.paths;
  }

  #folderOf(entry: Entry): string {
    return this.#scope.outputFolder() ?? join(entry.root, resultFolderName);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
