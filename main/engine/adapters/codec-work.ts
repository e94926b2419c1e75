/**
 * The codec's work: sharp, over libvips. Reads headers, decodes into spool files, encodes from them.
 *
 * Colour is never transformed on the way: samples are decoded as they stand in the file and the profile is attached to
 * the result as it was. Only colour models that the network does not speak (CMYK, Lab) are converted, to sRGB.
 */
import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Metadata, Sharp, SharpOptions } from 'sharp';
import { exifForTiff, exifOfBlock, type Exif } from '../exif.ts';
import { failure, success, type Failure, type Result } from '../errors.ts';
import type { Size } from '../geometry.ts';
import type { CodecVersions, OutputFormat, OutputSpec, PhotoInfo, PlaneFormat } from '../ports.ts';
import { noteWholePicture, WASM_WHOLE_PIXELS } from './codec-limits.ts';
import { loadSharp, sharpBuild } from './sharp-build.ts';
import { resultInBands } from './spool-file.ts';
import { mendMetadata, type TinyCodec } from './spool-metadata.ts';
import { addTiffExif, readTiffExif } from './tiff-exif.ts';

/** Sources beyond this many pixels are taken for damaged or hostile headers. */
const MAX_SOURCE_PIXELS = 1_000_000_000;

export type CodecFailureCode =
  | 'file-missing'
  | 'file-unreadable'
  | 'file-empty'
  | 'source-changed'
  | 'not-a-file'
  | 'not-an-image'
  | 'animated'
  | 'too-many-pixels'
  | 'damaged-image'
  | 'decoder-memory'
  | 'encode-failed'
  | 'disk-full'
  | 'folder-gone'
  | 'several-pages'
  | 'codec-ended';
export type CodecFailure = Failure<CodecFailureCode>;

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
  if ((metadata.pages ?? 1) > 1 && metadata.format !== 'tiff') {
    return failure('animated', 'This file is an animation. Tessera enhances still photos.', { frames: metadata.pages });
  }
  if ((metadata.pages ?? 1) > 1) {
    return failure(
      'several-pages',
      `This file holds ${String(metadata.pages)} pictures. Save each as a file of its own.`,
      {
        pages: metadata.pages,
      },
    );
  }
  const { width: widthPx, height: heightPx } = metadata.autoOrient;
  if (widthPx * heightPx > MAX_SOURCE_PIXELS) {
    return failure(
      'too-many-pixels',
      `This file claims ${widthPx} × ${heightPx} pixels, more than Tessera opens. It is most likely damaged.`,
      {
        widthPx,
        heightPx,
      },
    );
  }
  return success({
    widthPx,
    heightPx,
    format: metadata.format,
    grey: metadata.space === 'b-w' || metadata.space === 'grey16',
    alpha: metadata.hasAlpha,
    bitsPerSample: metadata.space === 'rgb16' || metadata.space === 'grey16' ? 16 : 8,
    convertsToSrgb: !SPOKEN_SPACES.has(metadata.space),
    hasProfile: metadata.hasProfile,
    hasExif: metadata.exif !== undefined || tiffExif(path, metadata.format) !== undefined,
    ...file.value,
  });
}

/** Colour models whose samples go through the network as they are. */
const SPOKEN_SPACES: ReadonlySet<string> = new Set(['srgb', 'rgb', 'rgb16', 'b-w', 'grey16']);

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
    const kept = keepMetadata(image, info, { exif: info.hasExif, iptc: true });
    await selectPlane(kept, info, plane).toFile(spoolPath);
    if (plane.content === 'colour') {
      const format = { ...info, bytesPerPixel: plane.channels * plane.bytesPerSample };
      await mendMetadata(spoolPath, format, tiffExif(source, info.format), tinyCodec);
    }
    // What was written to meanwhile may be half of the one and half of the other.
    return checkUnchanged(source, info);
  } catch (error) {
    const large = sharpBuild === 'wasm' && pixels > WASM_WHOLE_PIXELS;
    return failureOf(error, source, spoolPath, large ? TOO_LARGE : DAMAGED);
  }
}

/** What libvips leaves of a TIFF. A file that cannot be read now says so where its pixels are read. */
function tiffExif(path: string, format: string): Exif | undefined {
  if (format !== 'tiff') return undefined;
  try {
    return readTiffExif(path);
  } catch {
    return undefined;
  }
}

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
    const kept = keepMetadata(resized, info, {
      exif: info.hasExif || isTold(density),
      iptc: info.format === output.format,
    });
    await withFormat(kept.toColourspace(colourSpace(plane)), output, density).toFile(path);
    const ours = output.format === 'tiff' && exif !== undefined ? exifOfBlock(exif) : undefined;
    if (ours !== undefined) addTiffExif(path, exifForTiff(ours));
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

