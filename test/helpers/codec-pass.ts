/** Photos through the codec as a worker takes them. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Codec } from '../../main/engine/adapters/codec-work.ts';
import type { SharpBuild } from '../../main/engine/adapters/sharp-build.ts';
import { SpoolReader, spoolPixelBytes, writeBand } from '../../main/engine/adapters/spool-file.ts';
import { bytesPerPixel, planesOf } from '../../main/engine/planes.ts';
import type { OutputFormat, PhotoInfo } from '../../main/engine/ports.ts';

/** What succeeded; throws what failed. */
export function valueOf<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: object },
): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

export interface Passed {
  readonly info: PhotoInfo;
  readonly file: Buffer;
}

/** Takes a photo through the codec at its own size: decode, write bands, encode. Works in a folder of its own. */
export async function passThrough(
  folder: string,
  codec: Codec,
  build: SharpBuild,
  source: string,
  format: OutputFormat,
  shrink = 1,
): Promise<Passed> {
  const work = join(folder, `${build}-${Math.random().toString(36).slice(2)}`);
  await mkdir(work);
  const info = valueOf(await codec.probePhoto(source));
  const planes = planesOf(info, format);
  const { widthPx, heightPx } = info;
  const stride = bytesPerPixel(planes);
  const pixels = new Uint8Array(widthPx * heightPx * stride);
  let offset = 0;
  for (const [index, plane] of planes.entries()) {
    const own = bytesPerPixel([plane]);
    const spool = join(work, `${index}.v`);
    valueOf(await codec.decodePlane(source, info, plane, spool));
    const reader = new SpoolReader(spool, { widthPx, heightPx, bytesPerPixel: own });
    const rows = new Uint8Array(spoolPixelBytes({ widthPx, heightPx, bytesPerPixel: own }));
    reader.readRows({ start: 0, end: heightPx }, rows);
    reader.close();
    for (let at = 0; at < widthPx * heightPx; at += 1) {
      pixels.set(rows.subarray(at * own, (at + 1) * own), at * stride + offset);
    }
    offset += own;
  }
  const bandHeight = Math.ceil(heightPx / 3);
  const starts = [0, bandHeight, 2 * bandHeight].filter((start) => start < heightPx);
  const paths = starts.map((start) => join(work, `band-${start}.v`));
  // The last first: strips are finished in any order.
  for (const [index, topPx] of [...starts.entries()].reverse()) {
    const rows = Math.min(bandHeight, heightPx - topPx);
    const band = {
      path: paths[index]!,
      widthPx,
      heightPx: rows,
      topPx,
      result: { heightPx, path: paths[0]! },
      channels: planes.reduce((sum, { channels }) => sum + channels, 0),
      carriesMetadata: index === 0,
    };
    const spooled = {
      path: join(work, '0.v'),
      format: { widthPx, heightPx, bytesPerPixel: bytesPerPixel([planes[0]!]) },
    };
    await writeBand(spooled, band, pixels.subarray(topPx * widthPx * stride, (topPx + rows) * widthPx * stride), build);
  }
  const path = join(work, `result.${format}`);
  const size = { widthPx: Math.round(widthPx / shrink), heightPx: Math.round(heightPx / shrink) };
  const output = { path, format, quality: 90, mayOverwrite: false, ...size };
  valueOf(await codec.encodeBands(paths, { widthPx, heightPx }, planes[0]!, info, output, path));
  return { info, file: await readFile(path) };
}
