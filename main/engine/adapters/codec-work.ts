/**
 * The codec's work: sharp, over libvips. Reads headers, decodes into spool files, encodes from them.
 *
 * Colour is never transformed on the way: samples are decoded as they stand in the file and the profile is attached to
 * the result as it was. Only colour models that the network does not speak (CMYK, Lab) are converted, to sRGB.
 */
import type { Metadata, SharpOptions } from 'sharp';
import { failure, success, type Result } from '../errors.ts';
import { exifForTiff } from '../exif-layout.ts';
import { exifOfBlock } from '../exif.ts';
import type { Size } from '../geometry.ts';
import type { CodecVersions, OutputFormat, OutputSpec, PhotoInfo, PlaneFormat } from '../ports.ts';
import { checkFile, checkUnchanged, failureOf, text, type CodecFailure } from './codec-failures.ts';
import { asJpeg, colourSpace, isTold, keepMetadata, selectPlane, withFormat } from './codec-formats.ts';
import { noteWholePicture, WASM_WHOLE_PIXELS } from './codec-limits.ts';
import { headerOf } from './photo-header.ts';
import { addPngTexts, readPngTexts } from './png-texts.ts';
import { loadSharp, sharpBuild } from './sharp-build.ts';
import { resultInBands } from './spool-file.ts';
import { carriedTexts, mendMetadata, type TinyCodec, type Unread } from './spool-metadata.ts';
import { addTiffExif, readTiffExif } from './tiff-exif.ts';

/** What the codec does; its values and results can be sent from thread to thread. */
export interface Codec {
  readonly codecVersions: typeof codecVersions;
  readonly probePhoto: typeof probePhoto;
  readonly decodePlane: typeof decodePlane;
  readonly encodeBands: typeof encodeBands;
  readonly encodeRows: typeof encodeRows;
}

const sharp = await loadSharp();
// Every photo is read once, and the cores belong to inference: no cache, one thread an operation.
sharp.cache(false);
sharp.concurrency(1);

/** Which sharp and libvips these are. */
export async function codecVersions(): Promise<Result<CodecVersions, CodecFailure>> {
  const { sharp: own, vips: libvips } = sharp.versions;
  return Promise.resolve(success({ sharp: own, libvips, build: sharpBuild }));
}

/**
 * Reads a photo's header.
 *
 * @returns what it says, upright; or why this file cannot be enhanced
 */
export async function probePhoto(path: string): Promise<Result<PhotoInfo, CodecFailure>> {
  const file = checkFile(path);
  if (!file.ok) return file;
  let metadata: Metadata;
  try {
    metadata = await sharp(path, readOptions()).metadata();
  } catch (error) {
    return failure('not-an-image', 'This file is not a picture in a format that Tessera reads.', {
      cause: text(error),
    });
  }
  const header = headerOf(metadata);
  if (!header.ok) return header;
  const hasExif =
    metadata.exif !== undefined || (metadata.format === 'tiff' && unreadOf(path, 'tiff').exif !== undefined);
  return success({ ...header.value, hasExif, ...file.value });
}

/**
 * Decodes one plane of a photo, upright, into a spool file (its name must end in `.v`) along with its metadata.
 *
 * @param info what the file's header said; everything that was decided for the photo follows from it
 * @returns `damaged-image` where the file cannot be decoded to its end, `decoder-memory` where it may also be too large,
 *   `source-changed` where it is not the file any more that `info` is of
 */
export async function decodePlane(
  source: string,
  info: PhotoInfo,
  plane: PlaneFormat,
  spoolPath: string,
): Promise<Result<void, CodecFailure>> {
  const before = checkUnchanged(source, info);
  if (!before.ok) return before;
  const image = sharp(source, { ...readOptions(), autoOrient: true, ignoreIcc: !info.convertsToSrgb });
  const pixels = info.widthPx * info.heightPx;
  noteWholePicture(pixels);
  try {
    const kept = keepMetadata(image, info, info.hasExif, true);
    await selectPlane(kept, info, plane).toFile(spoolPath);
    if (plane.content === 'colour') {
      const { orientation = 1 } = await image.metadata();
      await mendMetadata(spoolPath, unreadOf(source, info.format), orientation !== 1, tinyCodec);
    }
    // What was written to meanwhile may be half of the one and half of the other.
    return checkUnchanged(source, info);
  } catch (error) {
    const large = sharpBuild === 'wasm' && pixels > WASM_WHOLE_PIXELS;
    return failureOf(error, source, spoolPath, large ? TOO_LARGE : DAMAGED);
  }
}

