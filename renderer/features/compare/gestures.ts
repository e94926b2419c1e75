import type { ViewerState } from '../../state/viewer.svelte.ts';
import { toPicture, type Point } from '../../lib/viewport.ts';

/** A pointer that moved less than this has clicked. */
const clickPx = 4;
const panStepPx = 60;
const zoomStep = 1.25;

/** Turns pointers, wheel and keys into moves of the viewer. */
export class ViewerGestures {
  readonly #viewer: ViewerState;
  #from: Point | null = null;
  #travelledPx = 0;

  constructor(viewer: ViewerState) {
    this.#viewer = viewer;
  }

  readonly wheel = (event: WheelEvent): void => {
    event.preventDefault();
    this.#viewer.zoomTo(this.#viewer.view.zoom * Math.exp(-event.deltaY / 400), this.#place(event));
  };

  readonly down = (event: PointerEvent): void => {
    if (event.button !== 0 || isControl(event.target)) return;
    this.#from = { x: event.clientX, y: event.clientY };
    this.#travelledPx = 0;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.#viewer.peeking = this.#viewer.mode === 'peek' && this.#hasResult();
  };

  readonly move = (event: PointerEvent): void => {
    if (this.#from === null) return;
    const by = { x: event.clientX - this.#from.x, y: event.clientY - this.#from.y };
    this.#from = { x: event.clientX, y: event.clientY };
    this.#travelledPx += Math.abs(by.x) + Math.abs(by.y);
    if (this.#travelledPx >= clickPx) this.#viewer.pan(by);
  };

  readonly up = (event: PointerEvent): void => {
    const clicked = this.#from !== null && this.#travelledPx < clickPx;
    this.cancel();
    if (clicked && !this.#hasResult()) void this.#tryAt(this.#place(event));
  };

  readonly cancel = (): void => {
    this.#from = null;
    this.#viewer.peeking = false;
  };

  readonly doubleClick = (event: MouseEvent): void => {
    if (isControl(event.target) || !this.#hasResult()) return;
    if (this.#viewer.fits) this.#viewer.actualSize('result', this.#place(event));
    else this.#viewer.fit();
  };

  readonly keydown = (event: KeyboardEvent): void => {
    if (isControl(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const viewer = this.#viewer;
    const actions: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => {
        viewer.pan({ x: panStepPx, y: 0 });
      },
      ArrowRight: () => {
        viewer.pan({ x: -panStepPx, y: 0 });
      },
      ArrowUp: () => {
        viewer.pan({ x: 0, y: panStepPx });
      },
      ArrowDown: () => {
        viewer.pan({ x: 0, y: -panStepPx });
      },
      '+': () => {
        viewer.zoomTo(viewer.view.zoom * zoomStep);
      },
      '=': () => {
        viewer.zoomTo(viewer.view.zoom * zoomStep);
      },
      '-': () => {
        viewer.zoomTo(viewer.view.zoom / zoomStep);
      },
      '0': () => {
        viewer.fit();
      },
      '1': () => {
        viewer.actualSize('result');
      },
      '2': () => {
        viewer.actualSize('photo');
      },
      b: () => {
        viewer.peeking = true;
      },
      Enter: () => {
        if (!this.#hasResult()) void this.#tryAt({ x: viewer.frame.width / 2, y: viewer.frame.height / 2 });
      },
      Escape: () => {
        viewer.dropTrial();
      },
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };

  readonly keyup = (event: KeyboardEvent): void => {
    if (event.key === 'b') this.#viewer.peeking = false;
  };

  async #tryAt(place: Point): Promise<void> {
    const { view, frame, picture } = this.#viewer;
    const point = toPicture(place, view, frame);
    if (picture === null || point.x < 0 || point.y < 0 || point.x > picture.width || point.y > picture.height) return;
    await this.#viewer.tryAt(point);
  }

  #hasResult(): boolean {
    return this.#viewer.content.kind === 'ready' && this.#viewer.content.after !== null;
  }

  /** A pointer's place in the pane that it is over. */
  #place(event: MouseEvent): Point {
    const bounds = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const x = event.clientX - bounds.left;
    const half = bounds.width / 2;
    const right = this.#viewer.mode === 'side' && this.#hasResult() && x > half;
    return { x: right ? x - half : x, y: event.clientY - bounds.top };
  }
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, input, [role="slider"]') !== null;
}
