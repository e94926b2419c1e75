/** What part of a picture is on show, in pixels of the source; zoom is CSS pixels a source pixel. */
export interface View {
  readonly centreX: number;
  readonly centreY: number;
  readonly zoom: number;
}

/** A width and a height in CSS pixels or in pixels of a picture. */
export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** A point in CSS pixels from the frame's top left, or in source pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How much space is left around a picture that fits. */
const marginPx = 24;

/** The view that shows all of a picture, never larger than its own pixels at `nativeZoom`. */
export function fitView(picture: Extent, frame: Extent, nativeZoom = 1): View {
  const zoom = Math.min(
    Math.max(1, frame.width - 2 * marginPx) / picture.width,
    Math.max(1, frame.height - 2 * marginPx) / picture.height,
    Math.max(nativeZoom, 1),
  );
  return { centreX: picture.width / 2, centreY: picture.height / 2, zoom };
}

/** Where a source pixel is in the frame. */
export function toFrame(point: Point, view: View, frame: Extent): Point {
  return {
    x: (point.x - view.centreX) * view.zoom + frame.width / 2,
    y: (point.y - view.centreY) * view.zoom + frame.height / 2,
  };
}

/** Which source pixel is at a point of the frame. */
export function toPicture(point: Point, view: View, frame: Extent): Point {
  return {
    x: (point.x - frame.width / 2) / view.zoom + view.centreX,
    y: (point.y - frame.height / 2) / view.zoom + view.centreY,
  };
}

/** Zooms so that what is under a point stays under it. */
export function zoomAt(view: View, frame: Extent, at: Point, zoom: number): View {
  const anchor = toPicture(at, view, frame);
  return {
    zoom,
    centreX: anchor.x - (at.x - frame.width / 2) / zoom,
    centreY: anchor.y - (at.y - frame.height / 2) / zoom,
  };
}

/** Moves the picture by CSS pixels. */
export function panBy(view: View, by: Point): View {
  return { ...view, centreX: view.centreX - by.x / view.zoom, centreY: view.centreY - by.y / view.zoom };
}

/** Keeps some of the picture in sight. */
export function holdInSight(view: View, picture: Extent): View {
  const hold = (value: number, size: number): number => Math.min(size, Math.max(0, value));
  return { ...view, centreX: hold(view.centreX, picture.width), centreY: hold(view.centreY, picture.height) };
}
