/** The files that were made of pictures, kept for a while: somebody who looks at one photo comes back to the last. */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreviewRequest } from './messages.ts';
import type { MakePreview } from './picture-book.ts';
import { newToken } from './token.ts';

/** What there is of one picture; each part is made when it is first asked for, and undefined where it cannot be. */
export interface PictureFiles {
  /** The coarsest tile, which is there long before the others. */
  readonly overview: () => Promise<string | undefined>;
  /** The folder of all tiles of all levels, made in one pass. */
  readonly tiles: () => Promise<string | undefined>;
  /** Nobody shows it any more. */
  readonly release: () => void;
}

interface Shelved extends Omit<PictureFiles, 'release'> {
  readonly base: string;
  users: number;
  broken: boolean;
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
    return { overview: shelved.overview, tiles: shelved.tiles, release };
  }

  #create(source: string): Shelved {
    const base = join(this.#folder, newToken());
    const once = (request: PreviewRequest, made: string): (() => Promise<string | undefined>) => {
      let answer: Promise<string | undefined> | undefined;
      return () =>
        (answer ??= this.#make(request).then((result) => {
          shelved.broken ||= !result.ok;
          return result.ok ? made : undefined;
        }));
    };
    const overview = `${base}-overview.jpg`;
    const shelved: Shelved = {
      base,
      users: 0,
      broken: false,
      overview: once({ kind: 'thumbnail', source, target: overview, sidePx: this.#tilePx }, overview),
      tiles: once({ kind: 'pyramid', source, target: base, tilePx: this.#tilePx }, `${base}_files`),
    };
    return shelved;
  }

  /** Removes what nobody shows: what could not be made at once, so that it is tried again, and the rest by age. */
  #tidy(): void {
    const unused = [...this.#pictures].filter(([, { users }]) => users === 0);
    const surplus = unused.length - mostUnused;
    for (const [index, [key, { base, broken }]] of unused.entries()) {
      if (index >= surplus && !broken) continue;
      this.#pictures.delete(key);
      for (const path of [`${base}_files`, `${base}.dzi`, `${base}-overview.jpg`]) {
        void rm(path, { recursive: true, force: true });
      }
    }
  }
}
