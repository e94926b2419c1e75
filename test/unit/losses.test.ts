import { expect, it } from 'vitest';
import { lossesOf } from '../../main/engine/planes.ts';
import type { OutputFormat, PhotoInfo } from '../../main/engine/ports.ts';

const plain = { grey: false, alpha: false, bitsPerSample: 8, convertsToSrgb: false } as PhotoInfo;

it.each<[string, Partial<PhotoInfo>, OutputFormat, string[]]>([
  ['nothing of a plain photo', {}, 'jpeg', []],
  ['the colour space of CMYK', { convertsToSrgb: true }, 'jpeg', ['colours']],
  ['nothing of a deep photo in a format that is deep', { bitsPerSample: 16, alpha: true }, 'tiff', []],
  ['the depth in one that is not', { bitsPerSample: 16, alpha: true }, 'webp', ['depth']],
  ['depth and transparency in a JPEG', { bitsPerSample: 16, alpha: true }, 'jpeg', ['depth', 'transparency']],
])('says that a result loses %s', (_, differing, format, losses) => {
  expect(lossesOf({ ...plain, ...differing }, format)).toEqual(losses);
});
