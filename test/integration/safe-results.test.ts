/** What could lose a photo, or put a wrong file under a result's name: each is made to happen. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutputSpec, PhotoInfo } from '../../main/engine/ports.ts';
import type { Job, JobEvent } from '../../main/jobs/job.ts';
import { createNamer, sourcePaths } from '../../main/jobs/naming.ts';
import { createResolver } from '../../main/jobs/resolve.ts';
import { defaultSettings, type EnhanceSettings } from '../../main/settings/schema.ts';
import { storeResult } from '../../main/worker/store-result.ts';
import { catalog } from '../../models/catalog.ts';
import { outcomeOf, temporaryFolder, testEnhancer } from '../helpers/enhancer.ts';
import { writePicture } from '../helpers/photos.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const photo = (name: string, sidePx = 60, seed = 1): Promise<string> =>
  writePicture(folder.path, name, { widthPx: sidePx, heightPx: sidePx, seed });
const spec = { modelId: 'quicksrnet-s-x4' };

/** Does something once, when a photo is as far as that. */
function once(kind: JobEvent['kind'], act: () => void): (job: Job, event: JobEvent) => void {
  let done = false;
  return (_, event) => {
    if (done || event.kind !== kind) return;
    done = true;
    act();
  };
}

/** One worker, and something that happens between a photo's decoding and its first tile. */
async function onceOpened(act: () => void): ReturnType<typeof testEnhancer> {
  return testEnhancer({ workers: 1, spec, onJob: once('opened', act) });
}

describe('a photo that changes', () => {
  it('between its header and its pixels is not enhanced by what is true no more', async () => {
    const source = await photo('photo.png');
    const other = await photo('other.png', 90);
    await using enhancer = await testEnhancer({
      workers: 1,
      spec,
      onJob: once('probed', () => {
        renameSync(other, source);
      }),
    });
    const [job] = await enhancer.run([source]);
    expect(job?.state).toMatchObject({ kind: 'failed', failure: { code: 'source-changed' } });
    expect(enhancer.events.map(({ event }) => event.kind)).not.toContain('worker-died');
  });

  it('after it was read has the result of what was read, and a notice says so', async () => {
    const source = await photo('photo.png');
    const before = readFileSync(source);
    const other = readFileSync(await photo('other.png', 60, 2));
    await using enhancer = await onceOpened(() => {
      writeFileSync(source, other);
    });
    const [job] = await enhancer.run([source]);
    outcomeOf(job);
    expect(enhancer.notices).toMatchObject([
      { code: 'source-changed', message: expect.stringContaining('photo.png') as string },
    ]);
    const small = await sharp(enhancer.outputOf(source)).resize(60).removeAlpha().raw().toBuffer();
    const distance = async (of: Buffer): Promise<number> => {
      const samples = await sharp(of).raw().toBuffer();
      return samples.reduce((sum, value, at) => sum + Math.abs(value - small[at]!), 0) / samples.length;
    };
    expect(await distance(before)).toBeLessThan((await distance(other)) / 2);
  });

  it('its place after it was read has its result, without a word', async () => {
    const source = await photo('photo.png');
    await using enhancer = await onceOpened(() => {
      rmSync(source);
    });
    outcomeOf((await enhancer.run([source]))[0]);
    expect(enhancer.notices).toEqual([]);
  });

  it('to something that cannot be looked at, has its result all the same', async () => {
    const source = await photo('photo.png');
    await using enhancer = await onceOpened(() => {
      // A link to itself: asking for it fails, as for a card that was pulled out.
      rmSync(source);
      symlinkSync(source, source);
    });
    outcomeOf((await enhancer.run([source]))[0]);
    expect(readdirSync(dirname(enhancer.outputOf(source)))).toContain(basename(enhancer.outputOf(source)));
  });
});

