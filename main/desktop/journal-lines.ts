/** What the journal of the window's list holds: a line a change, from which the list follows again. Pure. */
import { z } from 'zod';
import { overridesSchema } from '../../preload/contract/schemas.ts';
import { withMoved } from './photo-list.ts';

const photo = z.object({
  path: z.string().min(1),
  realPath: z.string().min(1),
  root: z.string(),
  relativeFolder: z.string(),
  bytes: z.number(),
  overrides: overridesSchema.nullable(),
});

const change = z.union([
  z.object({ waits: photo }),
  z.object({ gone: z.string() }),
  z.object({ path: z.string(), overrides: overridesSchema.nullable() }),
  z.object({ moved: z.array(z.string()), before: z.string().nullable() }),
]);

/** A photo that waits, and what differs for it. */
export type JournalPhoto = Readonly<z.infer<typeof photo>>;
/** One line. */
export type JournalChange = Readonly<z.infer<typeof change>>;

/** The first line: what the file is, and how the others are to be read. */
const head = { tessera: 'list', version: 1 } as const;
const headSchema = z.object({ tessera: z.literal(head.tessera), version: z.literal(head.version) });

export function lineOf(written: JournalChange | typeof head): string {
  return `${JSON.stringify(written)}\n`;
}

/** A journal of photos that wait, with nothing of how they came to. */
export function journalOf(photos: readonly JournalPhoto[]): string {
  return lineOf(head) + photos.map((waits) => lineOf({ waits })).join('');
}

/**
 * The photos that waited when the last line was written, in their order. A line that cannot be read, as the last one
 * after a crash may be, is passed over; a journal of another version holds nothing for this one.
 */
export function replay(text: string): readonly JournalPhoto[] {
  const [first, ...lines] = text.split('\n').map(parsed);
  if (!headSchema.safeParse(first).success) return [];
  let photos = new Map<string, JournalPhoto>();
  for (const line of lines) {
    const { data } = change.safeParse(line);
    if (data === undefined) continue;
    if ('waits' in data) photos.set(data.waits.path, data.waits);
    else if ('gone' in data) photos.delete(data.gone);
    else if ('moved' in data) photos = movedPhotos(photos, new Set(data.moved), data.before);
    else {
      const known = photos.get(data.path);
      if (known !== undefined) photos.set(data.path, { ...known, overrides: data.overrides });
    }
  }
  return [...photos.values()];
}

function movedPhotos(
  photos: ReadonlyMap<string, JournalPhoto>,
  moving: ReadonlySet<string>,
  before: string | null,
): Map<string, JournalPhoto> {
  return new Map(
    withMoved(
      [...photos],
      ([path]) => moving.has(path),
      ([path]) => path === before,
    ),
  );
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
