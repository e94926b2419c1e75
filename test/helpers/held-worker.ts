/**
 * A worker that can be held in the middle of a photo, so that a test ends it there and not a moment later: the real one,
 * which stops after the first tile that it tells of a strip whose `holdFile` is there.
 */
import { existsSync } from 'node:fs';
import type { FromWorker, ToWorker } from '../../main/worker/protocol.ts';
import { holdFile } from './hold-file.ts';

const holds = new Map<number, string>();
process.on('message', (message: ToWorker) => {
  if (message.type !== 'task' || message.task.kind !== 'infer') return;
  holds.set(message.taskId, holdFile(message.task.photo.source, message.task.stripIndex));
});

type Send = (message: FromWorker, handle: undefined, options: undefined, sent: () => void) => boolean;
const send = process.send!.bind(process) as Send;
process.send = ((message, handle, options, sent) => {
  const hold = message.type === 'tile' ? holds.get(message.taskId) : undefined;
  if (hold === undefined || !existsSync(hold)) return send(message, handle, options, sent);
  return send(message, handle, options, () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
}) as Send as NonNullable<typeof process.send>;

await import('../../main/worker/index.ts');
