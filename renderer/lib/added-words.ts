import type { AddReport } from '../../preload/contract/dto.ts';
import { formatCount, formatPhotos } from './format.ts';

/** What became of photos and folders that were added, in sentences. */
export function addedSentences({ added, alreadyThere, notPhotos, unreadable, resultFolders }: AddReport): string {
  const parts = [`Added ${formatPhotos(added)}.`];
  if (alreadyThere > 0) parts.push(`${formatPhotos(alreadyThere)} already there.`);
  if (unreadable.photos > 0) {
    const formats = unreadable.formats.join(', ');
    parts.push(
      `${formatPhotos(unreadable.photos)} left out: ${formats} cannot be read. Convert to JPEG, PNG or TIFF first.`,
    );
  }
  if (resultFolders > 0) {
    const [folders, it] = resultFolders === 1 ? ['A folder', 'it'] : [`${formatCount(resultFolders)} folders`, 'them'];
    parts.push(`${folders} of earlier results left out; add ${it} directly to enhance what is inside.`);
  }
  if (notPhotos > 0) parts.push(`${formatCount(notPhotos)} other ${notPhotos === 1 ? 'file' : 'files'} left out.`);
  return parts.join(' ');
}
