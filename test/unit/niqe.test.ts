import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { checkNiqeSize } from '../../main/engine/quality/niqe.ts';
import { lumaOf, measured, niqeOf, throughJpeg, withNoise, type LumaPicture } from '../helpers/niqe.ts';
import { readNpz } from '../helpers/npz.ts';
import { pristineModel } from '../../main/engine/quality/pristine.ts';

const sample = (name: string): string => fileURLToPath(new URL(`../../resources/samples/${name}`, import.meta.url));

/** Each value is greater than the one before. */
function expectRising(values: readonly number[]): void {
  expect(values, values.map((value) => value.toFixed(2)).join(' ')).toEqual([...values].sort((a, b) => a - b));
  expect(new Set(values).size).toBe(values.length);
}

describe.each(['mountains.jpg', 'friends.jpg', 'dandelions.jpg'])('NIQE of %s', (name) => {
  it('rises with blur', async () => {
    const blurred = [0.7, 1, 1.5, 2.5].map((sigma) => lumaOf(sharp(sample(name)).blur(sigma)));
    const pictures = [await lumaOf(sharp(sample(name))), ...(await Promise.all(blurred))];
    expectRising(pictures.map((picture) => niqeOf(picture).niqe));
  });

  it('rises with noise', async () => {
    const clean = await lumaOf(sharp(sample(name)));
    expectRising([clean, ...[4, 8, 16, 32].map((deviation) => withNoise(clean, deviation))].map((p) => niqeOf(p).niqe));
  });

  it('rises with the loss of JPEG', async () => {
    // Close to the 88 that the samples were saved with, the steps of both beat: 80 is worse than 60.
    const saved = await Promise.all([60, 40, 20, 10].map((quality) => throughJpeg(sample(name), quality)));
    expectRising([await lumaOf(sharp(sample(name))), ...saved].map((picture) => niqeOf(picture).niqe));
  });
});

describe('NIQE', () => {
  it('leaves out blocks that are flat, and measures the others as if they were alone', async () => {
    const photo = await lumaOf(sharp(sample('mountains.jpg')).extract({ left: 0, top: 192, width: 576, height: 192 }));
    const sky = new Uint8Array(photo.luma.length * 2).fill(235);
    sky.set(photo.luma, photo.luma.length);
    const clipped: LumaPicture = { ...photo, heightPx: 384, luma: sky };
    const score = niqeOf(clipped);
    expect(score).toMatchObject({ blocks: 12, flatBlocks: 12 });
    // The border alone is seen: its neighbours are the sky instead of itself.
    expect(score.niqe).toBeCloseTo(niqeOf(photo).niqe, 0);
  });

  it('does not see how bright a picture is, not even in the rounding errors of its flat areas', async () => {
    const photo = await lumaOf(sharp(sample('mountains.jpg')).extract({ left: 0, top: 192, width: 576, height: 192 }));
    // Half of each block is flat.
    const cut = photo.luma.map((value, at) => (Math.floor(at / photo.widthPx) % 96 < 48 ? 60 : 40 + (value - 16) / 2));
    const scores = [0, 1, 30, 77].map((offset) => niqeOf({ ...photo, luma: cut.map((value) => value + offset) }));
    for (const { niqe } of scores) expect(niqe).toBeCloseTo(scores[0]!.niqe, 6);
  });

  it('refuses what it cannot judge: small pictures and flat ones', () => {
    expect(checkNiqeSize({ widthPx: 191, heightPx: 500 })).toMatchObject({ ok: false, error: { code: 'too-small' } });
    expect(checkNiqeSize({ widthPx: 192, heightPx: 192 })).toMatchObject({ ok: true });
    const grey = { widthPx: 200, heightPx: 200, luma: new Uint8Array(200 * 200).fill(100) };
    expect(measured(grey).score(pristineModel)).toMatchObject({ ok: false, error: { code: 'too-flat' } });
  });
});

// The authors' model and picture are not ours to ship. NIQE_DATA names a folder with niqe_pris_params.npz and baboon.png.
const data = process.env['NIQE_DATA'];

describe.skipIf(data === undefined)('NIQE with the published model (NIQE_DATA=FOLDER)', () => {
  it('is 5.7296 for the baboon, as in the published program', async () => {
    const arrays = await readNpz(join(data!, 'niqe_pris_params.npz'));
    const published = { mean: arrays.get('mu_pris_param')!, covariance: arrays.get('cov_pris_param')! };
    const { niqe } = niqeOf(await lumaOf(sharp(join(data!, 'baboon.png'))), published);
    expect(Math.abs(niqe - 5.7296), `NIQE ${niqe}`).toBeLessThan(0.01);
  });
});
