import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { tessera } from '../helpers/command-line.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';
import { writePicture } from '../helpers/photos.ts';
import type { Tuning } from '../../main/settings/tuning.ts';
import { compactBin, compactParam, randomCompact } from '../helpers/reference-ncnn.ts';

const compact = randomCompact({ scale: 2, channels: 6, seed: 5, half: true, residual: true, enlarged: true });

async function writeModel(folder: string): Promise<string> {
  const path = join(folder, 'Small Model.param');
  await writeFile(path, compactParam(compact));
  await writeFile(path.replace('.param', '.bin'), compactBin(compact));
  return path;
}

describe('tessera import', () => {
  // It tunes and measures besides, which takes half a minute where nothing else runs.
  test('takes a model over, which is listed, inspected and used from then on', { timeout: 120_000 }, async () => {
    await using folder = await temporaryFolder();
    const path = await writeModel(folder.path);
    const imported = await tessera(['import', path, '--licence', 'CC0-1.0', '--json'], { home: folder.path });
    expect(imported).toMatchObject({ exitCode: 0, stderr: '' });
    const facts = { id: 'small-model', scale: 2, haloPx: 3, licence: 'CC0-1.0', precisions: ['fp32'] };
    expect(JSON.parse(imported.stdout)).toMatchObject(facts);
    const models = await tessera(['models'], { home: folder.path });
    expect(models.stdout).toMatch(/^small-model +×2 +imported +fp32 .*halo 3 px +CC0-1\.0$/m);
    const photo = await writePicture(folder.path, 'a.png', { widthPx: 40, heightPx: 30 });
    const inspected = await tessera(['inspect', photo, '--model', 'small-model', '--json'], { home: folder.path });
    expect(JSON.parse(inspected.stdout)).toMatchObject({ modelId: 'small-model', precision: 'fp32', haloPx: 3 });
    const tuned = await tessera(['tune', '--model', 'small-model', '--budget', '5', '--json'], { home: folder.path });
    expect(tuned).toMatchObject({ exitCode: 0, stderr: '' });
    const { tuning } = JSON.parse(tuned.stdout.trim().split('\n').at(-1)!) as { tuning: Tuning };
    expect(tuning).toMatchObject({ modelId: 'small-model', precision: 'fp32', provider: 'cpu' });
    const used = await tessera(['inspect', photo, '--model', 'small-model', '--json'], { home: folder.path });
    expect(JSON.parse(used.stdout)).toMatchObject({ workers: tuning.workers, threads: tuning.threads });
    const batch = ['--photos', '1', '--photo-megapixels', '0.01', '--runs', '1'];
    const benched = await tessera(['bench', '--model', 'small-model', ...batch], { home: folder.path });
    expect(benched.exitCode).toBe(0);
    expect(benched.stdout).toMatch(/^small-model fp32, 1 photos of/);
    const paper = await tessera(['bench', '--paper', '--model', 'small-model'], { home: folder.path });
    expect(paper).toMatchObject({ exitCode: 2 });
    expect(paper.stderr).toContain('model-unfit');
    const out = join(folder.path, 'out');
    const enhanced = await tessera(['enhance', photo, '--model', 'small-model', '-s', '2', '--out', out], {
      home: folder.path,
    });
    expect(enhanced.exitCode).toBe(0);
    expect(await sharp(join(out, 'a-x2.png')).metadata()).toMatchObject({ width: 80, height: 60, channels: 3 });
  });

  test('refuses a name of the catalogue and a damaged model with a sentence and exit code 2, and writes nothing', async () => {
    await using folder = await temporaryFolder();
    const path = await writeModel(folder.path);
    const taken = await tessera(['import', path, '--name', 'quicksrnet-l-x4'], { home: folder.path });
    expect(taken).toMatchObject({ exitCode: 2, stdout: '' });
    expect(taken.stderr).toMatch(/another name.*\(model-exists\)/);
    await writeFile(path.replace('.param', '.bin'), compactBin(compact).subarray(0, -1));
    const short = await tessera(['import', path], { home: folder.path });
    expect(short).toMatchObject({ exitCode: 2, stdout: '' });
    expect(short.stderr).toMatch(/cut short.*\(weights-truncated\)/);
    expect(await readdir(folder.path)).toEqual(['Small Model.bin', 'Small Model.param']);
  });
});
