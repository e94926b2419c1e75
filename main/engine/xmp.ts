/** XMP (ISO 16684-1): what programs say of a photo in XML, as libvips hands it on byte for byte. */

/** What names of TIFF's tags are bound to, mostly as `tiff:`. */
const BOUND_TO_TIFF = /xmlns:([\w-]+)\s*=\s*["']http:\/\/ns\.adobe\.com\/tiff\/1\.0\/["']/gu;

/**
 * Says of a photo that it stands upright (tiff:Orientation 1), where its XMP says anything of it.
 *
 * @param xmp its bytes as Latin-1; so they stay, but for that number
 */
export function uprightXmp(xmp: string): string {
  const prefixes = [...xmp.matchAll(BOUND_TO_TIFF)].map(([, prefix]) => prefix!);
  if (prefixes.length === 0) return xmp;
  const name = `(?:${prefixes.join('|')}):Orientation`;
  // An attribute, or an element of its own.
  const orientation = new RegExp(`(\\s${name}\\s*=\\s*["']\\s*|<${name}\\s*>\\s*)\\d+`, 'gu');
  return xmp.replaceAll(orientation, (_, before: string) => `${before}1`);
}
