import { execFileSync } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkEncoder } from '../../main/engine/adapters/codec-limits.ts';
import { codecInThread } from '../../main/engine/adapters/codec-thread.ts';
import * as native from '../../main/engine/adapters/codec-work.ts';
import type { Codec } from '../../main/engine/adapters/codec-work.ts';
import type { SharpBuild } from '../../main/engine/adapters/sharp-build.ts';
import { writeBand } from '../../main/engine/adapters/spool-file.ts';
import { planesOf } from '../../main/engine/planes.ts';
import type { OutputFormat, PlaneFormat } from '../../main/engine/ports.ts';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import { outcomeOf, temporaryFolder, testEnhancer, workerEntry } from '../helpers/enhancer.ts';
import { passThrough, valueOf } from '../helpers/codec-pass.ts';
import { pressPhoto, tiffPhoto } from '../helpers/exif-files.ts';
import { pictureSamples, writePicture } from '../helpers/photos.ts';

const wasm = codecInThread();
const folder = await temporaryFolder();
afterAll(async () => {
  wasm[Symbol.dispose]();
  await folder[Symbol.asyncDispose]();
});
const pass = (codec: Codec, build: SharpBuild, source: string, format: OutputFormat, shrink?: number) =>
  passThrough(folder.path, codec, build, source, format, shrink);

const sources: Readonly<Record<string, () => Promise<string>>> = {
  'a camera’s JPEG, turned, with profile, EXIF and XMP': async () => {
    const path = join(folder.path, 'camera.jpg');
    await sharp(pictureSamples({ widthPx: 96, heightPx: 50 }), { raw: { width: 96, height: 50, channels: 3 } })
      .withIccProfile('p3')
      .withExif({ IFD0: { Copyright: 'A photographer', Orientation: '6' }, IFD2: { LensModel: 'A lens' } })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>')
      .withMetadata({ orientation: 6, icc: 'p3' })
      .jpeg()
      .toFile(path);
    return path;
  },
  'a press photo’s JPEG, with captions and a resolution': async () => {
    const path = join(folder.path, 'press.jpg');
    await writeFile(path, await pressPhoto());
    return path;
  },
  'a progressive JPEG': async () => {
    const path = join(folder.path, 'progressive.jpg');
    const raw = { width: 70, height: 61, channels: 3 } as const;
    await sharp(pictureSamples({ widthPx: 70, heightPx: 61 }), { raw })
      .jpeg({ progressive: true })
      .toFile(path);
    return path;
  },
  'a CMYK JPEG': async () => {
    const path = join(folder.path, 'cmyk.jpg');
    const raw = { width: 40, height: 33, channels: 3 } as const;
    await sharp(pictureSamples({ widthPx: 40, heightPx: 33 }), { raw })
      .toColourspace('cmyk')
      .jpeg()
      .toFile(path);
    return path;
  },
  'a 16-bit TIFF in Lab': async () => {
    const path = join(folder.path, 'lab.tif');
    const raw = { width: 40, height: 33, channels: 3 } as const;
    await sharp(pictureSamples({ widthPx: 40, heightPx: 33 }), { raw })
      .toColourspace('labs')
      .tiff()
      .toFile(path);
    return path;
  },
  'a 16-bit PNG with alpha': () =>
    writePicture(folder.path, 'deep.png', { widthPx: 70, heightPx: 61, channels: 4, depth: 16 }),
  'a scan’s TIFF with EXIF, the highest byte first': async () => {
    const path = join(folder.path, 'scan-exif.tif');
    const said = new Map([
      [0x013b, { text: 'José Müller' }],
      [0x8769, { folder: new Map([[0xa434, { text: 'Großer Zoom' }]]) }],
    ] as const);
    await writeFile(path, tiffPhoto('MM', 40, 30, said));
    return path;
  },
  'a grey TIFF': () => writePicture(folder.path, 'grey.tif', { widthPx: 53, heightPx: 47, channels: 1 }),
  'a 16-bit grey PNG with alpha': () =>
    writePicture(folder.path, 'grey.png', { widthPx: 53, heightPx: 47, channels: 2, depth: 16 }),
  'a WebP with alpha': () => writePicture(folder.path, 'alpha.webp', { widthPx: 64, heightPx: 40, channels: 4 }),
  'an AVIF': () => writePicture(folder.path, 'photo.avif', { widthPx: 64, heightPx: 48 }),
  'a still GIF': () => writePicture(folder.path, 'still.gif', { widthPx: 41, heightPx: 30 }),
};

