import type { OutputFormat, PhotoInfo, PlaneFormat } from './ports.ts';

/** Formats that hold 16 bits a sample; others get 8-bit pixels from the start. */
const DEEP_FORMATS: ReadonlySet<OutputFormat> = new Set(['png', 'tiff']);

/** The planes that a photo is worked in: colour (or grey), and alpha where there is one and the format keeps it. */
export function planesOf(info: PhotoInfo, output: OutputFormat): PlaneFormat[] {
  const bytesPerSample = info.bitsPerSample === 16 && DEEP_FORMATS.has(output) ? 2 : 1;
  const colour: PlaneFormat = { content: 'colour', channels: info.grey ? 1 : 3, bytesPerSample };
  if (!info.alpha || output === 'jpeg') return [colour];
  return [colour, { content: 'alpha', channels: 1, bytesPerSample }];
}

/** Bytes of one pixel, all planes together. */
export function bytesPerPixel(planes: readonly Pick<PlaneFormat, 'channels' | 'bytesPerSample'>[]): number {
  return planes.reduce((sum, plane) => sum + plane.channels * plane.bytesPerSample, 0);
}