/** Less free than this, and a disk counts as full. */
const FULL_DISK_BYTES = 16 * 1024 ** 2;

/** The codec's errors are text alone: what can be seen from outside (a source that is gone, a full disk) goes first. */
function failureOf(
  error: unknown,
  source: string,
  target: string,
  otherwise: CodecFailure,
): Result<never, CodecFailure> {
  const file = checkFile(source);
  if (!file.ok) return file;
  const free = freeBytes(dirname(target));
  if (free === undefined) {
    return failure('folder-gone', 'The folder that this was written to was removed or renamed. Try again.', {
      path: target,
      cause: text(error),
    });
  }
  if (free < FULL_DISK_BYTES) {
    return failure('disk-full', 'The disk is full. Free some space and try again.', {
      path: target,
      cause: text(error),
    });
  }
  return { ok: false, error: { ...otherwise, details: { cause: text(error) } } };
}

function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

function readOptions(): SharpOptions {
  return { failOn: 'error', limitInputPixels: false, sequentialRead: true };
}

/** Whether a file is still the one whose header was read. */
function checkUnchanged(path: string, info: FileFacts): Result<void, CodecFailure> {
  const file = checkFile(path);
  if (!file.ok) return file;
  const { fileBytes, modifiedMs } = file.value;
  if (fileBytes === info.fileBytes && modifiedMs === info.modifiedMs) return success(undefined);
  return failure('source-changed', 'This photo was changed after its turn came. Try again.');
}

type FileFacts = Pick<PhotoInfo, 'fileBytes' | 'modifiedMs'>;

/** Synchronous, because each asynchronous step of a worker waits for the tile that is being inferred. */
function checkFile(path: string): Result<FileFacts, CodecFailure> {
  try {
    const found = statSync(path);
    if (!found.isFile()) return failure('not-a-file', 'This is not a file.');
    if (found.size === 0) return failure('file-empty', 'This file is empty (0 bytes).');
    return success({ fileBytes: found.size, modifiedMs: found.mtimeMs });
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing
      ? failure('file-missing', 'This file is gone. It may have been moved or renamed.')
      : failure('file-unreadable', 'This file cannot be opened. Check its permissions.', { cause: text(error) });
  }
}

/** libvips' flag for IPTC, the captions of press photos: sharp has no call that asks for them alone. */
const KEEP_IPTC = 4;

/** What libvips takes for granted where a JPEG names none. */
const UNTOLD_DENSITY = 72;

/** Whether a photo names its pixels an inch; a JPEG, a WebP or an AVIF can be told them by EXIF alone. */
function isTold(density: number | undefined): boolean {
  return density !== undefined && density !== UNTOLD_DENSITY;
}

/**
 * Metadata blocks that were there; asking for EXIF where there is none would invent a block. IPTC is taken over as it
 * lies in its file, and lies differently in each format.
 */
function keepMetadata(image: Sharp, info: PhotoInfo, { exif, iptc }: { exif: boolean; iptc: boolean }): Sharp {
  const kept = exif ? image.keepExif().keepXmp() : image.keepXmp();
  if (iptc) (kept as unknown as { options: { keepMetadata: number } }).options.keepMetadata |= KEEP_IPTC;
  return info.hasProfile && !info.convertsToSrgb ? kept.keepIccProfile() : kept;
}

function selectPlane(image: Sharp, info: PhotoInfo, plane: PlaneFormat): Sharp {
  // The colour model is set to the colour plane's for alpha too: any other would convert alpha with it, and round it.
  const space = colourSpace({ channels: info.grey ? 1 : 3, bytesPerSample: plane.bytesPerSample });
  if (plane.content === 'alpha') return image.toColourspace(space).extractChannel('alpha');
  return (info.alpha ? image.removeAlpha() : image).toColourspace(space);
}

function colourSpace({ channels, bytesPerSample }: Pick<PlaneFormat, 'channels' | 'bytesPerSample'>): string {
  if (channels === 1) return bytesPerSample === 2 ? 'grey16' : 'b-w';
  return bytesPerSample === 2 ? 'rgb16' : 'srgb';
}

/**
 * Huffman optimisation needs the whole picture in memory and nine times the time, for files 8 % smaller; and each part of
 * a JPEG that is joined of several would have other tables.
 */
function asJpeg(image: Sharp, quality: number): Sharp {
  return image.jpeg({ quality, optimiseCoding: false });
}

/** 4 GB of four 16-bit samples. */
const BIG_TIFF_PIXELS = 2 ** 29;

const MILLIMETRES_PER_INCH = 25.4;

/** @param density pixels an inch; sharp's TIFF alone would be given another than the photo's */
function withFormat(image: Sharp, output: OutputSpec, density: number | undefined): Sharp {
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

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
