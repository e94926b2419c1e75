/** Keeps the pictures' tiles that were lately on show; the oldest go first, those of the last frame never. */
export class TileStore {
  readonly #images = new Map<string, HTMLImageElement>();
  /** Which picture each is of. */
  readonly #groups = new Map<string, string>();
  /** What the frame that is drawn asked for so far. */
  readonly #asked = new Set<string>();
  readonly #limit: number;
  readonly #loaded: () => void;

  /**
   * @param limit how many tiles to keep where a frame needs fewer; a tile of 512² takes 1 MB once decoded
   * @param loaded called when a tile that was asked for is there
   */
  constructor(limit: number, loaded: () => void) {
    this.#limit = limit;
    this.#loaded = loaded;
  }

  /**
   * Draws one frame. All that it asks for stays, be it more than the limit: a tile that were let go of would be sent for
   * by the next frame, which would let go of another, without end.
   */
  frame(draw: () => void): void {
    this.#asked.clear();
    draw();
    const kept = Math.max(this.#limit, this.#asked.size);
    // What was asked for last stands last, so the frame's own are never among the oldest.
    for (const oldest of this.#images.keys()) {
      if (this.#images.size <= kept) break;
      this.#drop(oldest);
    }
  }

  /**
   * A tile if it is there; otherwise it is sent for, unless `fetch` is false.
   *
   * @param group names the picture that it is of
   */
  get(url: string, group: string, fetch = true): HTMLImageElement | undefined {
    const known = this.#images.get(url);
    if (known !== undefined || fetch) this.#asked.add(url);
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
  }
}
