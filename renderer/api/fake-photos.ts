/** Draws landscapes that exist nowhere, so that the window has something to show without a disk behind it. */
export interface FakePhoto {
  readonly name: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly seed: number;
}

const places = ['harbour', 'ridge', 'meadow', 'lagoon', 'dunes', 'fjord', 'orchard', 'glacier', 'canyon', 'moor'];
const sizes = [
  [1600, 1067],
  [1280, 960],
  [1067, 1600],
  [2048, 1152],
] as const;

/** The photo with a number; the same number gives the same photo. */
export function fakePhoto(number: number): FakePhoto {
  const [widthPx, heightPx] = sizes[number % sizes.length]!;
  const place = places[(number * 7) % places.length] ?? 'place';
  return { name: `${place}-${String(number).padStart(4, '0')}.jpg`, widthPx, heightPx, seed: number };
}

/**
 * One tile of a photo, drawn at any enlargement.
 *
 * @param softness 0 for as sharp as the screen, more for a source that lacks detail
 */
export function drawFakeTile(
  photo: FakePhoto,
  tile: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
  outputPx: number,
  softness: number,
): string {
  const canvas = document.createElement('canvas');
  const perPixel = Math.max(tile.width, tile.height) / outputPx;
  canvas.width = Math.max(1, Math.round(tile.width / perPixel));
  canvas.height = Math.max(1, Math.round(tile.height / perPixel));
  const context = canvas.getContext('2d');
  if (context === null) return '';
  context.filter = softness > 0 ? `blur(${softness / perPixel}px)` : 'none';
  context.setTransform(1 / perPixel, 0, 0, 1 / perPixel, -tile.left / perPixel, -tile.top / perPixel);
  paint(context, photo);
  return canvas.toDataURL('image/jpeg', 0.9);
}

function paint(context: CanvasRenderingContext2D, { widthPx, heightPx, seed }: FakePhoto): void {
  const random = randomFrom(seed);
  const hue = Math.floor(random() * 360);
  const sky = context.createLinearGradient(0, 0, 0, heightPx);
  sky.addColorStop(0, `hsl(${hue} 45% 38%)`);
  sky.addColorStop(0.7, `hsl(${(hue + 30) % 360} 60% 82%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, widthPx, heightPx);
  context.fillStyle = `hsl(${(hue + 40) % 360} 90% 92%)`;
  context.beginPath();
  context.arc(widthPx * (0.2 + 0.6 * random()), heightPx * 0.35, widthPx * 0.04, 0, 2 * Math.PI);
  context.fill();
  for (let ridge = 0; ridge < 5; ridge += 1) {
    context.fillStyle = `hsl(${(hue + 190) % 360} ${18 + ridge * 5}% ${52 - ridge * 10}%)`;
    context.beginPath();
    context.moveTo(0, heightPx);
    const base = heightPx * (0.45 + ridge * 0.11);
    for (let x = 0; x <= widthPx; x += widthPx / 160) {
      const wave = Math.sin(x / (60 + 30 * ridge) + seed + ridge) * 18 + Math.sin(x / 17 + ridge * 3) * 6;
      context.lineTo(x, base - wave * (1.6 - ridge * 0.2) - random() * 9);
    }
    context.lineTo(widthPx, heightPx);
    context.fill();
  }
}

function randomFrom(seed: number): () => number {
  let state = seed * 2_654_435_761 + 12_345;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
