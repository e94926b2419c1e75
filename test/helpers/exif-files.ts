/** TIFF structures byte by byte, in either order, and pictures that carry them. Shares nothing with the code. */
import sharp from 'sharp';

export type ByteOrder = 'II' | 'MM';

/** A value of a tag: text (its bytes, closed by a 0), shorts, a long, rationals as [numerator, denominator], or where bytes lie. */
export type TagValue =
  | { readonly text: string | Buffer }
  | { readonly shorts: readonly number[] }
  | { readonly bytes: readonly number[] }
  | { readonly long: number }
  | { readonly elsewhere: Buffer }
  | { readonly rationals: readonly (readonly [number, number])[] }
  | { readonly folder: Folder };

export type Folder = ReadonlyMap<number, TagValue>;

/** A structure with a first directory, its sub-directories, a second directory if there is one, and pixels likewise. */
export function tiffStructure(order: ByteOrder, main: Folder, pixels = Buffer.alloc(0), second?: Folder): Buffer {
  const parts: Buffer[] = [];
  let end = 8;
  const put = (bytes: Buffer): number => {
    const at = end;
    parts.push(bytes, Buffer.alloc(bytes.length % 2));
    end += bytes.length + (bytes.length % 2);
    return at;
  };
  const number = (value: number, bytes: 2 | 4): Buffer => {
    const buffer = Buffer.alloc(bytes);
    if (order === 'II') buffer.writeUIntLE(value, 0, bytes);
    else buffer.writeUIntBE(value, 0, bytes);
    return buffer;
  };
  const encoded = (value: TagValue): [type: number, count: number, bytes: Buffer] => {
    if ('text' in value) {
      const bytes = Buffer.concat([Buffer.from(value.text as string), Buffer.alloc(1)]);
      return [2, bytes.length, bytes];
    }
    if ('shorts' in value)
      return [3, value.shorts.length, Buffer.concat(value.shorts.map((short) => number(short, 2)))];
    if ('bytes' in value) return [1, value.bytes.length, Buffer.from(value.bytes)];
    if ('long' in value) return [4, 1, number(value.long, 4)];
    if ('elsewhere' in value) return [4, 1, number(put(value.elsewhere), 4)];
    if ('folder' in value) return [4, 1, number(folder(value.folder), 4)];
    return [5, value.rationals.length, Buffer.concat(value.rationals.flat().map((long) => number(long, 4)))];
  };
  const folder = (entries: Folder, next = 0): number => {
    const rows = [...entries]
      .sort(([a], [b]) => a - b)
      .map(([tag, value]) => {
        const [type, count, bytes] = encoded(value);
        const field = bytes.length > 4 ? number(put(bytes), 4) : Buffer.concat([bytes, Buffer.alloc(4 - bytes.length)]);
        return Buffer.concat([number(tag, 2), number(type, 2), number(count, 4), field]);
      });
    return put(Buffer.concat([number(rows.length, 2), ...rows, number(next, 4)]));
  };
  const pixelsAt = put(pixels);
  const withPixels =
    pixels.length === 0 ? main : new Map([...main, [0x0111, { shorts: [pixelsAt] }] as [number, TagValue]]);
  const start = folder(withPixels, second === undefined ? 0 : folder(second));
  return Buffer.concat([Buffer.from(order), number(42, 2), number(start, 4), ...parts]);
}

/** An uncompressed RGB TIFF, with further entries. */
export function tiffPhoto(order: ByteOrder, widthPx: number, heightPx: number, entries: Folder): Buffer {
  const pixels = Buffer.alloc(widthPx * heightPx * 3, 90);
  const own: [number, TagValue][] = [
    [0x0100, { shorts: [widthPx] }],
    [0x0101, { shorts: [heightPx] }],
    [0x0102, { shorts: [8, 8, 8] }],
    [0x0103, { shorts: [1] }],
    [0x0106, { shorts: [2] }],
    [0x0115, { shorts: [3] }],
    [0x0116, { shorts: [heightPx] }],
    // Short, so that they fit: small pictures only.
    [0x0117, { shorts: [pixels.length] }],
  ];
  return tiffStructure(order, new Map([...own, ...entries]), pixels);
}

/** A JPEG with such entries as its EXIF. */
export async function jpegPhoto(order: ByteOrder, widthPx: number, heightPx: number, entries: Folder): Promise<Buffer> {
  const jpeg = await plainJpeg(widthPx, heightPx);
  return withApp1(jpeg, Buffer.concat([EXIF_NAME, tiffStructure(order, entries)]));
}

const EXIF_NAME = Buffer.from('Exif\0\0');

/** A camera's JPEG that says which way is up, in EXIF and in XMP, and carries a thumbnail that is not turned either. */
export async function turnedPhoto(widthPx: number, heightPx: number, orientation: number): Promise<Buffer> {
  const thumbnail = await plainJpeg(Math.round(widthPx / 5), Math.round(heightPx / 5));
  const main: Folder = new Map([
    [0x010f, { text: 'Acme' }],
    [0x0112, { shorts: [orientation] }],
  ] as const);
  const second: Folder = new Map([
    [0x0103, { shorts: [6] }],
    [0x0112, { shorts: [orientation] }],
    [0x0201, { elsewhere: thumbnail }],
    [0x0202, { long: thumbnail.length }],
  ] as const);
  const exif = Buffer.concat([EXIF_NAME, tiffStructure('MM', main, undefined, second)]);
  const xmp =
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
    `<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="${orientation}" tiff:Make="Ácme"/>` +
    '</rdf:RDF></x:xmpmeta>';
  const jpeg = withApp1(await plainJpeg(widthPx, heightPx), Buffer.from(`http://ns.adobe.com/xap/1.0/\0${xmp}`));
  return withApp1(jpeg, exif);
}

async function plainJpeg(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#8a6' } })
    .jpeg()
    .toBuffer();
}

function withApp1(jpeg: Buffer, content: Buffer): Buffer {
  const head = Buffer.of(0xff, 0xe1, (content.length + 2) >> 8, (content.length + 2) & 0xff);
  return Buffer.concat([jpeg.subarray(0, 2), head, content, jpeg.subarray(2)]);
}

/** A JPEG of 300 pixels an inch with an IPTC caption, and no EXIF beside it. */
export async function pressPhoto(): Promise<Buffer> {
  const jpeg = await plainJpeg(60, 40);
  const perInch = [1, 300 >> 8, 300 & 255, 300 >> 8, 300 & 255];
  const jfif = Buffer.from([0xff, 0xe0, 0, 16, ...Buffer.from('JFIF\0'), 1, 2, ...perInch, 0, 0]);
  const caption = Buffer.from('A caption of the press');
  const record = Buffer.concat([Buffer.from([0x1c, 2, 120, 0, caption.length]), caption, Buffer.alloc(1)]);
  const resource = Buffer.from([4, 4, 0, 0, 0, 0, 0, record.length - 1]);
  const body = Buffer.concat([Buffer.from('Photoshop 3.0\0' + '8BIM', 'latin1'), resource, record]);
  const marker = Buffer.from([0xff, 0xed, 0, body.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), jfif, marker, body, jpeg.subarray(2)]);
}