/** What libvips leaves of a photo. A file that cannot be read now says so where its pixels are read. */
function unreadOf(path: string, format: string): Unread {
  try {
    return {
      exif: format === 'tiff' ? readTiffExif(path) : undefined,
      texts: format === 'png' ? readPngTexts(path) : NO_TEXTS,
    };
  } catch {
    return { exif: undefined, texts: NO_TEXTS };
  }
}

const NO_TEXTS = new Uint8Array();

const tinyCodec: TinyCodec = {
  jpeg: () =>
    sharp({ create: { width: 1, height: 1, channels: 3, background: 'black' } })
      .jpeg()
      .toBuffer(),
  open: (jpeg) => sharp(jpeg),
};

const DAMAGED: CodecFailure = {
  code: 'damaged-image',
  message: 'This photo is damaged: it could not be read to its end. Take another copy of it, if there is one.',
};

const TOO_LARGE: CodecFailure = {
  code: 'decoder-memory',
  message:
    'This photo is damaged, or too large to be opened in Tessera’s window on Linux. Try it with the command line, ' +
    'or save it as a TIFF or a JPEG that is neither turned nor progressive.',
};

/**
 * Encodes a result into a file, with all that came along with the photo.
 *
 * @param bands the result's spool files from top to bottom, equally high but the last; the first carries the metadata.
 *   Where `resultInBands` says no, the first is the whole result
 * @param large the size that the bands make up; they are resized where `output` has another
 * @param path where to; not the final name: the caller syncs and renames
 */
export async function encodeBands(
  bands: readonly string[],
  large: Size,
  plane: PlaneFormat,
  info: PhotoInfo,
  output: OutputSpec,
  path: string,
): Promise<Result<void, CodecFailure>> {
  const options: SharpOptions = { limitInputPixels: false, sequentialRead: true, ignoreIcc: true };
  const whole = bands.length === 1 || !resultInBands(plane.channels);
  if (!STREAMED_FORMATS.has(output.format)) noteWholePicture(output.widthPx * output.heightPx);
  try {
    const joined = whole ? sharp(bands[0], options) : sharp([...bands], { ...options, join: { across: 1 } });
    // A last band that is lower than the others was filled up with black.
    const cropped = joined.extract({ left: 0, top: 0, width: large.widthPx, height: large.heightPx });
    const resized =
      large.widthPx === output.widthPx && large.heightPx === output.heightPx
        ? cropped
        : cropped.resize(output.widthPx, output.heightPx, { fit: 'fill', kernel: 'lanczos3' });
    const { density, exif } = await sharp(bands[0], options).metadata();
    const kept = keepMetadata(resized, info, info.hasExif || isTold(density), info.format === output.format);
    await withFormat(kept.toColourspace(colourSpace(plane)), output, density).toFile(path);
    const ours = output.format === 'tiff' && exif !== undefined ? exifOfBlock(exif) : undefined;
    if (ours !== undefined) addTiffExif(path, exifForTiff(ours));
    const texts = output.format === 'png' && info.format === 'png' ? carriedTexts(bands[0]!) : undefined;
    if (texts !== undefined && texts.length > 0) addPngTexts(path, texts);
    return success(undefined);
  } catch (error) {
    return failureOf(error, bands[0]!, path, encodeFailed(output.format));
  }
}

/**
 * Encodes some rows of a result as a JPEG of their own, with nothing that came with the photo.
 *
 * @param pixels tight rows of interleaved 8-bit samples; they must stay as they are until this is through
 */
export async function encodeRows(
  pixels: Uint8Array,
  { widthPx, heightPx }: Size,
  plane: PlaneFormat,
  quality: number,
): Promise<Result<Uint8Array, CodecFailure>> {
  const raw = { width: widthPx, height: heightPx, channels: plane.channels };
  try {
    const image = sharp(pixels, { raw, limitInputPixels: false }).toColourspace(colourSpace(plane));
    return success(await asJpeg(image, quality).toBuffer());
  } catch (error) {
    return { ok: false, error: { ...encodeFailed('jpeg'), details: { cause: text(error) } } };
  }
}

function encodeFailed(format: OutputFormat): CodecFailure {
  const message = `The result could not be written as ${format}. Choose another format and try again.`;
  return { code: 'encode-failed', message };
}

/** Encoders that take rows as they come. */
const STREAMED_FORMATS: ReadonlySet<OutputFormat> = new Set(['jpeg', 'png', 'tiff']);

function readOptions(): SharpOptions {
  return { failOn: 'error', limitInputPixels: false, sequentialRead: true };
}
