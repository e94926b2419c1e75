import type { PixelSize } from '../../preload/contract/dto.ts';

const counts = new Intl.NumberFormat('en');
const oneDecimal = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const upToTwoDecimals = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** 12345 as 12,345. */
export function formatCount(value: number): string {
  return counts.format(value);
}

/** `1 photo`, `2 photos`. */
export function formatPhotos(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'photo' : 'photos'}`;
}

const byteUnits = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** Bytes in powers of 1024 with at most one decimal. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < byteUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const text = value >= 100 || unit === 0 ? counts.format(Math.round(value)) : oneDecimal.format(value);
  return `${text} ${byteUnits[unit] ?? ''}`;
}

/** A duration as a person would say it: `under a second`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 1) return 'under a second';
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  // Seconds that flicker behind a long wait are noise.
  if (minutes < 10 && seconds % 60 !== 0) return `${minutes} min ${seconds % 60} s`;
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A short wait to the tenth of a second, a long one as any duration. */
export function formatMoment(milliseconds: number): string {
  return milliseconds < 9_950 ? `${(Math.max(100, milliseconds) / 1000).toFixed(1)} s` : formatDuration(milliseconds);
}

/** A fraction as whole per cent; only what is finished is 100. */
export function formatPercent(fraction: number): string {
  return `${fraction >= 1 ? 100 : Math.min(99, Math.floor(fraction * 100))} %`;
}

/** 1920 × 1280. */
export function formatPixels(size: PixelSize): string {
  return `${size.widthPx} × ${size.heightPx}`;
}

/** Megapixels of a size. */
export function formatMegapixels(size: PixelSize): string {
  const megapixels = (size.widthPx * size.heightPx) / 1e6;
  return `${megapixels < 10 ? upToTwoDecimals.format(megapixels) : counts.format(Math.round(megapixels))} MP`;
}

/** The last part of a path, on any system. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** A path without its last part. */
export function folderOf(path: string): string {
  const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return cut <= 0 ? path.slice(0, cut + 1) : path.slice(0, cut);
}
