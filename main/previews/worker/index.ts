/** The entry of the preview process: makes thumbnails, tiles and cuts beside the workers, so that neither waits. */
import type { FromPreviewer, ToPreviewer } from '../messages.ts';
import { makePicture } from './pictures.ts';

/** What Electron's utility process offers as `process.parentPort`. */
interface ParentPort {
  postMessage(message: FromPreviewer): void;
  on(event: 'message', listener: (event: { readonly data: ToPreviewer }) => void): unknown;
}

// A list that is scrolled fast asks for many; more at once would only share the same cores.
const atOnce = 2;
let running = 0;
const waiting: ToPreviewer[] = [];

/** A spot that somebody clicked: milliseconds of work, which wait for nothing. */
function isUrgent({ request }: ToPreviewer): boolean {
  return request.kind === 'cut' || request.kind === 'show';
}

async function answer(port: ParentPort, { id, request }: ToPreviewer): Promise<void> {
  running += 1;
  port.postMessage({ kind: 'begun', id });
  try {
    await makePicture(request);
    port.postMessage({ kind: 'ended', id });
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    const message = 'This picture cannot be shown: its file is damaged or gone.';
    port.postMessage({ kind: 'ended', id, error: { code: 'preview-failed', message, details: { cause } } });
  }
  running -= 1;
  pump(port);
}

function pump(port: ParentPort): void {
  while (running < atOnce && waiting.length > 0) {
    // What a person looks at goes before the rows of a list, and the latest rows are the visible ones.
    const wanted = waiting.findIndex(({ request }) => request.kind !== 'thumbnail');
    const [next] = waiting.splice(wanted === -1 ? waiting.length - 1 : wanted, 1);
    if (next !== undefined) void answer(port, next);
  }
}

const { parentPort } = process as unknown as { readonly parentPort: ParentPort };
parentPort.on('message', ({ data }) => {
  if (isUrgent(data)) void answer(parentPort, data);
  else waiting.push(data);
  pump(parentPort);
});
