import { expect, it } from 'vitest';
import type { AddReport } from '../../preload/contract/dto.ts';
import { addedSentences } from './added-words.ts';

const nothing: AddReport = {
  added: 0,
  alreadyThere: 0,
  notPhotos: 0,
  unreadable: { photos: 0, formats: [] },
  resultFolders: 0,
  problems: [],
};

it('tells of photos that were added, and of nothing else where there is nothing else', () => {
  expect(addedSentences({ ...nothing, added: 1200 })).toBe('Added 1,200 photos.');
});

it('says which photos cannot be read and what to do about them', () => {
  const report = { ...nothing, added: 1, unreadable: { photos: 13, formats: ['CR2', 'HEIC'] } };
  expect(addedSentences(report)).toBe(
    'Added 1 photo. 13 photos left out: CR2, HEIC cannot be read. Convert to JPEG, PNG or TIFF first.',
  );
});

it('says that folders of results were left out, and how to take them all the same', () => {
  expect(addedSentences({ ...nothing, alreadyThere: 2, notPhotos: 1, resultFolders: 1 })).toBe(
    'Added 0 photos. 2 photos already there. A folder of earlier results left out; add it directly to enhance what is ' +
      'inside. 1 other file left out.',
  );
  expect(addedSentences({ ...nothing, resultFolders: 3 })).toContain('3 folders of earlier results left out; add them');
});
