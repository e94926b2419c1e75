/** Keeps the pictures' tiles that were lately on show; the oldest go first. */
export class TileStore {
  readonly #images = new Map<string, HTMLImageElement>();
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

  /** A tile if it is there; otherwise it is sent for, unless `fetch` is false. */
  get(url: string, fetch = true): HTMLImageElement | undefined {
    const known = this.#images.get(url);
    if (known !== undefined) {
      this.#images.delete(url);
      this.#images.set(url, known);
      return known.complete && known.naturalWidth > 0 ? known : undefined;
    }
    if (fetch) this.#load(url);
    return undefined;
  }

  clear(): void {
    for (const image of this.#images.values()) image.onload = null;
    this.#images.clear();
  }

  #load(url: string): void {
    const image = new Image();
    image.decoding = 'async';
    image.onload = this.#loaded;
    // A tile that failed is asked for again when it next comes into sight.
    image.onerror = () => this.#images.delete(url);
    image.src = url;
    this.#images.set(url, image);
    for (const oldest of this.#images.keys()) {
      if (this.#images.size <= this.#limit) break;
      this.#images.delete(oldest);
    }
  }
}
