import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as native from '../../main/engine/adapters/codec-work.ts';
import { passThrough, valueOf } from '../helpers/codec-pass.ts';
import { temporaryFolder, testEnhancer } from '../helpers/enhancer.ts';
import { tiffStructure, type TagValue } from '../helpers/exif-files.ts';
import { readSamples } from '../helpers/photos.ts';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());

const size = { widthPx: 8, heightPx: 6 };
const colours = { grey: 1, rgb: 2, cmyk: 5, lab: 8 } as const;
const kinds = { whole: 1, signed: 2, float: 3 } as const;

interface Samples {
  readonly colour: keyof typeof colours;
  readonly bits: 8 | 16 | 32;
  readonly kind: keyof typeof kinds;
  /** Of every pixel. */
  readonly values: readonly number[];
  readonly alpha?: true;
}

/** A TIFF of one colour, its samples as a scanner, an astronomer or a renderer stores them. */
function tiffOf({ colour, bits, kind, values, alpha }: Samples): Buffer {
  const bytes = bits / 8;
  const pixels = Buffer.alloc(size.widthPx * size.heightPx * values.length * bytes);
  for (let at = 0; at < pixels.length; at += bytes) {
    const value = values[(at / bytes) % values.length]!;
    if (kind === 'float') pixels.writeFloatLE(value, at);
    else if (kind === 'signed') pixels.writeIntLE(value, at, bytes);
    else pixels.writeUIntLE(value, at, bytes);
  }
  const entries: [number, TagValue][] = [
    [0x0100, { shorts: [size.widthPx] }],
    [0x0101, { shorts: [size.heightPx] }],
    [0x0102, { shorts: values.map(() => bits) }],
    [0x0103, { shorts: [1] }],
    [0x0106, { shorts: [colours[colour]] }],
    [0x0115, { shorts: [values.length] }],
    [0x0116, { shorts: [size.heightPx] }],
    [0x0117, { shorts: [pixels.length] }],
    [0x0153, { shorts: values.map(() => kinds[kind]) }],
  ];
  if (alpha) entries.push([0x0152, { shorts: [2] }]);
  return tiffStructure('II', new Map(entries), pixels);
}

async function write(name: string, samples: Samples): Promise<string> {
  const path = join(folder.path, `${name}.tif`);
  await writeFile(path, tiffOf(samples));
  return path;
}

describe('a TIFF whose samples would come out wrong', () => {
  const half = 2 ** 31;
  const unsupported: readonly Samples[] = [
    { colour: 'grey', bits: 32, kind: 'float', values: [0.5] },
    { colour: 'rgb', bits: 32, kind: 'float', values: [0.5, 0.25, 0.75] },
    { colour: 'lab', bits: 32, kind: 'float', values: [50, 20, -20] },
    { colour: 'grey', bits: 32, kind: 'whole', values: [half] },
    { colour: 'rgb', bits: 32, kind: 'whole', values: [half, half / 2, half] },
    { colour: 'grey', bits: 16, kind: 'signed', values: [-1000] },
    { colour: 'rgb', bits: 8, kind: 'signed', values: [-10, 20, 30] },
    // Its alpha would come out empty, and that of the next one solid.
    { colour: 'lab', bits: 16, kind: 'whole', values: [32_768, 5000, 60_000, 32_768], alpha: true },
    { colour: 'cmyk', bits: 16, kind: 'whole', values: [30_000, 20_000, 10_000, 0, 32_768], alpha: true },
  ];

  it.each(unsupported)('is refused with a sentence ($colour, $bits bits, $kind)', async (samples) => {
    const refused = await native.probePhoto(await write('unsupported', samples));
    expect(refused).toMatchObject({ ok: false, error: { code: 'depth-unsupported' } });
    expect(!refused.ok && refused.error.message).toMatch(/8 or 16 bits/);
  });

  it('fails, and is not reported done', async () => {
    await using enhancer = await testEnhancer();
    const [job] = await enhancer.run([await write('float', unsupported[0]!)]);
    expect(job?.state).toMatchObject({ kind: 'failed', failure: { code: 'depth-unsupported' } });
  });
});

describe('a TIFF of sixteen bits', () => {
  it.each([
    { name: 'grey', colour: 'grey', values: [30_001] },
    { name: 'colour', colour: 'rgb', values: [30_001, 20_002, 10_003] },
    { name: 'colour with alpha', colour: 'rgb', values: [30_001, 20_002, 10_003, 40_004], alpha: true },
  ] as const)('comes through as it is ($name)', async ({ name, ...samples }) => {
    const source = await write(name, { ...samples, bits: 16, kind: 'whole' });
    expect(await passedSamples(source)).toEqual(new Set([samples.values.join()]));
  });

  it('comes through from Lab into sRGB with all of them', async () => {
    const greyOf = async (lightness: number): Promise<number[]> => {
      const values = [lightness, 0, 0];
      const source = await write('lab', { colour: 'lab', bits: 16, kind: 'whole', values });
      const [colour] = await passedSamples(source);
      return colour!.split(',').map(Number);
    };
    // Lightness 50, and a step above that eight bits would not show.
    const [one, next] = [await greyOf(32_768), await greyOf(32_868)];
    // CIE: lightness 50 is 18.42 % of white's light, which sRGB (IEC 61966-2-1) writes as 46.63 %.
    for (const sample of one) expect(Math.abs(sample / 65_535 - 0.4663)).toBeLessThan(0.001);
    expect(next[1]! - one[1]!).toBeGreaterThan(50);
    expect(next[1]! - one[1]!).toBeLessThan(150);
  });

  it('is worked in eight where it is CMYK, which converts to no more', async () => {
    const source = await write('cmyk', {
      colour: 'cmyk',
      bits: 16,
      kind: 'whole',
      values: [30_000, 20_000, 10_000, 0],
    });
    expect(valueOf(await native.probePhoto(source))).toMatchObject({ bitsPerSample: 8, convertsToSrgb: true });
    const [red, green, blue] = [...(await passedSamples(source, 8))][0]!.split(',').map(Number);
    // Cyan stronger than magenta stronger than yellow.
    expect(red! < green! && green! < blue!).toBe(true);
  });
});

/** The colours of a photo that went through the codec into another TIFF. */
async function passedSamples(source: string, depth: 8 | 16 = 16): Promise<ReadonlySet<string>> {
  const { file, info } = await passThrough(folder.path, native, 'native', source, 'tiff');
  const path = join(folder.path, 'passed.tif');
  await writeFile(path, file);
  const bytes = Uint8Array.from(await readSamples(path, depth));
  const samples = depth === 16 ? new Uint16Array(bytes.buffer) : bytes;
  const channels = (info.grey ? 1 : 3) + (info.alpha ? 1 : 0);
  const pixels = Array.from({ length: samples.length / channels }, (_, at) =>
    samples.subarray(at * channels, (at + 1) * channels).join(),
  );
  return new Set(pixels);
}
