/** What the journal of the window's list holds: a line a change, from which the list follows again. Pure. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { overridesSchema } from '../../preload/contract/schemas.ts';
import { assertNever } from '../engine/errors.ts';
import { withMoved } from './photo-list.ts';

const place = z
  .string()
  .max(32_767)
  .refine((text) => isAbsolute(text) && !text.includes('\0'));
const pixels = z.int().min(1);

const photo = z.object({
  path: place,
  realPath: place,
  root: place,
  relativeFolder: z.string(),
  bytes: z.number(),
  // What another version of the app knew to differ costs the photo its own settings, and not its place.
  overrides: overridesSchema.nullable().catch(null),
});

/** How a photo that needs no more work came out. */
const end = z.object({
  state: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('done'), path: place, bytes: z.number(), tookMs: z.number() }),
    z.object({ kind: z.literal('skipped'), path: z.string() }),
  ]),
  result: z.object({ widthPx: pixels, heightPx: pixels }).nullable(),
  model: z.string(),
});

const change = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('added'), photo }),
  z.object({ kind: z.literal('removed'), paths: z.array(z.string()) }),
  z.object({ kind: z.literal('overridden'), path: z.string(), overrides: photo.shape.overrides }),
  z.object({ kind: z.literal('ended'), path: z.string(), end }),
  z.object({ kind: z.literal('reopened'), path: z.string() }),
  z.object({ kind: z.literal('moved'), paths: z.array(z.string()), before: z.string().nullable() }),
]);

/** A photo of the list and what differs for it; `end` is null while it is to be enhanced. */
export type JournalPhoto = Readonly<z.infer<typeof photo>> & { readonly end: JournalEnd | null };
type JournalEnd = Readonly<z.infer<typeof end>>;
/** One line. */
export type JournalChange = Readonly<z.infer<typeof change>>;

/** The first line: what the file is, and how the others are to be read. */
const head = { tessera: 'list', version: 1 } as const;
const headSchema = z.object({ tessera: z.literal(head.tessera), version: z.literal(head.version) });

export function lineOf(written: JournalChange | typeof head): string {
  return `${JSON.stringify(written)}\n`;
}

/** A journal of these photos, with nothing of how they came to be as they are. */
export function journalOf(photos: readonly JournalPhoto[]): string {
  const lines = photos.flatMap(({ end: ended, ...added }) => [
    lineOf({ kind: 'added', photo: added }),
    ...(ended === null ? [] : [lineOf({ kind: 'ended', path: added.path, end: ended })]),
  ]);
  return lineOf(head) + lines.join('');
}

/**
 * The list as it was when the last line was written. A line that cannot be read, as the last one after a crash may be, is
 * passed over.
 *
 * @returns undefined for what is no journal, or one of another version
 */
export function replay(text: string): readonly JournalPhoto[] | undefined {
  const [first, ...lines] = text.split('\n').map(parsed);
  if (!headSchema.safeParse(first).success) return undefined;
  const photos = new Map<string, JournalPhoto>();
  let order: string[] = [];
  const alter = (path: string, differing: Partial<JournalPhoto>): void => {
    const known = photos.get(path);
    if (known !== undefined) photos.set(path, { ...known, ...differing });
  };
  for (const line of lines) {
    const { data } = change.safeParse(line);
    if (data === undefined) continue;
    switch (data.kind) {
      case 'added':
        if (!photos.has(data.photo.path)) order.push(data.photo.path);
        photos.set(data.photo.path, { ...data.photo, end: null });
        break;
      case 'removed':
        for (const path of data.paths) photos.delete(path);
        order = order.filter((path) => photos.has(path));
        break;
      case 'overridden':
        alter(data.path, { overrides: data.overrides });
        break;
      case 'ended':
        alter(data.path, { end: data.end });
        break;
      case 'reopened':
        alter(data.path, { end: null });
        break;
      case 'moved':
        order = moved(order, new Set(data.paths), data.before);
        break;
      default:
        assertNever(data);
    }
  }
  return order.map((path) => photos.get(path)!);
}

function moved(order: readonly string[], moving: ReadonlySet<string>, before: string | null): string[] {
  return withMoved(
    order,
    (path) => moving.has(path),
    (path) => path === before,
  );
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
