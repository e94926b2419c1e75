/** Pictures that the window may see, by tokens that cannot be guessed. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Picture, PixelSize } from '../../preload/contract/dto.ts';
import { success, type Result } from '../engine/errors.ts';
import type { PreviewRequest, Rectangle } from './messages.ts';
import { PictureShelf } from './picture-files.ts';
import { newToken } from './token.ts';

/** Makes the files of a picture. */
export type MakePreview = (request: PreviewRequest) => Promise<Result<void>>;

/** What a tile's address names. */
export interface TileAddress {
  readonly level: number;
  readonly column: number;
  readonly row: number;
}

/** A result as the workers wrote it: uncompressed, in bands from top to bottom. */
export interface ResultBands {
  readonly bands: readonly string[];
  /** Samples a pixel, alpha included. */
  readonly channels: number;
}

interface Page {
  readonly picture: Picture;
  readonly overview: () => Promise<string | undefined>;
  readonly tile: (address: TileAddress) => Promise<string | undefined>;
  readonly close: () => void;
}

const tilePx = 512;
const thumbnailPx = 132;
/** Once, and it may have been another picture that ended the process. */
const mostEnds = 2;

/** Gives out tokens and finds the files behind them. */
export class PictureBook {
  readonly #folder: string;
  readonly #make: MakePreview;
  readonly #shelf: PictureShelf;
  readonly #pages = new Map<string, Page>();
  readonly #thumbnails = new Map<string, () => Promise<string | undefined>>();

  /** @param folder an existing folder for files that may go at any time */
  constructor(folder: string, make: MakePreview) {
    this.#folder = folder;
    this.#make = make;
    this.#shelf = new PictureShelf(folder, make, tilePx);
  }

  /** A token for a thumbnail, which is made when it is first asked for. */
  addThumbnail(source: string): string {
    const token = newToken();
    const target = join(this.#folder, `${token}.jpg`);
    let made: Promise<string | undefined> | undefined;
    let ends = 0;
    const make = async (): Promise<string | undefined> => {
      const result = await this.#make({ kind: 'thumbnail', source, target, sidePx: thumbnailPx });
      if (result.ok) return target;
      if (result.error.code === 'previewer-ended') ends += 1;
      // Forgotten, so that it is tried again; but for what would end the process, and others' work in it, each time.
      if (ends < mostEnds) made = undefined;
      return undefined;
    };
    this.#thumbnails.set(token, () => (made ??= make()));
    return token;
  }

  dropThumbnail(token: string): void {
    this.#thumbnails.delete(token);
    void rm(join(this.#folder, `${token}.jpg`), { force: true });
  }

  /** Opens a picture file for zooming; its tiles are made in one pass when the first fine one is asked for. */
  async addPicture(source: string, size: PixelSize): Promise<Picture> {
    const files = await this.#shelf.open(source);
    const token = newToken();
    const longest = Math.max(size.widthPx, size.heightPx);
    const levels = 1 + Math.max(0, Math.ceil(Math.log2(longest / tilePx)));
    const picture: Picture = { token, ...size, tilePx, levels };
    const tile = ({ level, column, row }: TileAddress): Promise<string | undefined> =>
      files.tile(join(String(levels - 1 - level), `${column}_${row}.jpeg`));
    this.#pages.set(token, { picture, overview: files.overview, tile, close: files.release });
    return picture;
  }

  /**
   * Opens a part of a result, lossless, as one tile. Its file is made at once: somebody waits for it.
   *
   * @returns the picture, when it can be shown
   */
  async addPart(result: ResultBands, part: Rectangle): Promise<Result<Picture>> {
    const token = newToken();
    const target = join(this.#folder, `${token}.png`);
    const made = await this.#make({ kind: 'show', ...result, target, part });
    if (!made.ok) return made;
    const longest = Math.max(part.width, part.height);
    const picture = { token, widthPx: part.width, heightPx: part.height, tilePx: longest, levels: 1 };
    const whole = (): Promise<string> => Promise.resolve(target);
    const close = (): void => void rm(target, { force: true });
    this.#pages.set(token, { picture, overview: whole, tile: whole, close });
    return success(picture);
  }

  close(token: string): void {
    this.#pages.get(token)?.close();
    this.#pages.delete(token);
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
}
