import { fork } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FromPreviewer, PreviewRequest, ToPreviewer } from '../../main/previews/messages.ts';
import { PictureBook } from '../../main/previews/picture-book.ts';
import { Previewer, type PreviewChild } from '../../main/previews/previewer.ts';
import { temporaryFolder } from '../helpers/enhancer.ts';

const host = resolve(import.meta.dirname, '../electron-host/utility-entry.ts');
const entry = resolve(import.meta.dirname, '../../main/previews/worker/index.ts');

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let files: string;
let previewer: Previewer;
/** Photos that the process began with, in that order. */
let begun: string[];
let processes: number;
/** Whether the process is killed when it begins with this photo, which it has done so often. */
let isDeadly: (name: string, times: number) => boolean;

beforeEach(async () => {
  folder = await temporaryFolder();
  files = join(folder.path, 'files');
  await mkdir(files);
  begun = [];
  processes = 0;
  isDeadly = () => false;
  previewer = new Previewer(startProcess);
});
afterEach(async () => {
  previewer[Symbol.dispose]();
  await folder[Symbol.asyncDispose]();
});

/** The real one, in a process of Node. */
function startProcess(): PreviewChild {
  processes += 1;
  const child = fork(host, [entry], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
  const names = new Map<number, string>();
  child.on('message', (message: FromPreviewer) => {
    if (message.kind !== 'begun') return;
    const name = names.get(message.id)!;
    begun.push(name);
    if (isDeadly(name, begun.filter((other) => other === name).length)) child.kill('SIGKILL');
  });
  return {
    postMessage: (message: ToPreviewer) => {
      names.set(message.id, 'source' in message.request ? basename(message.request.source) : '');
      child.send(message, () => undefined);
    },
    on: (event, listener) => child.on(event, listener),
    once: (event, listener) => child.once(event, listener),
    kill: () => child.kill(),
  };
}

/** Large enough that the process is killed before it is through with it. */
async function photo(name: string, sidePx = 6000): Promise<string> {
  const path = join(folder.path, name);
  await sharp({ create: { width: sidePx, height: sidePx, channels: 3, background: '#8a6' } })
    .png({ compressionLevel: 1 })
    .toFile(path);
  return path;
}

async function thumbnailOf(name: string, sidePx?: number): Promise<PreviewRequest> {
  return { kind: 'thumbnail', source: await photo(name, sidePx), target: join(files, `${name}.jpg`), sidePx: 100 };
}

it('fails what its process was working on when that ended, and makes the rest in another', async () => {
  isDeadly = (name) => name === 'deadly.png';
  const deadly = await thumbnailOf('deadly.png');
  const others = await Promise.all(Array.from({ length: 5 }, (_, n) => thumbnailOf(`${n}.png`, 50)));
  const [first, ...rest] = [previewer.make(deadly), ...others.map((request) => previewer.make(request))];
  expect(await first).toMatchObject({ ok: false, error: { code: 'previewer-ended' } });
  const made = await Promise.all(rest);
  // But for one that was worked on beside it, perhaps.
  expect(made.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(others.length - 1);
  expect(processes).toBe(2);
});

it('fails all where its process ends before it began with any, and starts no other until it is asked again', async () => {
  const request = await thumbnailOf('a.png', 50);
  using broken = new Previewer(() => {
    processes += 1;
    const child = fork(host, [join(folder.path, 'there is no such file')], { stdio: 'ignore', execArgv: [] });
    return {
      postMessage: () => undefined,
      on: (event, listener) => child.on(event, listener),
      once: (event, listener) => child.once(event, listener),
      kill: () => child.kill(),
    };
  });
  for (const result of await Promise.all([broken.make(request), broken.make(request)])) {
    expect(result).toMatchObject({ ok: false, error: { code: 'previewer-ended' } });
  }
  expect(processes).toBe(1);
});

it('ends with its process, and starts none afterwards', async () => {
  const making = previewer.make(await thumbnailOf('a.png'));
  const waiting = previewer.make(await thumbnailOf('b.png', 50));
  previewer[Symbol.dispose]();
  const late = previewer.make(await thumbnailOf('c.png', 50));
  for (const result of await Promise.all([making, waiting, late])) expect(result.ok).toBe(false);
  expect(processes).toBe(1);
});

it('tries a thumbnail again that the process ended under, which another picture may have done', async () => {
  isDeadly = (_, times) => times === 1;
  const book = new PictureBook(files, (request) => previewer.make(request));
  const token = book.addThumbnail(await photo('unlucky.png'));
  expect(await book.thumbnail(token)).toBeUndefined();
  const made = await book.thumbnail(token);
  expect(await sharp(made).metadata()).toMatchObject({ width: 132, height: 132 });
  expect(await book.thumbnail(token)).toBe(made);
  expect(begun).toHaveLength(2);
});

it('tries one no more that the process ended under twice', async () => {
  isDeadly = () => true;
  const book = new PictureBook(files, (request) => previewer.make(request));
  const token = book.addThumbnail(await photo('deadly.png'));
  for (let times = 0; times < 4; times += 1) expect(await book.thumbnail(token)).toBeUndefined();
  expect(begun).toHaveLength(2);
});

it('makes a thumbnail once its file can be read', async () => {
  const book = new PictureBook(files, (request) => previewer.make(request));
  const token = book.addThumbnail(join(folder.path, 'late.png'));
  for (let times = 0; times < 3; times += 1) expect(await book.thumbnail(token)).toBeUndefined();
  await photo('late.png', 50);
  expect(await book.thumbnail(token)).toBeDefined();
});
