/** Keeps the pictures' tiles that were lately on show; the oldest go first. */
export class TileStore {
  readonly #images = new Map<string, HTMLImageElement>();
  /** Which picture each is of. */
  readonly #groups = new Map<string, string>();
  readonly #limit: number;
  readonly #loaded: () => void;

  /**
   * @param limit how many tiles to keep; a tile of 512² takes 1 MB once decoded
   * @param loaded called when a tile that was asked for is there
   */
  constructor(limit: number, loaded: () => void) {
    this.#limit = limit;
    this.#loaded = loaded;
  }

  /**
   * A tile if it is there; otherwise it is sent for, unless `fetch` is false.
   *
   * @param group names the picture that it is of
   */
  get(url: string, group: string, fetch = true): HTMLImageElement | undefined {
    const known = this.#images.get(url);
    if (known !== undefined) {
      this.#images.delete(url);
      this.#images.set(url, known);
      return known.complete && known.naturalWidth > 0 ? known : undefined;
    }
    if (fetch) {
      this.#groups.set(url, group);
      this.#load(url);
    }
    return undefined;
  }

  /** Lets go of all pictures but these: a photo that is left, a spot that was tried before. */
  retain(groups: ReadonlySet<string>): void {
    for (const [url, group] of this.#groups) if (!groups.has(group)) this.#drop(url);
  }

  clear(): void {
    this.retain(new Set());
  }

  #drop(url: string): void {
    const image = this.#images.get(url);
    if (image !== undefined) image.onload = image.onerror = null;
    this.#images.delete(url);
    this.#groups.delete(url);
  }

  #load(url: string): void {
    const image = new Image();
    image.decoding = 'async';
    image.onload = this.#loaded;
    // A tile that failed is asked for again when it next comes into sight.
    image.onerror = () => {
      this.#drop(url);
    };
    image.src = url;
    this.#images.set(url, image);
    for (const oldest of this.#images.keys()) {
      if (this.#images.size <= this.#limit) break;
      this.#drop(oldest);
    }
  }
}
