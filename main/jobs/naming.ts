/** Where results go and what they are called. Pure: paths are text here. */
import { posix, win32 } from 'node:path';
import type { Failure, Result } from '../engine/errors.ts';
import { failure, success } from '../engine/errors.ts';
import type { Size } from '../engine/geometry.ts';
import type { OutputFormat } from '../engine/ports.ts';
import { parseTemplate } from '../settings/template.ts';
import type { TemplateField, TemplatePart } from '../settings/template.ts';
import { decimals } from './target.ts';

/** What is known of a photo when its result is named. */
export interface NamingFacts extends Size {
  /** Absolute path of the photo. */
  readonly source: string;
  /** The folder below the scanned root that holds the photo; empty for the root itself. */
  readonly relativeFolder: string;
  readonly format: OutputFormat;
  /** Result ÷ source. */
  readonly factor: number;
  readonly modelId: string;
  /** The photo's place in the batch, from 1. */
  readonly index: number;
}

export interface NamerOptions {
  /** Absolute; where links may be on the way, resolve them first. */
  readonly outFolder: string;
  readonly template: string;
  /** Every photo of the batch; no result ever takes the place of one. */
  readonly sources: SourcePaths;
  /** Whose path rules hold; this system's where left out. */
  readonly platform?: NodeJS.Platform;
}

/** The photos of a batch, to be looked up by path. */
export interface SourcePaths {
  readonly count: number;
  /** Whether a path, absolute, may be one of them by the rules of any system; see `pathKey`. */
  has(path: string): boolean;
}

/**
 * Makes the paths of a batch's photos ready to be looked up. It takes some milliseconds for ten thousand: once a batch,
 * not once a photo.
 *
 * @param paths absolute; the photos' own and those behind links
 */
export function sourcePaths(paths: readonly string[], count = paths.length, platform = process.platform): SourcePaths {
  const path = pathOf(platform);
  const keyOf = (each: string): string => pathKey(path.resolve(each));
  const keys = new Set(paths.map(keyOf));
  return { count, has: (each) => keys.has(keyOf(each)) };
}

function pathOf(platform: NodeJS.Platform): typeof posix {
  return platform === 'win32' ? win32 : posix;
}

/** Names the results of one batch. */
export interface Namer {
  /**
   * The absolute path of a photo's result, which no other photo of the batch gets. Ask in the batch's order: of photos
   * that would share a name the first has it, others get their extension or a number added.
   *
   * @returns the path, or an `output-is-source` failure where it is the path of a photo
   */
  claim(facts: NamingFacts): Result<string, Failure<'output-is-source'>>;
  /** Whether a path is one of a photo of the batch; for a path whose links were resolved after it was claimed. */
  isPhoto(path: string): boolean;
}

/** Bytes of the longest name: what file systems allow (255), less room for the ending of a temporary name. */
const longestNameBytes = 200;

/**
 * Prepares the naming of a batch.
 *
 * @returns the namer, or a `template-invalid` failure
 */
export function createNamer(options: NamerOptions): Result<Namer> {
  const { outFolder, template, sources, platform = process.platform } = options;
  const parsed = parseTemplate(template);
  if (!parsed.ok) return parsed;
  const path = pathOf(platform);
  const digits = String(sources.count).length;
  const taken = new Set<string>();
  const claim: Namer['claim'] = (facts) => {
    const folder = path.join(path.resolve(outFolder), ...safeFolders(facts.relativeFolder, path.sep));
    const values = valuesOf(facts, path, digits);
    const stem = stemOf(parsed.value, values);
    for (const addition of additions(path.extname(facts.source).slice(1))) {
      const result = path.join(folder, safeName(stem, addition, values.ext));
      const key = pathKey(result);
      if (sources.has(result)) return outputIsSource(result);
      if (taken.has(key)) continue;
      taken.add(key);
      return success(result);
    }
    throw new Error('additions never end');
  };
  return success({ claim, isPhoto: (other) => sources.has(other) });
}

