/** What the header of a picture says, and which pictures are not taken. */
import type { Metadata } from 'sharp';
import { failure, success, type Result } from '../errors.ts';
import type { PhotoInfo } from '../ports.ts';
import type { CodecFailure } from './codec-failures.ts';

/** Sources beyond this many pixels are taken for damaged or hostile headers. */
const MAX_SOURCE_PIXELS = 1_000_000_000;

/** Colour models whose samples go through the network as they are. */
const SPOKEN_SPACES: ReadonlySet<string> = new Set(['srgb', 'rgb', 'rgb16', 'b-w', 'grey16']);

/** Colour models that come with sixteen bits a sample, or convert to them. */
const DEEP_SPACES: ReadonlySet<string> = new Set(['rgb16', 'grey16', 'labs']);

type Header = Omit<PhotoInfo, 'hasExif' | 'fileBytes' | 'modifiedMs'>;

/** The upright photo that a header tells of, or why it cannot be enhanced. */
export function headerOf(metadata: Metadata): Result<Header, CodecFailure> {
  const { pages = 1, format, autoOrient, depth } = metadata;
  if (pages > 1 && format !== 'tiff') {
    return failure('animated', 'This file is an animation. Tessera enhances still photos.', { frames: pages });
  }
  if (pages > 1) {
    return failure('several-pages', `This file holds ${String(pages)} pictures. Save each as a file of its own.`, {
      pages,
    });
  }
  const { width: widthPx, height: heightPx } = autoOrient;
  if (widthPx * heightPx > MAX_SOURCE_PIXELS) {
    return failure(
      'too-many-pixels',
      `This file claims ${widthPx} × ${heightPx} pixels, more than Tessera opens. It is most likely damaged.`,
      { widthPx, heightPx },
    );
  }
  if (!comesOutRight(metadata)) return failure('depth-unsupported', UNSUPPORTED, { depth, colours: metadata.space });
  return success({
    widthPx,
    heightPx,
    format,
    grey: metadata.space === 'b-w' || metadata.space === 'grey16',
    alpha: metadata.hasAlpha,
    bitsPerSample: DEEP_SPACES.has(metadata.space) ? 16 : 8,
    convertsToSrgb: !SPOKEN_SPACES.has(metadata.space),
    hasProfile: metadata.hasProfile,
  });
}

const UNSUPPORTED =
  'This photo keeps its samples in a way that Tessera does not read, such as 32 bits each. ' +
  'Save it as RGB or grey with 8 or 16 bits a channel, and add that file.';

/**
 * Whether libvips makes of a picture's samples what they stand for. Of floating-point, 32-bit and signed ones it takes
 * what fits into the result's range, which is black or a pattern; of deep CMYK and Lab it loses the alpha.
 */
function comesOutRight({ depth, space, hasAlpha }: Metadata): boolean {
  // Lab is unpacked into signed numbers: two of its three are.
  if (space === 'labs') return depth === 'short' && !hasAlpha;
  if (space === 'cmyk' && hasAlpha) return depth === 'uchar';
  return depth === 'uchar' || depth === 'ushort';
}
