/** The entry of a worker process: receives tasks, runs them, answers. */
import { assertNever } from '../engine/errors.ts';
import { Desk } from './desk.ts';
import { connectToParent } from './parent-port.ts';
import type { ToWorker } from './protocol.ts';
import { readReport } from './report.ts';
import { runTask } from './run-task.ts';

const port = connectToParent();
const aborts = new Map<number, AbortController>();
let desk: Desk | undefined;

function receive(message: ToWorker): void {
  switch (message.type) {
    case 'configure':
      desk = new Desk(message.config, (notice) => {
        port.send({ type: 'notice', notice });
      });
      port.send({ type: 'ready' });
      if (message.config.preload !== undefined) void desk.preload(message.config.preload);
      return;
    case 'task':
      answer(message.taskId, message.task).catch((error: unknown) => {
        // A bug. The pool starts another worker and counts this one's end; what is written here goes into its report.
        console.error(error);
        process.exit(1);
      });
      return;
    case 'cancel':
      aborts.get(message.taskId)?.abort();
      return;
    case 'report':
      // Between two strips, and after the warm-up: memory then stands still, and whoever measures knows us ready.
      void configured().inference.run(() => {
        port.send({ type: 'report', report: readReport(configured(), message.collectGarbage) });
        return Promise.resolve();
      });
      return;
    case 'shutdown':
      return process.exit(0);
    default:
      assertNever(message);
  }
}

async function answer(taskId: number, task: Extract<ToWorker, { type: 'task' }>['task']): Promise<void> {
  const abort = new AbortController();
  aborts.set(taskId, abort);
  const result = await runTask(configured(), task, abort.signal, () => {
    port.send({ type: 'tile', taskId });
  });
  aborts.delete(taskId);
  port.send({ type: 'done', taskId, result });
}

function configured(): Desk {
  if (desk === undefined) throw new Error('A worker is configured before its first task.');
  return desk;
}

port.onMessage(receive);