describe('the folder for results', () => {
  it('that is removed in the middle of a batch is made again', async () => {
    const [one, two] = [await photo('one.png'), await photo('two.png')];
    await using enhancer = await testEnhancer({
      workers: 1,
      spec,
      onJob: ({ id }, { kind }) => {
        if (id === 'two' && kind === 'opened') rmSync(enhancer.outFolder, { recursive: true });
      },
    });
    outcomeOf((await enhancer.run([one]))[0]);
    enhancer.queue.add([{ id: 'two', source: two }]);
    await enhancer.queue.settled();
    outcomeOf(enhancer.queue.jobs[1]);
    expect(readdirSync(enhancer.outFolder)).toEqual(['two-x4.png']);
  });

  it('of two batches at once gets one of their results, whole, and both tell the truth', async () => {
    const source = await photo('photo.png', 120);
    const outFolder = join(folder.path, 'out');
    await using one = await testEnhancer({ workers: 1, spec, outFolder });
    await using other = await testEnhancer({ workers: 1, spec, outFolder });
    const [jobs, others] = await Promise.all([one.run([source]), other.run([source])]);
    const states = [jobs[0]!.state, others[0]!.state];
    expect(states.map(({ kind }) => kind).toSorted()).toEqual(['done', 'failed']);
    expect(states.find(({ kind }) => kind === 'failed')).toMatchObject({ failure: { code: 'file-exists' } });
    expect(readdirSync(outFolder)).toEqual(['photo-x4.png']);
    expect(await sharp(join(outFolder, 'photo-x4.png')).stats()).toBeDefined();
  });

  it('of two batches at once that overwrite ends with a whole result', async () => {
    const source = await photo('photo.png', 120);
    const outFolder = join(folder.path, 'out');
    await using one = await testEnhancer({ workers: 1, spec, outFolder, mayOverwrite: true });
    await using other = await testEnhancer({ workers: 1, spec, outFolder, mayOverwrite: true });
    const [jobs, others] = await Promise.all([one.run([source]), other.run([source])]);
    for (const job of [...jobs, ...others]) outcomeOf(job);
    expect(readdirSync(outFolder)).toEqual(['photo-x4.png']);
    expect(await sharp(join(outFolder, 'photo-x4.png')).metadata()).toMatchObject({ width: 480 });
  });
});

describe('storing a result', () => {
  const never = new AbortController().signal;
  const failed = (code: string) => (): never => {
    throw Object.assign(new Error(code), { code, syscall: 'link' });
  };

  async function store(
    options: { mayOverwrite?: boolean; link?: typeof linkSync; signal?: AbortSignal; out?: string } = {},
  ): ReturnType<typeof storeResult> {
    const out = options.out ?? folder.path;
    const temporaryPath = join(out, '.1.part');
    writeFileSync(temporaryPath, 'the result');
    const output = { path: join(out, 'result.png'), mayOverwrite: options.mayOverwrite ?? false } as OutputSpec;
    const paths = { temporaryPath, claimPath: join(folder.path, 'claim') };
    return storeResult(join(folder.path, 'photo.png'), output, paths, options.signal ?? never, options.link);
  }
  const result = (): string => readFileSync(join(folder.path, 'result.png'), 'utf8');

  it.each(['EPERM', 'ENOTSUP', 'EMLINK'])(
    'renames it where there are no hard links (%s), and still replaces nothing',
    async (code) => {
      expect(await store({ link: failed(code) })).toMatchObject({ ok: true });
      expect(result()).toBe('the result');
      writeFileSync(join(folder.path, 'result.png'), 'precious');
      expect(await store({ link: failed(code) })).toMatchObject({ error: { code: 'file-exists' } });
      expect(result()).toBe('precious');
    },
  );

  it('takes no photo’s place, by whatever link its name leads there', async () => {
    writeFileSync(join(folder.path, 'photo.png'), 'the photo');
    symlinkSync('photo.png', join(folder.path, 'result.png'));
    expect(await store({ mayOverwrite: true })).toMatchObject({ error: { code: 'output-is-source' } });
    unlinkSync(join(folder.path, 'result.png'));
    linkSync(join(folder.path, 'photo.png'), join(folder.path, 'result.png'));
    expect(await store({ mayOverwrite: true })).toMatchObject({ error: { code: 'output-is-source' } });
    expect(result()).toBe('the photo');
  });

  it('leaves a link alone that leads nowhere', async () => {
    symlinkSync('nowhere', join(folder.path, 'result.png'));
    expect(await store()).toMatchObject({ error: { code: 'file-exists' } });
    expect(readdirSync(folder.path)).not.toContain('nowhere');
  });

  it('gives it no name once the photo is cancelled', async () => {
    expect(await store({ signal: AbortSignal.abort() })).toMatchObject({ error: { code: 'cancelled' } });
    expect(readdirSync(folder.path)).not.toContain('result.png');
  });

  it('succeeds in a folder that may be written to and not be read', async () => {
    const out = join(folder.path, 'drop');
    mkdirSync(out);
    await asNobody([folder.path, out], async () => {
      chmodSync(out, 0o300);
      expect(await store({ out })).toMatchObject({ ok: true });
      chmodSync(out, 0o700);
    });
    expect(readFileSync(join(out, 'result.png'), 'utf8')).toBe('the result');
  });
});

