import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNamer, extensionOf, sourcePaths } from '../../main/jobs/naming.ts';
import type { NamerOptions, NamingFacts } from '../../main/jobs/naming.ts';

const defaults: NamerOptions = {
  outFolder: '/out',
  template: '{name}-x{scale}.{ext}',
  sources: sourcePaths([]),
  platform: 'linux',
};

const photo: NamingFacts = {
  source: '/photos/day 1/sea.jpg',
  relativeFolder: 'day 1',
  format: 'jpeg',
  factor: 4,
  widthPx: 400,
  heightPx: 300,
  modelId: 'net-l-x4',
  index: 1,
};

function namer(options: Partial<NamerOptions> = {}) {
  const made = createNamer({ ...defaults, ...options });
  if (!made.ok) throw new Error(made.error.message);
  return (facts: Partial<NamingFacts> = {}) => {
    const claimed = made.value.claim({ ...photo, ...facts });
    return claimed.ok ? claimed.value : claimed.error.code;
  };
}

describe('the name of a result', () => {
  it('keeps the tree and fills every field', () => {
    const template = '{parent}_{index}_{name}_{scale}_{width}x{height}_{model}.{ext}';
    const sources = sourcePaths(Array.from({ length: 120 }, (_, index) => `/photos/${index}.jpg`));
    expect(namer({ template, sources })({ factor: 2.5, index: 7 })).toBe(
      '/out/day 1/day 1_007_sea_2.5_400x300_net-l-x4.jpg',
    );
  });

  it('says what is wrong with a template', () => {
    expect(createNamer({ ...defaults, template: '{nam}.{ext}' })).toMatchObject({
      ok: false,
      error: { code: 'template-invalid' },
    });
  });

  it.each([
    ['jpeg', 'a.jpeg', 'jpeg'],
    ['jpeg', 'a.JPG', 'jpg'],
    ['jpeg', 'a.png', 'jpg'],
    ['tiff', 'a.tiff', 'tiff'],
    ['tiff', 'a.webp', 'tif'],
    ['png', 'a', 'png'],
  ] as const)('for %s from %s ends in .%s', (format, source, extension) => {
    expect(extensionOf(format, source)).toBe(extension);
  });

  it('differs for photos that would share it: the extension first, then numbers', () => {
    const claim = namer();
    const webp = { format: 'webp', relativeFolder: '' } as const;
    expect(claim({ ...webp, source: '/p/a.jpg' })).toBe('/out/a-x4.webp');
    expect(claim({ ...webp, source: '/p/a.png' })).toBe('/out/a-x4 (png).webp');
    expect(claim({ ...webp, source: '/q/A.PNG' })).toBe('/out/A-x4 (2).webp');
    expect(claim({ ...webp, source: '/r/a.png' })).toBe('/out/a-x4 (3).webp');
  });

  it('takes names for one that differ only in case or in how accents are composed', () => {
    const claim = namer();
    const composed = { source: '/p/\u00e9.jpg', relativeFolder: '' };
    const decomposed = { source: '/q/E\u0301.jpg', relativeFolder: '' };
    expect(claim(composed)).toBe('/out/\u00e9-x4.jpg');
    expect(claim(decomposed)).toBe('/out/E\u0301-x4 (jpg).jpg');
  });

  it('is refused where it would be a photo, whatever the case and the way there', () => {
    const inPlace = { template: '{name}.{ext}', sources: sourcePaths(['/photos/SEA.jpg']) };
    expect(namer({ ...inPlace, outFolder: '/photos' })({ relativeFolder: '' })).toBe('output-is-source');
    expect(namer({ ...inPlace, outFolder: '/photos/day 1/..' })({ relativeFolder: '' })).toBe('output-is-source');
    expect(namer({ ...inPlace, outFolder: '/photos/out' })({ relativeFolder: '' })).toBe('/photos/out/sea.jpg');
  });

  it('is one that Windows takes too', () => {
    const claim = namer({ template: '{name}.{ext}' });
    expect(claim({ source: '/p/con.jpg', relativeFolder: '' })).toBe('/out/con_.jpg');
    expect(claim({ source: '/p/LPT1.old.jpg', relativeFolder: '' })).toBe('/out/LPT1_.old.jpg');
    expect(claim({ source: '/p/console.jpg', relativeFolder: '' })).toBe('/out/console.jpg');
    expect(claim({ source: '/p/a:b?.jpg', relativeFolder: 'nul/c. /d' })).toBe('/out/nul_/c__/d/a_b_.jpg');
  });

  it('drops what would lead upwards from its folders', () => {
    expect(namer()({ relativeFolder: '../../etc/./x/..' })).toBe('/out/etc/x/sea-x4.jpg');
  });

  it('is cut where it is too long, never within a character', () => {
    const name = namer()({ source: `/p/${'👩‍🚀'.repeat(60)}.jpg`, relativeFolder: '' });
    expect(Buffer.byteLength(posix.basename(name))).toBeLessThanOrEqual(200);
    expect(name).toMatch(/^\/out\/(👩‍🚀)+-x4\.jpg$/u);
  });

  it('is cut where the template alone is too long', () => {
    const name = namer({ template: `${'a'.repeat(300)}{name}.{ext}` })({ relativeFolder: '' });
    expect(name).toBe(`/out/${'a'.repeat(196)}.jpg`);
  });

  it('is built by the rules of Windows there', () => {
    const claim = namer({ outFolder: 'C:\\out', platform: 'win32' });
    expect(claim({ source: 'D:\\photos\\a\\sea.jpg', relativeFolder: 'a\\b/c' })).toBe('C:\\out\\a\\b\\c\\sea-x4.jpg');
  });
});

describe('whatever a photo is called', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('.', '/', '\\', ':', ' ', 'a', 'A', '~') }),
    fc.constantFrom('..', '.', '../..', 'con', 'C:', '/etc', '\\\\server\\share', 'a'.repeat(300)),
  );
  const facts = fc.record({ folder: fc.array(name, { maxLength: 4 }), file: name });

  it.each(['linux', 'win32'] as const)('its result stays in the out folder (%s)', (platform) => {
    const path = platform === 'win32' ? win32 : posix;
    const outFolder = platform === 'win32' ? 'C:\\a\\out' : '/a/out';
    fc.assert(
      fc.property(facts, ({ folder, file }) => {
        const result = namer({ outFolder, platform })({
          source: path.join(outFolder, '..', 'in', `${file}.jpg`),
          relativeFolder: folder.join(path.sep),
        });
        expect(path.normalize(result)).toBe(result);
        expect(result.startsWith(outFolder + path.sep)).toBe(true);
        expect(result).toMatch(/\.jpg$/);
      }),
    );
  });

  it('no two results of a batch are the same file, and none is a photo', () => {
    const files = fc.array(fc.tuple(fc.constantFrom('a', 'A', 'b', 'a-x4'), fc.constantFrom('jpg', 'png', 'JPG')), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(files, fc.boolean(), (names, inPlace) => {
        const sources = names.map(([stem, extension], index) => `/p/${index % 2}/${stem}.${extension}`);
        const claim = namer({ sources: sourcePaths(sources), outFolder: inPlace ? '/p/0' : '/out' });
        const results = sources
          .map((source) => claim({ source, relativeFolder: '' }))
          .filter((result) => result !== 'output-is-source')
          .map((result) => result.toLowerCase());
        expect(new Set(results).size).toBe(results.length);
        const taken = new Set(sources.map((source) => source.toLowerCase()));
        expect(results.filter((result) => taken.has(result))).toEqual([]);
      }),
    );
  });
});
