/** What a picture is told when it is decoded and encoded: its samples, its format, what comes with it. */
import type { Sharp } from 'sharp';
import type { OutputSpec, PhotoInfo, PlaneFormat } from '../ports.ts';

/** libvips' flag for IPTC, the captions of press photos: sharp has no call that asks for them alone. */
const KEEP_IPTC = 4;

/** What libvips takes for granted where a JPEG names none. */
const UNTOLD_DENSITY = 72;

/** Whether a photo names its pixels an inch; a JPEG, a WebP or an AVIF can be told them by EXIF alone. */
export function isTold(density: number | undefined): boolean {
  return density !== undefined && density !== UNTOLD_DENSITY;
}

/**
 * Metadata blocks that were there; asking for EXIF where there is none would invent a block.
 *
 * @param iptc whether to keep it: it is taken over as it lies in its file, and lies differently in each format
 */
export function keepMetadata(image: Sharp, info: PhotoInfo, exif: boolean, iptc: boolean): Sharp {
  const kept = exif ? image.keepExif().keepXmp() : image.keepXmp();
  if (iptc) (kept as unknown as { options: { keepMetadata: number } }).options.keepMetadata |= KEEP_IPTC;
  return info.hasProfile && !info.convertsToSrgb ? kept.keepIccProfile() : kept;
}

/** The samples of one plane, in its colour model. */
export function selectPlane(image: Sharp, info: PhotoInfo, plane: PlaneFormat): Sharp {
  // The colour model is set to the colour plane's for alpha too: any other would convert alpha with it, and round it.
  const space = colourSpace({ channels: info.grey ? 1 : 3, bytesPerSample: plane.bytesPerSample });
  if (plane.content === 'alpha') return image.toColourspace(space).extractChannel('alpha');
  return (info.alpha ? image.removeAlpha() : image).toColourspace(space);
}

/** What libvips calls the colour model of a plane. */
export function colourSpace({ channels, bytesPerSample }: Pick<PlaneFormat, 'channels' | 'bytesPerSample'>): string {
  if (channels === 1) return bytesPerSample === 2 ? 'grey16' : 'b-w';
  return bytesPerSample === 2 ? 'rgb16' : 'srgb';
}

/**
 * Huffman optimisation needs the whole picture in memory and nine times the time, for files 8 % smaller; and each part of
 * a JPEG that is joined of several would have other tables.
 */
export function asJpeg(image: Sharp, quality: number): Sharp {
  return image.jpeg({ quality, optimiseCoding: false });
}

/** 4 GB of four 16-bit samples. */
const BIG_TIFF_PIXELS = 2 ** 29;

const MILLIMETRES_PER_INCH = 25.4;

/**
 * Stores a picture in the format that was asked for.
 *
 * @param density pixels an inch; sharp's TIFF alone would be given another than the photo's
 */
export function withFormat(image: Sharp, output: OutputSpec, density: number | undefined): Sharp {
  const { format, quality } = output;
  switch (format) {
    case 'jpeg':
      return asJpeg(image, quality);
    case 'png':
      return image.png({ compressionLevel: 3 });
    case 'webp':
      return image.webp({ quality, effort: 2 });
    case 'tiff':
      // BigTIFF only where it must be: many programs do not read it.
      return image.tiff({
        compression: 'deflate',
        predictor: 'horizontal',
        ...(density !== undefined && { xres: density / MILLIMETRES_PER_INCH, yres: density / MILLIMETRES_PER_INCH }),
        bigtiff: output.widthPx * output.heightPx > BIG_TIFF_PIXELS,
      });
    case 'avif':
      return image.avif({ quality, effort: 2 });
  }
}