describe('what is decided for a photo', () => {
  const info = { widthPx: 60, heightPx: 60, format: 'png' } as PhotoInfo;

  async function decide(source: string, outFolder: string, settings: Partial<EnhanceSettings> = {}, size: object = {}) {
    const all = { ...defaultSettings, ...settings };
    const sources = readdirSync(folder.path).map((name) => join(folder.path, name));
    const namer = createNamer({ outFolder, template: all.nameTemplate, sources: sourcePaths(sources) });
    if (!namer.ok) throw new Error(namer.error.message);
    const resolve = createResolver({
      settings: all,
      models: catalog,
      namer: namer.value,
      placeOf: () => ({ relativeFolder: 'day', index: 1 }),
      onNotice: () => undefined,
    });
    const decided = await resolve({ source } as Job, { ...info, ...size });
    return 'skip' in decided || decided.ok ? decided : decided.error;
  }

  it('takes no other photo’s place behind a link below the folder for results', async () => {
    const source = await photo('photo.png');
    await photo('photo.jpg');
    const outFolder = join(folder.path, 'out');
    mkdirSync(outFolder);
    symlinkSync('..', join(outFolder, 'day'));
    const settings = { existing: 'overwrite', format: 'jpeg', nameTemplate: '{name}.{ext}' } as const;
    expect(await decide(source, outFolder, settings)).toMatchObject({ code: 'output-is-source' });
    unlinkSync(join(outFolder, 'day'));
    expect(await decide(source, outFolder, settings)).toMatchObject({ ok: true });
  });

  it.each(['jpeg', 'webp', 'avif'] as const)(
    'is refused before any work where a %s cannot be as wide',
    async (format) => {
      const source = await photo('photo.png');
      const size = { widthPx: 16_376, heightPx: 10 };
      expect(await decide(source, folder.path, { format }, size)).toMatchObject({
        code: 'format-limit',
        message: expect.stringContaining('png') as string,
      });
      expect(await decide(source, folder.path, { format: 'png' }, size)).toMatchObject({ ok: true });
    },
  );

  it('is refused before any work where a file of that name is there, unless it may be overwritten', async () => {
    const source = await photo('photo.png');
    mkdirSync(join(folder.path, 'day'));
    writeFileSync(join(folder.path, 'day', 'photo-x4.png'), 'precious');
    expect(await decide(source, folder.path)).toMatchObject({ code: 'file-exists' });
    expect(await decide(source, folder.path, { existing: 'skip' })).toMatchObject({ skip: { code: 'file-exists' } });
    expect(await decide(source, folder.path, { existing: 'overwrite' })).toMatchObject({ ok: true });
  });

  it('is refused before any work where its folder cannot be made', async () => {
    const source = await photo('photo.png');
    writeFileSync(join(folder.path, 'file'), '');
    expect(await decide(source, join(folder.path, 'file', 'deep'))).toMatchObject({ code: 'not-writable' });
    expect(await decide(source, join(folder.path, 'new', 'deep'))).toMatchObject({ ok: true });
  });

  it('is refused before any work beside photos in a folder that may only be read', (context) => {
    const photos = join(folder.path, 'photos');
    mkdirSync(photos);
    chmodSync(folder.path, 0o755);
    // A process of its own, since the system asks for who started a process, and not for who it acts as.
    const script = `import { checkWritable } from ${JSON.stringify(new URL('../../main/jobs/resolve.ts', import.meta.url).href)};
      const checked = await checkWritable(${JSON.stringify(join(photos, 'enhanced'))});
      console.log(checked.ok ? 'ok' : checked.error.code);`;
    const anyone = { ...(process.geteuid?.() === 0 && { uid: 65_534 }), encoding: 'utf8' } as const;
    const reads = spawnSync(
      process.execPath,
      ['--eval', `fs.accessSync(${JSON.stringify(import.meta.filename)})`],
      anyone,
    );
    if (reads.status !== 0) context.skip('Nobody but the administrator may read this project here.');
    const decided = (): string =>
      execFileSync(process.execPath, ['--input-type=module', '--eval', script], anyone).trim();
    chmodSync(photos, 0o555);
    expect(decided()).toBe('not-writable');
    chmodSync(photos, 0o777);
    expect(decided()).toBe('ok');
  });
});

/** Does something as an owner of these folders whom permissions hold for: for the administrator they do not. */
async function asNobody(folders: readonly string[], act: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return act();
  for (const path of folders) chownSync(path, 65_534, 65_534);
  // The end-to-end specs, where they run beside these, have made a folder for all temporary files that only they enter.
  chmodSync(tmpdir(), statSync(tmpdir()).mode | 0o011);
  process.seteuid!(65_534);
  try {
    await act();
  } finally {
    process.seteuid!(0);
  }
}