describe('the WebAssembly build of the codec', () => {
  const paths = new Map<string, string>();
  beforeAll(async () => {
    for (const [name, make] of Object.entries(sources)) paths.set(name, await make());
  });

  it.each(Object.keys(sources))('reads and writes the very bytes that the native one does, from %s', async (name) => {
    const source = paths.get(name)!;
    for (const format of ['jpeg', 'png', 'webp', 'tiff'] as const) {
      const [theirs, ours] = [await pass(native, 'native', source, format), await pass(wasm, 'wasm', source, format)];
      expect(ours.info).toEqual(theirs.info);
      expect(ours.file.equals(theirs.file), format).toBe(true);
      const { channels, depth } = await sharp(ours.file).metadata();
      const planes = planesOf(ours.info, format);
      // WebP knows no grey.
      const colours = format === 'webp' ? 3 : planes[0]!.channels;
      expect(channels).toBe(colours + planes.length - 1);
      expect(depth).toBe(planes[0]!.bytesPerSample === 2 ? 'ushort' : 'uchar');
    }
  });

  it('writes AVIF that differs by no more than the encoder’s own rounding', async () => {
    const source = paths.get('a 16-bit PNG with alpha')!;
    const [theirs, ours] = [await pass(native, 'native', source, 'avif'), await pass(wasm, 'wasm', source, 'avif')];
    const [a, b] = await Promise.all([theirs, ours].map(({ file }) => sharp(file).raw().toBuffer()));
    expect(a!.length).toBe(b!.length);
    expect(Math.max(...a!.map((value, at) => Math.abs(value - b![at]!)))).toBeLessThanOrEqual(2);
  });

  it('brings a result to another size as the native one does', async () => {
    const source = paths.get('a progressive JPEG')!;
    const [theirs, ours] = [
      await pass(native, 'native', source, 'png', 1.7),
      await pass(wasm, 'wasm', source, 'png', 1.7),
    ];
    expect(ours.file.equals(theirs.file)).toBe(true);
  });

  it('names bad files as the native one does', async () => {
    const whole = readFileSync(paths.get('a progressive JPEG')!);
    const text = join(folder.path, 'text.jpg');
    const cut = join(folder.path, 'cut.jpg');
    await writeFile(text, 'This is no picture.');
    await writeFile(cut, whole.subarray(0, whole.length / 2));
    for (const path of [text, join(folder.path, 'gone.jpg'), folder.path]) {
      expect(await wasm.probePhoto(path)).toEqual(await native.probePhoto(path));
    }
    const info = valueOf(await wasm.probePhoto(cut));
    const decode = (codec: Codec) =>
      codec.decodePlane(cut, info, planesOf(info, 'png')[0]!, join(folder.path, 'cut.v'));
    expect(await decode(wasm)).toMatchObject({ ok: false, error: { code: 'damaged-image' } });
    expect(await decode(wasm)).toEqual(await decode(native));
  });

  it.each([
    ['jpeg', {}],
    ['jpeg', { progressive: true }],
    ['png', {}],
    ['png', { progressive: true }],
    ['webp', {}],
    ['webp', { lossless: true }],
    ['tiff', { compression: 'none' }],
    ['tiff', { compression: 'lzw' }],
    ['tiff', { compression: 'jpeg' }],
    ['avif', { effort: 0 }],
    ['gif', {}],
  ] as const)('takes a %s (%j) that was cut short for damaged, as the native one does', async (format, options) => {
    const raw = { width: 200, height: 150, channels: 3 } as const;
    const image = sharp(pictureSamples({ widthPx: 200, heightPx: 150 }), { raw });
    const whole = await image.toFormat(format, options).toBuffer();
    for (const part of [0.3, 0.9, 0.98]) {
      const path = join(folder.path, `cut-${part}.${format}`);
      await writeFile(path, whole.subarray(0, Math.floor(whole.length * part)));
      for (const codec of [native, wasm]) {
        const info = await codec.probePhoto(path);
        const decoded = info.ok
          ? await codec.decodePlane(path, info.value, planesOf(info.value, 'png')[0]!, join(folder.path, 'cut.v'))
          : info;
        expect(decoded, `${part}`).toMatchObject({ ok: false });
      }
    }
  });

  it.runIf(process.platform === 'linux').each(['jpeg', 'png', 'webp', 'tiff', 'avif'] as const)(
    'fails where the disk is full, as the native one does, instead of leaving half a %s',
    async (format) => {
      const source = await writePicture(folder.path, 'full.png', { widthPx: 80, heightPx: 60 });
      const info = valueOf(await native.probePhoto(source));
      const [plane] = planesOf(info, format) as [PlaneFormat];
      const spool = join(folder.path, 'full.v');
      valueOf(await native.decodePlane(source, info, plane, spool));
      const [full, gone] = [join(folder.path, `full-${format}.v`), join(folder.path, 'gone', 'result')];
      // A file that takes nothing, as on a full disk.
      await symlink('/dev/full', full);
      const size = { widthPx: 80, heightPx: 60 };
      for (const codec of [native, wasm]) {
        const encode = (path: string) =>
          codec.encodeBands(
            [spool],
            size,
            plane,
            info,
            { path, format, quality: 90, mayOverwrite: false, ...size },
            path,
          );
        expect(await codec.decodePlane(source, info, plane, full)).toMatchObject({ ok: false });
        expect(await encode(full)).toMatchObject({ ok: false });
        expect(await encode(gone)).toMatchObject({ ok: false, error: { code: 'folder-gone' } });
      }
      const spoolFormat = { ...size, bytesPerPixel: 3 };
      const band = { path: full, ...size, topPx: 0, result: { heightPx: 60, path: full }, channels: 3 };
      const pixels = new Uint8Array(80 * 60 * 3);
      const write = writeBand({ path: spool, format: spoolFormat }, { ...band, carriesMetadata: true }, pixels);
      await expect(write).rejects.toMatchObject({ code: 'ENOSPC' });
    },
  );

  it('waits for no inference: it reads and writes while the JavaScript thread does not', async () => {
    const source = await writePicture(folder.path, 'busy.png', { widthPx: 900, heightPx: 700 });
    const info = valueOf(await wasm.probePhoto(source));
    const spool = join(folder.path, 'busy.v');
    const decoding = wasm.decodePlane(source, info, planesOf(info, 'png')[0]!, spool);
    const end = performance.now() + 20_000;
    const wholeBytes = 64 + 900 * 700 * 3;
    let bytes = 0;
    while (bytes < wholeBytes && performance.now() < end) bytes = statSync(spool, { throwIfNoEntry: false })?.size ?? 0;
    expect(bytes).toBeGreaterThanOrEqual(wholeBytes);
    valueOf(await decoding);
  });

  it('fails a photo that breaks its thread, and no other', async () => {
    using codec = codecInThread();
    const source = await writePicture(folder.path, 'neighbour.png', { widthPx: 900, heightPx: 700 });
    const info = valueOf(await codec.probePhoto(source));
    const spool = join(folder.path, 'neighbour.v');
    const beside = codec.decodePlane(source, info, planesOf(info, 'png')[0]!, spool);
    const broken = codec.decodePlane(source, undefined as never, undefined as never, 'nowhere.v');
    expect(await broken).toMatchObject({ ok: false, error: { code: 'codec-ended' } });
    expect(await beside).toMatchObject({ ok: true });
    expect(statSync(spool).size).toBeGreaterThan(900 * 700 * 3);
    expect(await codec.probePhoto(source)).toMatchObject({ ok: true, value: { widthPx: 900 } });
  });

  it('refuses what an encoder cannot finish before any work, in formats that do not stream', () => {
    const large = { widthPx: 16_000, heightPx: 12_000 };
    const refused = { ok: false, error: { code: 'encoder-limit' } };
    for (const build of ['native', 'wasm'] as const) {
      expect(checkEncoder('webp', large, false, build)).toMatchObject(refused);
      for (const format of ['jpeg', 'png', 'tiff'] as const) {
        expect(checkEncoder(format, large, true, build).ok).toBe(true);
      }
    }
    const small = { widthPx: 8_000, heightPx: 4_000 };
    expect(checkEncoder('avif', small, false, 'wasm').ok).toBe(true);
    expect(checkEncoder('avif', small, true, 'wasm')).toMatchObject(refused);
    expect(checkEncoder('avif', large, true, 'native').ok).toBe(true);
  });
});

