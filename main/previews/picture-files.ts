/** The files that were made of pictures, kept for a while: somebody who looks at one photo comes back to the last. */
import { access, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { PreviewRequest } from './messages.ts';
import type { MakePreview } from './picture-book.ts';
import { newToken } from './token.ts';

/** What there is of one picture; each part is made when it is first asked for, and undefined where it cannot be. */
export interface PictureFiles {
  /** The coarsest tile, which is there long before the others. */
  readonly overview: () => Promise<string | undefined>;
  /**
   * One tile of all of all levels, which are made in one pass; there as soon as its file is.
   *
   * @param name its path under the folder of levels
   */
  readonly tile: (name: string) => Promise<string | undefined>;
  /** Nobody shows it any more. */
  readonly release: () => void;
}

interface Shelved extends Omit<PictureFiles, 'release'> {
  readonly base: string;
  users: number;
  broken: boolean;
  /** What is being made, or was. */
  readonly work: Promise<unknown>[];
}

/** So many pictures that nobody shows are kept; a large one's tiles take a hundred megabytes. */
const mostUnused = 6;

/** Keeps pictures' files, the latest longest. */
export class PictureShelf {
  readonly #folder: string;
  readonly #make: MakePreview;
  readonly #tilePx: number;
  /** By source and when it changed, the one used last at the end. */
  readonly #pictures = new Map<string, Shelved>();

  /** @param folder an existing folder for files that may go at any time */
  constructor(folder: string, make: MakePreview, tilePx: number) {
    this.#folder = folder;
    this.#make = make;
    this.#tilePx = tilePx;
  }

  async open(source: string): Promise<PictureFiles> {
    const changedMs = await stat(source).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    const key = `${changedMs} ${source}`;
    const shelved = this.#pictures.get(key) ?? this.#create(source);
    this.#pictures.delete(key);
    this.#pictures.set(key, shelved);
    shelved.users += 1;
    const release = (): void => {
      shelved.users -= 1;
      this.#tidy();
    };
    return { overview: shelved.overview, tile: shelved.tile, release };
  }

  #create(source: string): Shelved {
    const base = join(this.#folder, newToken());
    const once = (request: PreviewRequest, made: string): (() => Promise<string | undefined>) => {
      let answer: Promise<string | undefined> | undefined;
      const start = async (): Promise<string | undefined> => {
        const result = await this.#make(request);
        shelved.broken ||= !result.ok;
        return result.ok ? made : undefined;
      };
      return () => {
        if (answer === undefined) shelved.work.push((answer = start()));
        return answer;
      };
    };
    const overview = `${base}-overview.jpg`;
    const all = once({ kind: 'pyramid', source, target: base, tilePx: this.#tilePx }, `${base}_files`);
    const shelved: Shelved = {
      base,
      users: 0,
      broken: false,
      work: [],
      overview: once({ kind: 'thumbnail', source, target: overview, sidePx: this.#tilePx }, overview),
      tile: (name) => whenThere(join(`${base}_files`, name), all()),
    };
    return shelved;
  }

  /** Removes what nobody shows: what could not be made at once, so that it is tried again, and the rest by age. */
  #tidy(): void {
    const unused = [...this.#pictures].filter(([, { users }]) => users === 0);
    const surplus = unused.length - mostUnused;
    for (const [index, [key, shelved]] of unused.entries()) {
      if (index >= surplus && !shelved.broken) continue;
      this.#pictures.delete(key);
      void remove(this.#folder, shelved);
    }
  }
}

/**
 * Removes a picture's files, those that are still being made once they are, and what a process left that ended while it
 * made them: all of them begin with the picture's own name, which nobody else's do.
 */
async function remove(folder: string, { base, work }: Shelved): Promise<void> {
  await Promise.allSettled(work);
  const names = await readdir(folder).catch(() => []);
  const own = names.filter((name) => name.startsWith(basename(base)));
  await Promise.allSettled(own.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

/** How often a tile that is being made is looked for. */
const lookMs = 80;

/** A file's path once it is there; it is complete from its first moment on. Undefined where `all` are and it is not. */
async function whenThere(path: string, all: Promise<string | undefined>): Promise<string | undefined> {
  const end = all.then(() => 'made' as const);
  for (;;) {
    if (await exists(path)) return path;
    if ((await Promise.race([end, setTimeout(lookMs)])) === 'made') break;
  }
  return (await exists(path)) ? path : undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
