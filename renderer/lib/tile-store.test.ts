import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Picture } from '../../preload/contract/dto.ts';
import { drawLayers } from './draw-picture.ts';
import { TileStore } from './tile-store.ts';

let sent: string[] = [];

class FakeImage {
  complete = true;
  naturalWidth = 512;

  set src(url: string) {
    sent.push(url);
  }
}

beforeEach(() => {
  sent = [];
  vi.stubGlobal('Image', FakeImage);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the tiles', () => {
  const urls = (count: number): string[] => Array.from({ length: count }, (_, index) => `one/${index}`);
  const storeOf = (limit: number): TileStore => new TileStore(limit, () => undefined);
  const frame = (store: TileStore, tiles: readonly string[]): void => {
    store.frame(() => {
      for (const url of tiles) store.get(url, url.slice(0, 3));
    });
  };

  it('of a picture that is left are let go of, and those on show stay', () => {
    const store = storeOf(10);
    frame(store, ['one/0', 'one/1', 'two/0']);
    const kept = store.get('two/0', 'two');
    store.retain(new Set(['two']));
    expect(store.get('two/0', 'two', false)).toBe(kept);
    expect(store.get('one/0', 'one', false)).toBeUndefined();
  });

  it('that were on show longest ago go first', () => {
    const store = storeOf(10);
    for (const url of urls(20)) frame(store, [url]);
    expect(store.get('one/9', 'one', false)).toBeUndefined();
    expect(store.get('one/10', 'one', false)).toBeDefined();
  });

  it('that one frame needs are sent for once, be they more than are kept', () => {
    const store = storeOf(10);
    for (let times = 0; times < 3; times += 1) frame(store, urls(16));
    expect(sent).toEqual(urls(16));
    // They go once a smaller part is on show.
    frame(store, ['two/0']);
    frame(store, urls(16));
    expect(sent.length).toBe(16 + 1 + (16 - 9));
  });
});

describe('a draw', () => {
  const picture: Picture = { token: 'one', widthPx: 60_000, heightPx: 40_000, tilePx: 512, levels: 8 };
  const at = { left: 0, top: 0, right: picture.widthPx, bottom: picture.heightPx };
  const context = { clearRect: () => undefined, drawImage: () => undefined } as unknown as CanvasRenderingContext2D;

  /** The levels of the tiles that one draw sends for, on a stage of so many pixels of the screen. */
  function levelsSent(width: number, height: number, zoom: number): ReadonlyMap<number, number> {
    const store = new TileStore(96, () => undefined);
    const view = { centreX: 20_000, centreY: 20_000, zoom };
    const scene = { layers: [{ picture, at, underlays: [] }], view, frame: { width, height }, finest: 1, ratio: 1 };
    const draw = (): void => {
      store.frame(() => {
        drawLayers(context, scene, {
          tile: (_, { level, column, row }, fetch) => store.get(`${level}/${column}/${row}`, 'one', fetch),
          underlay: () => undefined,
        });
      });
    };
    draw();
    const first = sent.length;
    draw();
    // Whatever the stage, a second draw has all that it needs.
    expect(sent.length).toBe(first);
    return new Map([...Map.groupBy(sent, (url) => Number(url[0]))].map(([level, tiles]) => [level, tiles.length]));
  }

  it('on a 4K screen is sharp at the zoom that needs most', () => {
    expect(levelsSent(3840, 2160, 0.51).get(0)).toBeGreaterThan(100);
  });

  it('on an 8K screen takes the next level, which is as sharp there, before it takes all the memory', () => {
    const levels = levelsSent(7680, 4320, 0.51);
    expect(levels.has(0)).toBe(false);
    expect(levels.get(1)).toBeGreaterThan(100);
    expect(levels.get(1)).toBeLessThan(256);
  });
});
