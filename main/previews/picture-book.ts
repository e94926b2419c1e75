/** Pictures that the window may see, by tokens that cannot be guessed. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Picture, PixelSize } from '../../preload/contract/dto.ts';
import type { Result } from '../engine/errors.ts';
import type { PreviewRequest, Rectangle } from './messages.ts';

/** Makes the files of a picture. */
export type MakePreview = (request: PreviewRequest) => Promise<Result<void>>;

/** What a tile's address names. */
export interface TileAddress {
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

interface Page {
  readonly picture: Picture;
  /** The coarsest tile, which is there long before the others. */
  readonly overview: () => Promise<string | undefined>;
  readonly tile: (address: TileAddress) => Promise<string | undefined>;
}

const tilePx = 512;
const thumbnailPx = 132;

/** Gives out tokens and finds the files behind them. */
export class PictureBook {
  readonly #folder: string;
  readonly #make: MakePreview;
  readonly #pages = new Map<string, Page>();
  readonly #thumbnails = new Map<string, () => Promise<string | undefined>>();

  /** @param folder an existing folder for files that may go at any time */
  constructor(folder: string, make: MakePreview) {
    this.#folder = folder;
    this.#make = make;
  }

  /** A token for a thumbnail, which is made when it is first asked for. */
  addThumbnail(source: string): string {
    const token = newToken();
    const target = join(this.#folder, `${token}.jpg`);
    this.#thumbnails.set(token, this.#once({ kind: 'thumbnail', source, target, sidePx: thumbnailPx }));
    return token;
  }

  dropThumbnail(token: string): void {
    this.#thumbnails.delete(token);
    void rm(join(this.#folder, `${token}.jpg`), { force: true });
  }

  /** Opens a picture file for zooming; its tiles are made in one pass when the first fine one is asked for. */
  addPicture(source: string, size: PixelSize): Picture {
    const token = newToken();
    const longest = Math.max(size.widthPx, size.heightPx);
    const levels = 1 + Math.max(0, Math.ceil(Math.log2(longest / tilePx)));
    const picture: Picture = { token, ...size, tilePx, levels };
    const base = join(this.#folder, token);
    const pyramid = this.#once({ kind: 'pyramid', source, target: base, tilePx });
    const overview = this.#once({ kind: 'thumbnail', source, target: `${base}-overview.jpg`, sidePx: tilePx });
    const tile = async ({ level, column, row }: TileAddress): Promise<string | undefined> => {
      if ((await pyramid()) === undefined) return undefined;
      return join(`${base}_files`, String(levels - 1 - level), `${column}_${row}.jpeg`);
    };
    this.#pages.set(token, { picture, overview, tile });
    return picture;
  }

  /** Opens a small part of a picture file, lossless, as one tile. */
  addPart(source: string, part: Rectangle): Picture {
    const token = newToken();
    const longest = Math.max(part.width, part.height);
    const picture = { token, widthPx: part.width, heightPx: part.height, tilePx: longest, levels: 1 };
    const whole = this.#once({ kind: 'show', source, target: join(this.#folder, `${token}.png`), part });
    this.#pages.set(token, { picture, overview: whole, tile: whole });
    return picture;
  }

  close(token: string): void {
    if (!this.#pages.delete(token)) return;
    const base = join(this.#folder, token);
    for (const path of [`${base}_files`, `${base}.dzi`, `${base}-overview.jpg`, `${base}.png`]) {
      void rm(path, { recursive: true, force: true });
    }
  }

  /** The file of a thumbnail, or undefined for an unknown token or a photo that cannot be shown. */
  async thumbnail(token: string): Promise<string | undefined> {
    return this.#thumbnails.get(token)?.();
  }

  /** The file of a tile. */
  async tile(token: string, address: TileAddress): Promise<string | undefined> {
    const page = this.#pages.get(token);
    if (page === undefined || address.level >= page.picture.levels) return undefined;
    return address.level === page.picture.levels - 1 ? page.overview() : page.tile(address);
  }

  #once(request: PreviewRequest): () => Promise<string | undefined> {
    let made: Promise<string | undefined> | undefined;
    return () => (made ??= this.#make(request).then((result) => (result.ok ? request.target : undefined)));
  }
}

function newToken(): string {
  return randomBytes(18).toString('base64url');
}
