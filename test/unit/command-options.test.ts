import { describe, expect, it } from 'vitest';
import type { Command } from '../../main/command/command.ts';
import { parseCommand } from '../../main/command/options.ts';
import { defaultSettings } from '../../main/settings/schema.ts';

const surroundings = { version: '1.2.3' };

function parsed(line: string): Command {
  const result = parseCommand(line.split(' '), surroundings);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function refusal(line: string): string {
  const result = parseCommand(line.split(' '), surroundings);
  if (result.ok) throw new Error(`"${line}" was understood`);
  expect(result.error.code).toBe('usage');
  return result.error.message;
}

function settingsOf(line: string) {
  const command = parsed(line);
  if (!('settings' in command)) throw new Error(`${command.kind} has no settings`);
  return command.settings;
}

describe('the command line', () => {
  it('enhances with the defaults when only photos are given', () => {
    expect(parsed('enhance a.jpg photos')).toEqual({
      kind: 'enhance',
      inputs: ['a.jpg', 'photos'],
      recursive: false,
      outFolder: 'enhanced',
      settings: defaultSettings,
      dryRun: false,
      json: false,
    });
  });

  it('takes every option of enhance over the default', () => {
    const line =
      'enhance a.jpg --recursive --out o --dry-run --json --model quicksrnet-s-x2 --scale 2.5 --format webp ' +
      '--quality 80 --name {index}.{ext} --precision fp32 --tile 200 --halo 13 --border mean --tiling average ' +
      '--device webgpu --workers 3 --threads 2 --memory 2GB --overwrite';
    expect(parsed(line)).toEqual({
      kind: 'enhance',
      inputs: ['a.jpg'],
      recursive: true,
      outFolder: 'o',
      settings: {
        version: 2,
        model: 'quicksrnet-s-x2',
        target: { kind: 'scale', factor: 2.5 },
        format: 'webp',
        quality: 80,
        nameTemplate: '{index}.{ext}',
        precision: 'fp32',
        tilePx: 200,
        haloPx: 13,
        border: 'mean',
        tiling: 'average',
        device: 'webgpu',
        workers: 3,
        threads: 2,
        memoryBytes: 2 * 1024 ** 3,
        existing: 'overwrite',
      },
      dryRun: true,
      json: true,
    });
  });

  it.each([
    ['--scale 3', { kind: 'scale', factor: 3 }],
    ['--scale x3', { kind: 'scale', factor: 3 }],
    ['--scale 3×', { kind: 'scale', factor: 3 }],
    ['--scale 150%', { kind: 'scale', factor: 1.5 }],
    ['--width 800', { kind: 'width', widthPx: 800 }],
    ['--height 600', { kind: 'height', heightPx: 600 }],
    ['--width 800 --height 600', { kind: 'fit', widthPx: 800, heightPx: 600 }],
    ['--long-edge 8000', { kind: 'longEdge', longEdgePx: 8000 }],
    ['--megapixels 24.5', { kind: 'megapixels', megapixels: 24.5 }],
  ])('understands the size %s', (options, target) => {
    expect(settingsOf(`enhance a.jpg ${options}`).target).toEqual(target);
    expect(settingsOf(`inspect a.jpg ${options}`).target).toEqual(target);
  });

  it.each([
    ['--memory 800MiB', 800 * 1024 ** 2],
    ['--memory 1.5g', 1.5 * 1024 ** 3],
    ['--memory 536870912', 512 * 1024 ** 2],
    ['--memory auto', 'auto'],
  ])('understands the amount %s', (options, memoryBytes) => {
    expect(settingsOf(`bench ${options}`).memoryBytes).toBe(memoryBytes);
  });

  it('reads models, inspect and bench', () => {
    expect(parsed('models --json')).toEqual({ kind: 'models', json: true });
    expect(parsed('inspect a.jpg')).toEqual({ kind: 'inspect', file: 'a.jpg', settings: defaultSettings, json: false });
    expect(parsed('bench --photos 3 --photo-megapixels 0.5 --runs 2')).toEqual({
      kind: 'bench',
      settings: defaultSettings,
      photos: 3,
      photoMegapixels: 0.5,
      runs: 2,
      json: false,
    });
  });

  it.each([
    ['enhance', "'photos'"],
    ['enhance a --scale 0', 'above 0'],
    ['enhance a --scale 17', 'at most 16'],
    ['enhance a --scale 2,5', 'such as 4 or 2.5'],
    ['enhance a --quality 101', 'from 1 to 100'],
    ['enhance a --format gif', 'same, jpeg, png'],
    ['enhance a --memory 3', '256 MB'],
    ['enhance a --workers 0', 'from 1 to'],
    ['enhance a --name {nam}.{ext}', '{nam} is not known'],
    ['enhance a --scale 2 --width 300', '--width'],
    ['enhance a --long-edge 2 --height 300', '--height'],
    ['enhance a --megapixels 2 --long-edge 300', '--long-edge'],
    ['enhance a --skip-existing --overwrite', '--overwrite'],
    ['enhance a --halo 13 --tile 41', '42 or more'],
    ['enhance a --qualty 90', 'Did you mean --quality?'],
    ['enhanc a', 'Did you mean enhance?'],
    ['inspect a b', 'Too many arguments'],
    ['bench --runs 0', 'from 1 to 1000'],
  ])('refuses "%s" and says why', (line, reason) => {
    const message = refusal(line);
    expect(message).toContain(reason);
    expect(message).toMatch(/See "tessera .*--help"\.$/);
    expect(message).not.toMatch(/^error|undefined|zod/i);
  });

  it('refuses an empty folder for the results', () => {
    expect(parseCommand(['enhance', 'a', '--out', ''], surroundings)).toMatchObject({ ok: false });
  });

  it('gives the version and the help as text', () => {
    expect(parsed('--version')).toEqual({ kind: 'text', text: '1.2.3\n' });
    const help = parsed('enhance --help');
    expect(parsed('help enhance')).toEqual(help);
    if (help.kind !== 'text') throw new Error('no text');
    for (const said of ['--skip-existing', 'Examples:', '(default: 92)', '{name}-x{scale}.{ext}', 'Exit code: 0']) {
      expect(help.text).toContain(said);
    }
  });

  it('gives the overview when nothing was asked for', () => {
    const overview = parseCommand([], surroundings);
    expect(overview).toEqual(parseCommand(['--help'], surroundings));
    expect(overview).toMatchObject({ ok: true, value: { kind: 'text' } });
  });

  it('keeps the help inside the width that it is given', () => {
    const help = parseCommand(['enhance', '--help'], { version: '1', columns: 60 });
    if (!help.ok || help.value.kind !== 'text') throw new Error('no text');
    const [options] = help.value.text.split('Examples:');
    const longest = Math.max(...(options ?? '').split('\n').map((line) => line.length));
    expect(longest).toBeLessThanOrEqual(60);
    expect(longest).toBeGreaterThan(40);
  });
});
