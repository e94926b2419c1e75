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

/** What a result does not keep of its photo: its colour space, what its samples have beyond 8 bits, its transparency. */
export type Loss = 'colours' | 'depth' | 'transparency';

/** What a photo loses on its way into a format, for which nobody may have asked. */
export function lossesOf(info: PhotoInfo, output: OutputFormat): Loss[] {
  const planes = planesOf(info, output);
  const losses: Loss[] = info.convertsToSrgb ? ['colours'] : [];
  if (info.bitsPerSample === 16 && planes[0]!.bytesPerSample === 1) losses.push('depth');
  if (info.alpha && planes.length === 1) losses.push('transparency');
  return losses;
}

/** Bytes of one pixel, all planes together. */
export function bytesPerPixel(planes: readonly Pick<PlaneFormat, 'channels' | 'bytesPerSample'>[]): number {
  return planes.reduce((sum, plane) => sum + plane.channels * plane.bytesPerSample, 0);
}
