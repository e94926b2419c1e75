import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalog } from '../../models/catalog.ts';
import { Runner } from '../../main/desktop/runner.ts';
import { Spots } from '../../main/desktop/spot.ts';
import { enhanceSettingsOf } from '../../main/desktop/look.ts';
import { settingsDefaults } from '../../main/desktop/settings-book.ts';
import { probePhoto } from '../../main/engine/adapters/sharp-codec.ts';
import { failure, success, type Result } from '../../main/engine/errors.ts';
import { poolSizeOf } from '../../main/jobs/batch.ts';
import { childProcessTransport } from '../../main/pool/child-process-transport.ts';
import type { PreviewRequest } from '../../main/previews/messages.ts';
import { PictureBook } from '../../main/previews/picture-book.ts';
import { makePicture } from '../../main/previews/worker/pictures.ts';
import type { Region, Settings } from '../../preload/contract/dto.ts';
import { temporaryFolder, testEnhancer, workerEntry } from '../helpers/enhancer.ts';
import { picture } from '../helpers/photos.ts';

const samples = resolve(import.meta.dirname, '../../resources/samples');
const machine = { cores: 2, memoryBytes: 8 * 1024 ** 3 };
const folder = await temporaryFolder();
const made: PreviewRequest[] = [];
let runner: Runner;
let spots: Spots;
let book: PictureBook;

beforeAll(async () => {
  runner = await Runner.open({
    size: poolSizeOf({ ...settingsDefaults, workers: 1 }, machine),
    start: childProcessTransport(workerEntry),
    scratchBase: folder.path,
    resolve: () => Promise.reject(new Error('No batch runs here.')),
    onJob: () => undefined,
    onNotice: () => undefined,
  });
  const pictures = join(folder.path, 'pictures');
  await mkdir(pictures);
  const make = async (request: PreviewRequest): Promise<Result<void>> => {
    made.push(request);
    return makePicture(request).then(
      () => success(undefined),
      (error: unknown) => failure('preview-failed', String(error)),
    );
  };
  book = new PictureBook(pictures, make);
  spots = new Spots({ models: catalog, workers: () => Promise.resolve(runner), book, make });
});
afterAll(async () => {
  spots[Symbol.dispose]();
  await runner[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The pixels that the window would show of a spot. */
async function spot(path: string, region: Region, patch: Partial<Settings> = {}): Promise<Buffer> {
  const info = await probePhoto(path);
  const settings = enhanceSettingsOf({ ...settingsDefaults, ...patch });
  if (!info.ok || !settings.ok) throw new Error('The photo or its settings are no good.');
  const preview = await spots.enhance({ path, info: info.value, settings: settings.value }, region);
  if (!preview.ok) throw new Error(preview.error.message);
  const { token, widthPx, heightPx } = preview.value.after;
  const file = await book.tile(token, { level: 0, column: 0, row: 0 });
  const shown = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  expect(shown.info).toMatchObject({ width: widthPx, height: heightPx, channels: 3 });
  book.close(token);
  return shown.data;
}

const region = (leftPx: number, topPx: number, widthPx: number, heightPx: number): Region => ({
  leftPx,
  topPx,
  widthPx,
  heightPx,
});

describe('a spot', () => {
  it.each([
    ['in the middle', region(200, 120, 128, 100)],
    ['in a corner', region(0, 0, 96, 96)],
    ['at the far edges', region(640 - 77, 360 - 50, 77, 50)],
  ])('%s is what the whole photo’s result has there, to the last bit', async (_where, where) => {
    const source = join(samples, 'dandelions.jpg');
    await using enhancer = await testEnhancer({ workers: 1, maxTilePx: 256 });
    await enhancer.run([source]);
    const part = {
      left: where.leftPx * 4,
      top: where.topPx * 4,
      width: where.widthPx * 4,
      height: where.heightPx * 4,
    };
    const whole = await sharp(enhancer.outputOf(source)).extract(part).raw().toBuffer();
    expect((await spot(source, where)).equals(whole)).toBe(true);
    // However the spot itself is cut into tiles and strips.
    expect((await spot(source, where, { tilePx: 64 })).equals(whole)).toBe(true);
  });

  it('follows the target size of the photo, not of the spot, in its choice of scale', async () => {
    const pixels = await spot(join(samples, 'dandelions.jpg'), region(10, 10, 50, 40), {
      target: { kind: 'longEdge', longEdgePx: 1280 },
    });
    expect(pixels.length).toBe(100 * 80 * 3);
  });

  it('of a photo with transparency is shown on grey, and one of sixteen bits in eight', async () => {
    const alpha = join(folder.path, 'alpha.png');
    const base = await picture({ widthPx: 200, heightPx: 150 }).png().toBuffer();
    await sharp(base).ensureAlpha(0).png().toFile(alpha);
    const shown = await spot(alpha, region(40, 40, 60, 60), { model: 'faithful-s' });
    expect(shown.every((value) => Math.abs(value - 128) <= 1)).toBe(true);
    const deep = join(folder.path, 'deep.png');
    await sharp(base).toColourspace('rgb16').png().toFile(deep);
    expect((await spot(deep, region(40, 40, 60, 60), { model: 'faithful-s' })).length).toBe(240 * 240 * 3);
  });

  it('leaves the photo decoded for the next one, until another photo is looked at or the file changes', async () => {
    const changing = join(folder.path, 'changing.png');
    await copyFile(join(samples, 'sunset.png'), changing);
    const open = async (): Promise<string[]> =>
      (await readdir(runner.scratchFolder)).filter((name) => name.endsWith('-source.v'));
    await spot(changing, region(0, 0, 64, 64), { model: 'faithful-s' });
    const first = await open();
    await spot(changing, region(64, 64, 64, 64), { model: 'faithful-s' });
    await spot(changing, region(64, 64, 64, 64), { model: 'photo' });
    expect(await open()).toEqual(first);
    await picture({ widthPx: 384, heightPx: 256 }).toFile(changing);
    await spot(changing, region(0, 0, 64, 64), { model: 'faithful-s' });
    expect(await open()).not.toEqual(first);
    await expect.poll(async () => (await readdir(runner.scratchFolder)).length).toBe(1);
  });
});
