/** From paths that a person gave to entries of the list. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { AddReport } from '../../preload/contract/dto.ts';
import type { ContractError } from '../../preload/contract/errors.ts';
import type { PassedOverCode } from '../jobs/photo-files.ts';
import { scan, type ScannedPhoto } from '../jobs/scan.ts';
import { toContractError } from './job-view.ts';

/** A photo that was found. */
export interface Found {
  readonly path: string;
  /** With every link on the way resolved. */
  readonly realPath: string;
  readonly root: string;
  readonly relativeFolder: string;
  readonly bytes: number;
}

/** The folder for results where none is chosen. */
export const resultFolderName = 'enhanced';

/** So many problems are told one by one. */
const problemsTold = 5;
/** Found photos are handed on in batches, so that a long search shows what it has. */
const batchSize = 250;

/**
 * Searches paths for photos.
 *
 * @param isKnown photos that the list has already
 * @param onFound called with each batch of new ones, in order; from then on they are known
 */
export async function findPhotos(
  paths: readonly string[],
  outputFolder: string | null,
  isKnown: (path: string) => boolean,
  onFound: (photos: readonly Found[]) => void,
): Promise<AddReport> {
  const problems: ContractError[] = [];
  const counts = { added: 0, alreadyThere: 0 };
  // By their paths: what lies in a folder and in one inside it, both added, is one thing.
  const leftOut = { notPhotos: new Set<string>(), resultFolders: new Set<string>(), unreadable: new Set<string>() };
  const formats = new Set<string>();
  let batch: Found[] = [];
  const inBatch = new Set<string>();
  const flush = (): void => {
    // Another search may have found some of them meanwhile.
    const fresh = batch.filter(({ path }) => !isKnown(path));
    counts.added += fresh.length;
    counts.alreadyThere += batch.length - fresh.length;
    batch = [];
    inBatch.clear();
    if (fresh.length > 0) onFound(fresh);
  };
  for (const path of paths) {
    const outFolder = outputFolder ?? join(path, resultFolderName);
    for await (const entry of scan({ inputs: [path], recursive: true, outFolder, resultFolderName })) {
      if (entry.kind === 'passed-over') {
        const { code, details } = entry.reason;
        const as = leftOutAs[code];
        if (as === 'alreadyThere') counts.alreadyThere += 1;
        else if (as !== undefined) leftOut[as].add(entry.path);
        if (as === 'unreadable') formats.add(String(details?.['extension']).toUpperCase());
      } else if (entry.kind === 'failed') problems.push(toContractError(entry.failure));
      else if (isKnown(entry.path) || inBatch.has(entry.path)) counts.alreadyThere += 1;
      else {
        inBatch.add(entry.path);
        batch.push(await describe(entry));
        if (batch.length === batchSize) flush();
      }
    }
  }
  flush();
  return {
    ...counts,
    notPhotos: leftOut.notPhotos.size,
    resultFolders: leftOut.resultFolders.size,
    unreadable: { photos: leftOut.unreadable.size, formats: [...formats].toSorted() },
    problems: problems.slice(0, problemsTold),
  };
}

/** As what something that is passed over is counted. */
const leftOutAs: Readonly<
  Record<PassedOverCode, 'alreadyThere' | 'notPhotos' | 'resultFolders' | 'unreadable' | undefined>
> = {
  duplicate: 'alreadyThere',
  'folder-empty': undefined,
  'folder-not-searched': undefined,
  'folder-seen': undefined,
  'format-unsupported': 'unreadable',
  hidden: 'notPhotos',
  'not-a-photo': 'notPhotos',
  'own-output': 'resultFolders',
};

async function describe({ path, realPath, relativeFolder }: ScannedPhoto): Promise<Found> {
  const folder = dirname(path);
  const root = relativeFolder === '' ? folder : join(folder, relative(join('/', relativeFolder), '/'));
  const bytes = await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
  return { path, realPath, root, relativeFolder, bytes };
}

/** A path's last part, for the list. */
export function nameOf(path: string): string {
  return basename(path);
}