describe.runIf(process.platform === 'linux')('a worker inside Electron on Linux', () => {
  const pretence = pathToFileURL(join(import.meta.dirname, '../electron-host/pretend-electron.ts')).href;
  const start = childProcessTransport(workerEntry, ['--import', pretence]);

  it('loads no native sharp, and a worker of the command line no other', () => {
    const build = pathToFileURL(join(import.meta.dirname, '../../main/engine/adapters/sharp-build.ts')).href;
    const script = `const sharp = await (await import('${build}')).loadSharp(); console.log(sharp.versions.emscripten)`;
    const versionIn = (...flags: string[]): string =>
      execFileSync(process.execPath, [...flags, '--input-type=module', '--eval', script], { encoding: 'utf8' }).trim();
    expect(versionIn('--import', pretence)).toMatch(/^\d+\./);
    expect(versionIn()).toBe('undefined');
  });

  it('refuses a result that its encoder cannot hold before it infers a tile', async () => {
    await using inside = await testEnhancer({ workers: 1, format: 'avif', start });
    const source = await writePicture(inside.folder, 'large.jpg', { widthPx: 2000, heightPx: 1500 });
    const [job] = await inside.run([source]);
    expect(job?.state).toMatchObject({ kind: 'failed', failure: { code: 'encoder-limit' } });
    expect(inside.events.filter(({ event }) => event.kind === 'tile-done')).toEqual([]);
  });

  it('writes the very files that the command line does', async () => {
    await using inside = await testEnhancer({ workers: 1, start });
    await using outside = await testEnhancer({ workers: 1 });
    const files = [];
    for (const enhancer of [inside, outside]) {
      // Several strips, and a plane of alpha.
      const source = await writePicture(enhancer.folder, 'photo.png', { widthPx: 150, heightPx: 400, channels: 4 });
      const [job] = await enhancer.run([source]);
      expect(outcomeOf(job).precision).toBe('int8');
      files.push(await readFile(enhancer.outputOf(source)));
    }
    expect(files[0]!.equals(files[1]!)).toBe(true);
  });
});