/** The extension of a format; a photo's own spelling is kept where it means the same (`jpeg`, `tiff`). */
export function extensionOf(format: OutputFormat, source: string): string {
  const spellings = extensions[format];
  const own = /\.([^./\\]+)$/.exec(source)?.[1]?.toLowerCase() ?? '';
  return spellings.find((spelling) => spelling === own) ?? spellings[0];
}

const extensions: Readonly<Record<OutputFormat, readonly [string, ...string[]]>> = {
  jpeg: ['jpg', 'jpeg'],
  png: ['png'],
  webp: ['webp'],
  tiff: ['tif', 'tiff'],
  avif: ['avif'],
};

function valuesOf(facts: NamingFacts, path: typeof posix, digits: number): Readonly<Record<TemplateField, string>> {
  return {
    name: path.parse(facts.source).name,
    ext: extensionOf(facts.format, facts.source),
    scale: decimals(facts.factor),
    width: String(facts.widthPx),
    height: String(facts.heightPx),
    model: facts.modelId,
    index: String(facts.index).padStart(digits, '0'),
    parent: path.basename(path.dirname(facts.source)),
  };
}

/** The name without its extension. A name that is too long loses the end of `{name}`, not what the template adds. */
function stemOf(parts: readonly TemplatePart[], values: Readonly<Record<TemplateField, string>>): string {
  const render = (name: string): string => parts.map((part) => textOf(part, { ...values, name })).join('');
  const tooMany = Buffer.byteLength(render(values.name)) - longestNameBytes;
  const name = tooMany <= 0 ? values.name : cut(values.name, Buffer.byteLength(values.name) - tooMany);
  return render(name).slice(0, -(values.ext.length + 1));
}

function textOf(part: TemplatePart, values: Readonly<Record<TemplateField, string>>): string {
  return part.kind === 'text' ? part.text : values[part.field];
}

/** What to add to names that collide: nothing, the source's extension, then numbers. */
function* additions(sourceExtension: string): Generator<string> {
  yield '';
  if (sourceExtension !== '') yield ` (${sourceExtension.toLowerCase()})`;
  for (let number = 2; ; number++) yield ` (${number})`;
}

/** The folders of a relative path, made safe; nothing in it leads upwards. */
function safeFolders(relativeFolder: string, separator: string): readonly string[] {
  return relativeFolder
    .split(separator === '\\' ? /[\\/]/ : '/')
    .filter((name) => name !== '' && name !== '.' && name !== '..')
    .map((name) => safePart(cut(name, longestNameBytes)));
}

function safeName(stem: string, addition: string, extension: string): string {
  const ending = `${addition}.${extension}`;
  const room = longestNameBytes - Buffer.byteLength(ending);
  return safePart(`${cut(stem, room)}${ending}`);
}

const forbidden = /[<>:"/\\|?*\p{Cc}]/gu;
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;

/** One name that every system takes: Windows is the strictest about characters, ends and reserved names. */
function safePart(name: string): string {
  const plain = name.replace(forbidden, '_').replace(/[. ]+$/, (end) => '_'.repeat(end.length));
  return plain.replace(reserved, '$1_');
}

/** The first characters of a text that fit into so many bytes; no character is cut in two. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += Buffer.byteLength(segment);
    if (used > bytes) break;
    kept += segment;
  }
  return kept;
}

/** Two paths with one key may be one file: some systems ignore case, some the way accents are composed. */
export function pathKey(path: string): string {
  return path.normalize('NFC').toLowerCase().normalize('NFC');
}

/** What becomes of a photo whose result would take a photo's place. */
export function outputIsSource(result: string): Result<never, Failure<'output-is-source'>> {
  return failure(
    'output-is-source',
    'The result would take the place of a photo. Choose another folder, or a name with something added, such as ' +
      '{name}-x{scale}.{ext}.',
    { path: result },
  );
}
